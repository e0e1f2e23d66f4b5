"""How long an inspector waits, with a wire that only writes down what it is asked."""

from collections.abc import Sequence
from typing import Any

from uitest.browsers.cdp.console import Console
from uitest.browsers.cdp.page_session import PageSession
from uitest.browsers.cdp.transport import Request, Transport
from uitest.browsers.failed_requests import NotRecorded
from uitest.browsers.page_inspector import CdpInspector

ANSWERS: dict[str, Any] = {
    "Page.getFrameTree": {"frameTree": {"frame": {"id": "f", "loaderId": "l"}}},
    "Runtime.evaluate": {"result": {"value": "complete"}},
    "Page.createIsolatedWorld": {"executionContextId": 1},
    "Runtime.callFunctionOn": {"result": {"value": "said"}},
    "Page.captureScreenshot": {"data": ""},
}


class FakeWire(Transport):
    """Answers at once."""

    def __init__(self) -> None:
        self.waits: dict[str, float | None] = {}
        """How long each question to the page may take."""

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The browser itself answers, whatever its pages do."""
        return {"sessionId": "s"}

    def calls(
        self, requests: Sequence[Request], session: Any = None, interrupts: Any = None, timeout: float | None = None
    ) -> list[dict[str, Any]]:
        self.waits |= {method: timeout for method, _ in requests}
        return [ANSWERS.get(method, {}) for method, _ in requests]

    def take_events(self) -> list[dict[str, Any]]:
        return []


def test_no_look_waits_longer_than_it_may() -> None:
    """A page may hang before anybody has looked at it: attaching and listening in are part of the look."""
    wire = FakeWire()
    console = Console()
    inspector = CdpInspector(lambda seconds: PageSession(wire, "target", console, [], seconds), console, NotRecorded())
    assert inspector.call("() => 'said'", None, "", 0.25) == "said"
    assert inspector.picture(0.25) == "data:image/jpeg;base64,"
    assert set(wire.waits) >= {"Page.enable", "Runtime.enable", "Runtime.callFunctionOn", "Page.captureScreenshot"}
    assert set(wire.waits.values()) == {0.25}
