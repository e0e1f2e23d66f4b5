"""Records the failed requests of a case's pages in Firefox over BiDi.

Firefox collects the bodies that come back and keeps them after the page is left, so they are asked for at the end of a
case, those of failed requests only. Trade-off: the body that was sent is missing, as Firefox 153 collects it but does
not answer when it is asked for.
"""

import contextlib
import logging
from typing import Any

from uitest import log
from uitest.browsers.cdp.transport import Message, RefusedError, Request, Transport
from uitest.browsers.failed_requests import LONGEST_BODY, MOST, FailedRequest, Headers, body_text
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)

EVENTS = ("network.responseCompleted", "network.fetchError")
ABORTED = ("NS_BINDING_ABORTED", "NS_ERROR_ABORT")
"""Problems of a request that the page itself has given up; this is no failure."""
BODY_TIMEOUT_S = 1.0


class BidiRequests:
    """The failed requests of the case that runs in this Firefox."""

    lacks = "The body that was sent is recorded in Chrome only."

    def __init__(self, wire: Transport) -> None:
        self._wire = wire
        self._is_started = False
        self._failed: dict[str, FailedRequest] = {}
        """By id."""

    def start(self) -> None:
        """Record the requests of the next case. Raises BrowserError."""
        self._failed.clear()
        if not self._is_started:
            bodies = {"dataTypes": ["response"], "maxEncodedDataSize": LONGEST_BODY}
            self._wire.calls([("session.subscribe", {"events": list(EVENTS)}), ("network.addDataCollector", bodies)])
            self._wire.divert = self._hear
            self._is_started = True

    def failed(self) -> list[FailedRequest]:
        """The failed requests so far, oldest first, with the bodies that came back. Never raises."""
        with log.suppress(LOGGER, "bodies of failed requests are missing", BrowserError):
            for name in [name for name, request in self._failed.items() if request.status]:
                with contextlib.suppress(RefusedError):  # there was none, or Firefox has dropped it
                    self._failed[name] = self._failed[name].with_received(self._body(name))
        return list(self._failed.values())

    def _body(self, name: str) -> str | None:
        request: Request = ("network.getData", {"dataType": "response", "request": name})
        content = self._wire.calls([request], timeout=BODY_TIMEOUT_S)[0]["bytes"]
        return body_text(content["value"], is_base64=content["type"] == "base64")

    def _hear(self, event: Message) -> bool:
        """Whether an event is about a request."""
        if event["method"] not in EVENTS:
            return False
        with log.suppress(LOGGER, "an event of a request is not understood", KeyError, TypeError, ValueError):
            params = event["params"]
            request = _failed(params)
            if request.problem not in ABORTED and (request.problem or request.status >= 400):
                self._failed[params["request"]["request"]] = request
                if len(self._failed) > MOST:
                    del self._failed[next(iter(self._failed))]
        return True


def _failed(params: Message) -> FailedRequest:
    request, response = params["request"], params.get("response", {})
    sent_ms = request["timings"]["requestTime"]
    return FailedRequest(
        sent_ms / 1000,
        (params["timestamp"] - sent_ms) / 1000,
        request.get("destination") or "fetch",
        request["method"],
        request["url"],
        response.get("status", 0),
        params.get("errorText", ""),
        _headers(request["headers"]),
        None,
        _headers(response.get("headers", [])),
    )


def _headers(headers: list[dict[str, Any]]) -> Headers:
    return tuple((header["name"], header["value"]["value"]) for header in headers)
