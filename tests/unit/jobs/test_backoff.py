"""How often a state machine looks at its run."""

import pytest

from uitest.jobs.backoff import pause_s, poll_count


def test_pauses_grow_but_stay_below_the_limit() -> None:
    """Pauses are short at first, and never so long that the run seems dead."""
    assert [pause_s(elapsed) for elapsed in (0, 300, 600, 100_000)] == [5, 5, 10, 50]


@pytest.mark.parametrize("duration", [0, 4, 60, 299, 900, 5_000, 86_400])
def test_poll_count_is_within_three_percent(duration: int) -> None:
    """The estimate is within three per cent of a count."""
    counted, elapsed = 0, 0.0
    while elapsed <= duration:
        counted += 1
        elapsed += pause_s(elapsed)
    assert poll_count(duration) == pytest.approx(counted, abs=1 + counted * 0.03)


def test_polls_of_a_day_fit_into_one_execution() -> None:
    """Which may have 25,000 events."""
    assert 9 * poll_count(86_400) < 20_000
