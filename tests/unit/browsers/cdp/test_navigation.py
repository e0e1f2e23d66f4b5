"""Where a page is and whether it is on its way, for the orders of events that Chrome was seen to tell."""

from typing import Any

import pytest

from uitest.browsers.cdp.navigation import Navigation

SHORT = {
    "scheduled": ("frameScheduledNavigation", {"delay": 0}),
    "later": ("frameScheduledNavigation", {"delay": 5}),
    "requested": ("frameRequestedNavigation", {}),
    "started": ("frameStartedLoading", {}),
    "cleared": ("frameClearedScheduledNavigation", {}),
    "stopped": ("frameStoppedLoading", {}),
    "within": ("navigatedWithinDocument", {}),
}


def hear(journey: Navigation, event: str, frame: str = "F") -> Navigation:
    """Have it hear events of a frame by their short names, ``navigated`` among them."""
    for number, name in enumerate(event.split()):
        if name == "navigated":
            params: dict[str, Any] = {"frame": {"id": "F", "loaderId": f"{event}/{number}"}}
            params["frame"] |= {} if frame == "F" else {"id": frame, "parentId": "F"}
            journey.hear({"method": "Page.frameNavigated", "params": params})
        else:
            method, params = SHORT[name]
            journey.hear({"method": f"Page.{method}", "params": {"frameId": frame, **params}})
    return journey


@pytest.mark.parametrize(
    ("event", "leaving", "loading"),
    [
        ("scheduled", True, False),
        ("scheduled requested", True, False),
        ("requested", True, False),
        ("scheduled requested cleared", True, False),
        ("scheduled requested started", False, True),
        ("scheduled requested cleared started", False, True),
        ("requested scheduled started stopped", False, False),  # never cleared: the page went on to another process
        ("scheduled requested started cleared navigated", False, True),
        ("scheduled requested started cleared navigated stopped", False, False),
        ("scheduled cleared", False, False),
        ("scheduled cleared scheduled requested", True, False),
        ("later", False, False),
        ("scheduled started within stopped cleared", False, False),
        ("started navigated stopped", False, False),
    ],
)
def test_page_is_leaving_loading_or_there_by_its_own_events(event: str, leaving: bool, loading: bool) -> None:
    """It means to leave, it is loading, or it is there; what frames in it do is nothing to it."""
    journey = hear(Navigation("F"), event)
    assert (journey.leaving, journey.loading) == (leaving, loading)
    assert (journey.departures > 0) == (event != "later")
    other = hear(Navigation("F"), event, "in it")
    assert (other.leaving, other.loading, other.departures, other.arrivals, other.loader) == (False, False, 0, 0, "")


def test_documents_and_places_are_counted() -> None:
    """Documents and places in them are counted; only documents have ids."""
    journey = hear(Navigation("F"), "started navigated stopped")
    assert (journey.arrivals, journey.loader) == (1, "started navigated stopped/1")
    hear(journey, "scheduled started within stopped cleared")
    assert (journey.arrivals, journey.loader) == (2, "started navigated stopped/1")


def test_navigation_that_is_called_off_stays() -> None:
    """What nobody tells can be said: it stays."""
    journey = hear(Navigation("F"), "requested scheduled")
    journey.call_off()
    assert not journey.leaving
