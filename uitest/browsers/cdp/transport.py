"""One WebSocket to a browser: Chrome's DevTools protocol and WebDriver BiDi share this message shape.

Both answer ``{"id", "method", "params"}`` with the same id and send events without one. Selenium reaches the
same sockets, but its BiDi client polls for answers every 0.1 s up to 4.51, and on Chrome it first loads a
mapper into a hidden tab of its own; a fresh context for each case would cost more than the case. Given up: the
typed classes Selenium generates for these protocols.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import websocket

from uitest.errors import BrowserError

EVENTS_KEPT = 2_000
"""Newest events kept until somebody takes them: a page that logs for ever must not fill the memory."""

Message: TypeAlias = Mapping[str, Any]
Request: TypeAlias = tuple[str, Mapping[str, Any]]
"""Method and parameters."""


class RefusedError(BrowserError):
    """The browser is there and says no."""

    def __init__(self, message: str, reason: str = "") -> None:
        """``reason`` is what the browser said."""
        super().__init__(message)
        self.reason = reason


class InterruptedCall(BrowserError):
    """Something happened after which the answer will not come, or not soon."""


class Transport:
    """Sends commands and keeps the events that arrive meanwhile; threads take turns."""

    def __init__(self, url: str, timeout: float = 20.0) -> None:
        """Connect; raises BrowserError when nobody answers within ``timeout`` seconds, now or later."""
        try:
            self._socket = websocket.create_connection(
                url, timeout=timeout, suppress_origin=True, skip_utf8_validation=True
            )
        except (OSError, websocket.WebSocketException) as exc:
            raise BrowserError(f"the browser does not accept connections on {url}: {exc}") from exc
        self._events: deque[dict[str, Any]] = deque(maxlen=EVENTS_KEPT)
        self._last = 0
        self.timeout = timeout
        """Seconds an answer may take unless its command says otherwise."""
        self._lock = threading.RLock()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command. Raises BrowserError with the browser's own words."""
        return self.calls([(method, params)])[0]

    def calls(
        self,
        requests: Sequence[Request],
        session: str | None = None,
        interrupts: Callable[[Message], bool] | None = None,
        timeout: float | None = None,
    ) -> list[dict[str, Any]]:
        """The results of several commands that are sent at once, in their order.

        ``session`` is a DevTools session id. Raises RefusedError for the first command that the browser refuses
        once all are answered, InterruptedCall as soon as an event comes that ``interrupts`` is true for or when the
        answers take longer than ``timeout`` seconds, and BrowserError if the browser went away.
        """
        with self._lock, self._command_timeout(timeout) as give_up:
            waiting = [self.post(method, session, **params) for method, params in requests]
            answers: dict[int, dict[str, Any]] = {}
            try:
                while len(answers) < len(waiting):
                    message = self._receive(give_up)
                    if message.get("id") in waiting:
                        answers[message["id"]] = message
                    elif "method" in message:
                        self._events.append(message)
                        if interrupts is not None and interrupts(message):
                            raise InterruptedCall(f"{message['method']} came before the answer to {requests[0][0]}")
            except websocket.WebSocketTimeoutException as exc:
                raise InterruptedCall(f"no answer to {requests[0][0]} in time") from exc
            except (OSError, ValueError, websocket.WebSocketException) as exc:
                raise BrowserError(f"the browser went away during {requests[0][0]}: {exc}") from exc
        return [_result(method, answers[number]) for number, (method, _) in zip(waiting, requests, strict=True)]

    def listen(self, timeout: float) -> None:
        """Wait for the next event. Raises InterruptedCall if none comes in ``timeout`` seconds, and BrowserError."""
        with self._lock, self._command_timeout(max(timeout, 0.001)) as give_up:
            try:
                message = self._receive(give_up)
            except websocket.WebSocketTimeoutException as exc:
                raise InterruptedCall(f"nothing happened for {timeout:.0f} s") from exc
            except (OSError, ValueError, websocket.WebSocketException) as exc:
                raise BrowserError(f"the browser went away: {exc}") from exc
            if "method" in message:
                self._events.append(message)

    @contextmanager
    def _command_timeout(self, timeout: float | None) -> Iterator[float]:
        """When the block has to be over, by the monotonic clock."""
        seconds = self.timeout if timeout is None else timeout
        self._socket.settimeout(seconds)
        try:
            yield time.monotonic() + seconds
        finally:
            self._socket.settimeout(self.timeout)

    def _receive(self, give_up: float) -> dict[str, Any]:
        """The next message. Events do not buy time: a page may send them for ever and never answer."""
        left = give_up - time.monotonic()
        if left <= 0:
            raise websocket.WebSocketTimeoutException
        self._socket.settimeout(left)
        message: dict[str, Any] = json.loads(self._socket.recv())
        return message

    def post(self, method: str, session: str | None = None, **params: Any) -> int:
        """Send a command without waiting; returns its number. ``session`` is a DevTools session id."""
        with self._lock:
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
        with self._lock:
            events = list(self._events)
            self._events.clear()
        return events

    def events(self) -> list[dict[str, Any]]:
        """The same, left to be taken."""
        with self._lock:
            return list(self._events)

    def close(self) -> None:
        """Hang up; a broken connection is as good as a closed one."""
        try:
            self._socket.shutdown()  # type: ignore[no-untyped-call]
        except (OSError, websocket.WebSocketException):
            return


def _result(method: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        error = answer["error"]  # DevTools: an object; BiDi: a code with the message beside it
        text = error.get("message") if isinstance(error, dict) else f"{error}: {answer.get('message')}"
        raise RefusedError(f"the browser refused {method}: {text}", str(text))
    result: dict[str, Any] = answer.get("result", {})
    return result
