"""chromedriver's ids, and Chrome's events before a page leaves. Real ones: tests/browsers/chrome/test_protocol.py."""

import pytest

from uitest.compat import chrome_private


def test_element_ids_are_made_and_parsed() -> None:
    """Both ways."""
    text = chrome_private.element_id("A1", "B2", 34)
    assert text == "f.A1.d.B2.e.34"
    assert chrome_private.parts_of_element_id(text) == ("A1", "B2", 34)


@pytest.mark.parametrize("text", ["", "A1.B2.34", "f.A1.d.B2.e.", "f.A1.d.B2.e.34x", "node-1"])
def test_other_ids_have_no_parts(text: str) -> None:
    """What is no id of an element has no parts."""
    assert chrome_private.parts_of_element_id(text) is None


@pytest.mark.parametrize(("delay", "leaves"), [(0, True), (5, False)])
def test_page_that_means_to_leave(delay: float, leaves: bool) -> None:
    """One that will refresh itself later stays."""
    assert chrome_private.means_to_leave("Page.frameScheduledNavigation", {"delay": delay}) is leaves
    assert not chrome_private.means_to_leave("Page.frameRequestedNavigation", {})
