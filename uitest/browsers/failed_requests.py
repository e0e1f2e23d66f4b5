"""Failed requests of a case's pages, with headers and bodies as far as an engine gives them.

Chrome gives both (``cdp.requests``), Firefox the headers and the body that came back (``engines.firefox.requests``).
The drivers of WebKit and of a grid give nothing, and a script in the page would be noticed by the case.
"""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values, in the order in which they were sent."""

MOST = 50
"""Failed requests of a case that are kept; the newest."""
LONGEST_BODY = 1_000_000
"""Bytes of a body that browsers are asked to keep."""
KEPT_BODIES = 10_000_000
"""The same for all bodies of a page."""


@dataclass(frozen=True)
class FailedRequest:
    """A request that was answered with an error, or not at all."""

    at: float
    """When it was sent, in seconds since the epoch by the browser's clock."""
    took: float
    kind: str
    """What asked for it, such as ``document`` or ``fetch``."""
    method: str
    url: str
    status: int = 0
    """0 without an answer."""
    problem: str = ""
    """The browser's word for why there is no answer."""
    sent_headers: Headers = ()
    sent_body: str | None = None
    received_headers: Headers = ()
    received_body: str | None = None
    """None if there was none, if it is no text, or if it was gone by the time it was asked for."""

    def with_received(self, body: str | None) -> "FailedRequest":
        """The same with the body that came back."""
        return replace(self, received_body=body)


def body_text(content: str, *, is_base64: bool) -> str | None:
    """A body as text; None if it is no text."""
    if not is_base64:
        return content
    try:
        return b64decode(content).decode()
    except ValueError:
        return None


class Requests(Protocol):
    """Failed requests of a case, with headers and bodies."""

    lacks: str
    """A sentence about what is never recorded in this browser; empty for nothing."""

    def start(self) -> None:
        """Record from now on. Raises BrowserError."""

    def failed(self) -> Sequence[FailedRequest]:
        """Those that failed so far, oldest first. Never raises."""


class NotRecorded:
    """Stands for the requests of an engine that gives none."""

    lacks = (
        "Headers and bodies of failed requests are recorded in Chrome and Firefox on this machine; "
        "the drivers of WebKit and of a grid do not give them."
    )

    def start(self) -> None:
        """Nothing to start."""

    def failed(self) -> Sequence[FailedRequest]:
        """Empty."""
        return ()
