"""A WebSocket client for Chrome's DevTools protocol and WebDriver BiDi, which share their message format.

Requests are ``{"id", "method", "params"}``, responses have the same id, and events have none. Selenium's BiDi client is
not used, because up to 4.51 it polls for responses every 0.1 s, and in Chrome it loads a mapper into a hidden tab, so
that a fresh context would cost more than the case.
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

MAX_EVENTS = 2_000
"""Maximum number of events that are kept until they are taken; the oldest are dropped."""

Message: TypeAlias = Mapping[str, Any]
Request: TypeAlias = tuple[str, Mapping[str, Any]]
"""Method and parameters."""


class RefusedError(BrowserError):
    """The browser refused a request."""

    def __init__(self, message: str, reason: str = "") -> None:
        """``reason`` is the browser's message."""
        super().__init__(message)
        self.reason = reason


class InterruptedCall(BrowserError):
    """The response will not come, or not soon, because of an event or a timeout."""


class Transport:
    """Sends requests, and keeps the events that arrive meanwhile; thread-safe."""

    def __init__(self, url: str, timeout: float = 20.0) -> None:
        """Connect. Raises BrowserError; ``timeout`` is in seconds and also the default of requests."""
        try:
            self._socket = websocket.create_connection(
                url, timeout=timeout, suppress_origin=True, skip_utf8_validation=True
            )
        except (OSError, websocket.WebSocketException) as exc:
            raise BrowserError(f"the browser does not accept connections on {url}: {exc}") from exc
        self._events: deque[dict[str, Any]] = deque(maxlen=MAX_EVENTS)
        self._last = 0
        self._awaited: dict[int, Callable[[Message], None]] = {}
        """Takers of responses that nobody waits for, by the request's id."""
        self.divert: Callable[[Message], bool] | None = None
        """Sees each event as it arrives and returns whether it is dealt with, so that it is not kept."""
        self.timeout = timeout
        """Default timeout of a response in seconds."""
        self._lock = threading.RLock()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of one request. Raises BrowserError with the browser's message."""
        return self.calls([(method, params)])[0]

    def calls(
        self,
        requests: Sequence[Request],
        session: str | None = None,
        interrupts: Callable[[Message], bool] | None = None,
        timeout: float | None = None,
    ) -> list[dict[str, Any]]:
        """The results of several requests that are sent together, in their order.

        ``session`` is a DevTools session id. Raises RefusedError for the first refused request, after all responses;
        InterruptedCall for an event for which ``interrupts`` is true, or after ``timeout`` seconds; and BrowserError
        if the browser has ended.
        """
        with self._lock, self._command_timeout(timeout) as deadline:
            waiting = [self.post(method, session, **params) for method, params in requests]
            answers: dict[int, dict[str, Any]] = {}
            try:
                while len(answers) < len(waiting):
                    message = self._receive(deadline)
                    if message.get("id") in waiting:
                        answers[message["id"]] = message
                    elif self._is_kept(message) and interrupts is not None and interrupts(message):
                        raise InterruptedCall(f"{message['method']} came before the answer to {requests[0][0]}")
            except websocket.WebSocketTimeoutException as exc:
                raise InterruptedCall(f"no answer to {requests[0][0]} in time") from exc
            except (OSError, ValueError, websocket.WebSocketException) as exc:
                raise BrowserError(f"the browser went away during {requests[0][0]}: {exc}") from exc
        return [_result(method, answers[number]) for number, (method, _) in zip(waiting, requests, strict=True)]

    def listen(self, timeout: float) -> None:
        """Wait for the next event. Raises InterruptedCall if none comes in ``timeout`` seconds, and BrowserError."""
        with self._lock, self._command_timeout(max(timeout, 0.001)) as deadline:
            try:
                message = self._receive(deadline)
            except websocket.WebSocketTimeoutException as exc:
                raise InterruptedCall(f"nothing happened for {timeout:.0f} s") from exc
            except (OSError, ValueError, websocket.WebSocketException) as exc:
                raise BrowserError(f"the browser went away: {exc}") from exc
            self._is_kept(message)

    def _is_kept(self, message: dict[str, Any]) -> bool:
        """Whether a message that nobody waits for is an event to be kept; hands a response to its taker."""
        taker = self._awaited.pop(message.get("id", 0), None)
        if taker is not None:
            taker(message)
        if "method" not in message or (self.divert is not None and self.divert(message)):
            return False
        self._events.append(message)
        return True

    @contextmanager
    def _command_timeout(self, timeout: float | None) -> Iterator[float]:
        """Set the socket's timeout for the block; yields the deadline by the monotonic clock."""
        seconds = self.timeout if timeout is None else timeout
        self._socket.settimeout(seconds)
        try:
            yield time.monotonic() + seconds
        finally:
            self._socket.settimeout(self.timeout)

    def _receive(self, deadline: float) -> dict[str, Any]:
        """The next message. The deadline holds for all messages, as a page may send events forever."""
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise websocket.WebSocketTimeoutException
        self._socket.settimeout(remaining)
        message: dict[str, Any] = json.loads(self._socket.recv())
        return message

    def post_for(
        self, taker: Callable[[Message], None], method: str, session: str | None = None, **params: Any
    ) -> None:
        """Send a request without waiting; ``taker`` is called with the response, while another one is waited for."""
        with self._lock:
            self._awaited[self.post(method, session, **params)] = taker

    def post(self, method: str, session: str | None = None, **params: Any) -> int:
        """Send a request without waiting; returns its id. ``session`` is a DevTools session id."""
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
        """Events received so far, oldest first; each is returned once."""
        with self._lock:
            events = list(self._events)
            self._events.clear()
        return events

    def events(self) -> list[dict[str, Any]]:
        """Events received so far, without taking them."""
        with self._lock:
            return list(self._events)

    def close(self) -> None:
        """Close the connection; errors are ignored."""
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
