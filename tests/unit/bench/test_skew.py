"""The skewed suite: durations and bounds."""

from statistics import median

import pytest

from bench.skew import durations, lower_bound, makespan
from uitest.model import Attempt, Verdict


def attempt(start: float, took: float) -> Attempt:
    """A passed attempt."""
    return Attempt(1, "worker", Verdict.PASSED, start, took)


def test_durations_have_the_asked_shape() -> None:
    """As many as asked for, rising, the longest 20 times the median."""
    result = durations(61, 0.15, 20)
    assert len(result) == 61
    assert result == sorted(result)
    assert median(result) == pytest.approx(0.15)
    assert result[-1] == pytest.approx(3.0)


def test_makespan_is_from_first_start_to_last_end() -> None:
    """Neither the order of the attempts nor gaps between them matter."""
    assert makespan([attempt(12.0, 1.0), attempt(10.0, 5.0), attempt(13.5, 0.5)]) == 5.0


@pytest.mark.parametrize(
    ("duration", "workers", "bound"),
    [([1.0, 1.0, 2.0], 2, 2.0), ([1.0, 1.0, 5.0], 2, 5.0), ([1.0, 2.0], 1, 3.0)],
)
def test_lower_bound_is_the_larger_of_share_and_longest_case(duration: list[float], workers: int, bound: float) -> None:
    """The bound is the time of fully busy workers or the longest case, whichever is longer."""
    assert lower_bound(duration, workers) == bound
