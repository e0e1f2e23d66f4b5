"""Records the failed requests of a case's pages in Chrome over DevTools.

Events about requests are dealt with as they arrive and never kept, so that a page with hundreds of requests displaces
no other event. The body of a failed one is asked for at once without waiting for the answer, as Chrome forgets it when
the page is left. This costs a case no further round trip.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from uitest import log
from uitest.browsers.cdp.transport import Message, Transport
from uitest.browsers.failed_requests import KEPT_BODIES, LONGEST_BODY, MOST, FailedRequest, Headers, body_text
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)

LIMITS: Mapping[str, int] = {
    "maxTotalBufferSize": KEPT_BODIES,
    "maxResourceBufferSize": LONGEST_BODY,
    "maxPostDataSize": LONGEST_BODY,
}
ABORTED = "net::ERR_ABORTED"
"""The problem of a request that the page itself has given up, by leaving for example; this is no failure."""
BODY_TIMEOUT_S = 1.0
"""Seconds that the end of a case waits for bodies; a page that does not respond gives none."""
MOST_OPEN = 2_000
"""Requests without an end that are remembered; the oldest are dropped."""


class CdpRequests:
    """The failed requests of all windows and frames of a case."""

    lacks = ""

    def __init__(self, wire: Transport, sessions: Callable[[], Iterable[str]]) -> None:
        """``sessions`` are the DevTools sessions with pages that are attached already."""
        self._wire, self._sessions = wire, sessions
        self._open: dict[str, dict[str, Any]] = {}
        """What events have told of requests without an end, by id."""
        self._failed: dict[str, FailedRequest] = {}
        self._asked: set[str] = set()
        """Requests of which the body has been asked for and not come yet."""

    def start(self) -> None:
        """Record from now on. Raises BrowserError."""
        self._wire.divert = self._hear
        for session in self._sessions():
            self._wire.post("Network.enable", session, **LIMITS)

    def failed(self) -> list[FailedRequest]:
        """The failed requests so far, oldest first. Bodies that have not come yet are waited for. Never raises."""
        deadline = time.monotonic() + BODY_TIMEOUT_S
        with log.suppress(LOGGER, "bodies of the last requests are missing", BrowserError):
            self._wire.call("Browser.getVersion")  # earlier events arrive before its answer
            while self._asked and (left := deadline - time.monotonic()) > 0:
                self._wire.listen(left)
        return list(self._failed.values())

    def _hear(self, event: Message) -> bool:
        """Whether an event is about a request; a page or frame that is attached is listened to as well."""
        method, params = event["method"], event["params"]
        if method == "Target.attachedToTarget" and params["targetInfo"]["type"] in ("page", "iframe"):
            self._wire.post("Network.enable", params["sessionId"], **LIMITS)
        if not method.startswith("Network."):
            return False
        if "requestId" in params and "sessionId" in event:
            with log.suppress(LOGGER, "an event of a request is not understood", KeyError, TypeError, ValueError):
                self._note(method, params["requestId"], params, event["sessionId"])
        return True

    def _note(self, method: str, name: str, params: Message, session: str) -> None:
        if method == "Network.requestWillBeSentExtraInfo":  # before or after the next one
            self._request(name)["headers"] = params["headers"]
        elif method == "Network.requestWillBeSent":
            self._request(name)["sent"] = params
        elif method == "Network.responseReceived":
            self._request(name)["received"] = params["response"]
        elif method == "Network.loadingFailed":
            request = self._open.pop(name, {})
            if "sent" in request and not params.get("canceled") and params["errorText"] != ABORTED:
                self._keep(name, _failed(request, params, params["errorText"]))
        elif method == "Network.loadingFinished":
            request = self._open.pop(name, {})
            if "sent" in request and request.get("received", {}).get("status", 0) >= 400:
                self._keep(name, _failed(request, params))
                self._asked.add(name)
                self._wire.post_for(
                    lambda answer: self._add_body(name, answer), "Network.getResponseBody", session, requestId=name
                )

    def _request(self, name: str) -> dict[str, Any]:
        if len(self._open) > MOST_OPEN:
            del self._open[next(iter(self._open))]
        return self._open.setdefault(name, {})

    def _keep(self, name: str, request: FailedRequest) -> None:
        self._failed[name] = request
        if len(self._failed) > MOST:
            del self._failed[next(iter(self._failed))]

    def _add_body(self, name: str, answer: Message) -> None:
        self._asked.discard(name)
        if name in self._failed and "result" in answer:
            result = answer["result"]
            body = body_text(result["body"], is_base64=result["base64Encoded"])
            self._failed[name] = self._failed[name].with_received(body)


def _failed(request: Mapping[str, Any], end: Message, problem: str = "") -> FailedRequest:
    sent, received = request["sent"], request.get("received", {})
    return FailedRequest(
        sent["wallTime"],
        end["timestamp"] - sent["timestamp"],
        sent.get("type", "other").lower(),
        sent["request"]["method"],
        sent["request"]["url"],
        received.get("status", 0),
        problem,
        _headers(request.get("headers") or sent["request"]["headers"]),
        sent["request"].get("postData"),
        _headers(received.get("headers", {})),
    )


def _headers(headers: Mapping[str, Any]) -> Headers:
    return tuple((name, str(value)) for name, value in headers.items())
