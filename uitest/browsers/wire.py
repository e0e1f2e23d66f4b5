"""One WebSocket to a browser: Chrome's DevTools protocol and WebDriver BiDi share this message shape.

Both answer ``{"id", "method", "params"}`` with the same id and send events without one. Selenium reaches the
same sockets, but its BiDi client polls for answers every 0.1 s up to 4.51, and on Chrome it first loads a
mapper into a hidden tab of its own; a fresh context for each case would cost more than the case. Given up: the
typed classes Selenium generates for these protocols.
"""

import json
from collections import deque
from typing import Any

import websocket

from uitest.errors import BrowserError

EVENTS_KEPT = 2_000
"""Newest events kept until somebody takes them: a page that logs for ever must not fill the memory."""


class Wire:
    """Sends commands one at a time and keeps the events that arrive meanwhile. Not shared between threads."""

    def __init__(self, url: str, timeout: float = 20.0) -> None:
        """Connect; raises BrowserError when nobody answers within ``timeout`` seconds."""
        try:
            self._socket = websocket.create_connection(url, timeout=timeout, suppress_origin=True)
        except (OSError, websocket.WebSocketException) as exc:
            raise BrowserError(f"the browser does not accept connections on {url}: {exc}") from exc
        self._events: deque[dict[str, Any]] = deque(maxlen=EVENTS_KEPT)
        self._last = 0

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command. Raises BrowserError with the browser's own words."""
        number = self.post(method, **params)
        try:
            while True:
                message = json.loads(self._socket.recv())
                if message.get("id") == number:
                    break
                if "method" in message:
                    self._events.append(message)
        except (OSError, ValueError, websocket.WebSocketException) as exc:
            raise BrowserError(f"the browser went away during {method}: {exc}") from exc
        if "error" in message:
            error = message["error"]  # DevTools: an object; BiDi: a code with the message beside it
            text = error.get("message") if isinstance(error, dict) else f"{error}: {message.get('message')}"
            raise BrowserError(f"the browser refused {method}: {text}")
        result: dict[str, Any] = message.get("result", {})
        return result

    def post(self, method: str, session: str | None = None, **params: Any) -> int:
        """Send a command without waiting; returns its number. ``session`` is a DevTools session id."""
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        try:
            self._socket.send(json.dumps(message))
        except (OSError, websocket.WebSocketException) as exc:
            raise BrowserError(f"the browser went away before {method}: {exc}") from exc
        return self._last

    def take_events(self) -> list[dict[str, Any]]:
        """Events that arrived with the answers so far, oldest first; each is handed out once."""
        events = list(self._events)
        self._events.clear()
        return events

    def close(self) -> None:
        """Hang up; a broken connection is as good as a closed one."""
        try:
            self._socket.shutdown()  # type: ignore[no-untyped-call]
        except (OSError, websocket.WebSocketException):
            return
