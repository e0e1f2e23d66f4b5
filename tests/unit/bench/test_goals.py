"""Figures against their goals."""

import pytest

from bench.goals import GOALS, Goal

BOTH = Goal("a ratio", 0.8, must=1.0)
ONE = Goal("a time", 25, unit="ms")


@pytest.mark.parametrize(
    ("goal", "measured", "reached"),
    [
        (BOTH, 0.8, "yes"),
        (BOTH, 0.81, "must only"),
        (BOTH, 1.0, "must only"),
        (BOTH, 1.01, "no"),
        (ONE, 25.0, "yes"),
        (ONE, 25.1, "no"),
    ],
)
def test_goal_is_an_upper_bound(goal: Goal, measured: float, reached: str) -> None:
    """A goal is an upper bound; a figure that misses it may still be within the hard limit."""
    assert goal.reached(measured) == reached


def test_is_judged_as_it_is_shown() -> None:
    """A value that is shown as its limit has reached it."""
    assert (BOTH.shown(1.004), BOTH.reached(1.004)) == ("1.00", "must only")
    assert (ONE.shown(25.04), ONE.reached(25.04)) == ("25.0 ms", "yes")


def test_figures_have_names_of_their_own() -> None:
    """Rows of the summary are told apart by their figure, which must not break the table."""
    figures = [goal.figure for goal in GOALS.values()]
    assert len(set(figures)) == len(figures)
    assert not any("|" in figure for figure in figures)


def test_limit_is_no_harder_than_its_goal() -> None:
    """Whatever reaches a goal is what it must be."""
    assert all(goal.must is None or goal.must > goal.goal for goal in GOALS.values())
