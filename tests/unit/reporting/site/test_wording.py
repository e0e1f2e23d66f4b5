"""Words, numbers and times as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.model import Outcome
from uitest.reporting.site import wording


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "–"),
        (-1, "0.00 s"),
        (0.424, "0.42 s"),
        (9.999, "10.0 s"),
        (59.96, "1 min 00 s"),
        (125.4, "2 min 05 s"),
        (3720, "1 h 02 min"),
    ],
)
def test_span_uses_two_units(seconds: float | None, text: str) -> None:
    """Durations use the two largest relevant units."""
    assert wording.span(seconds) == text


def test_times_are_shown_in_utc() -> None:
    """Both forms name the moment in UTC."""
    assert wording.iso(1_760_000_000.9) == "2025-10-09T08:53:20Z"
    assert wording.utc(1_760_000_000.9) == "2025-10-09 08:53:20 UTC"


@quick
@given(st.floats())
def test_no_time_breaks_a_page(epoch: float) -> None:
    """Whatever a worker's clock said, there is a text for it."""
    assert wording.utc(epoch)
    assert isinstance(wording.iso(epoch), str)


def test_say_tells_the_worst_first() -> None:
    """Outcomes are listed by how much they need a person; absent ones are left out."""
    assert wording.say({"passed": 1200, "not_started": 1, "failed": 2}) == "2 failed, 1,200 passed, 1 not started"
    assert wording.say({}) == ""


def test_every_outcome_has_its_own_sign() -> None:
    """Colour is never the only difference between two outcomes."""
    assert set(wording.SYMBOLS) == set(wording.ORDER) == set(Outcome)
    assert len(set(wording.SYMBOLS.values())) == len(Outcome)


@quick
@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_pages_are_always_utf_8(text: str) -> None:
    """Lone surrogates and control characters never reach a page."""
    page = wording.legible(text).decode()
    assert not any(ord(char) < 32 and char not in "\t\n\r" for char in page)
