"""Runners in turn, and the figures that come of it."""

from bench.peers import PYTEST_PLAYWRIGHT, PYTEST_SELENIUM, SELENIUMBASE, UITEST, Peer
from bench.session import Measure
from bench.speed import Row, ratios, table, turn


def row(peer: Peer, *walls: float, missing: str | None = None) -> Row:
    """A runner with these wall times, processor time twice as long."""
    return Row(peer, {"pytest": "9"}, [Measure(wall, 2 * wall, True) for wall in walls], missing)


def test_turn_goes_forwards_and_backwards() -> None:
    """Nobody is always first; runners that take long sit rounds out, missing ones all of them."""
    rows = [
        row(UITEST),
        row(PYTEST_SELENIUM),
        row(SELENIUMBASE),
        row(PYTEST_PLAYWRIGHT),
        row(UITEST, missing="no pytest"),
    ]
    names = [[result.peer.name for result in turn(rows, number)] for number in range(3)]
    assert names == [
        ["uitest", "pytest-selenium", "seleniumbase", "pytest-playwright"],
        ["pytest-playwright", "uitest"],
        ["uitest", "pytest-selenium", "pytest-playwright"],
    ]


def test_ratios_are_of_medians() -> None:
    """uitest's median wall time over each peer's, where both have one."""
    rows = [row(UITEST, 2.0, 9.0, 3.0), row(PYTEST_SELENIUM, 12.0), row(PYTEST_PLAYWRIGHT, 4.0, missing="died")]
    assert ratios("speed", rows) == {"speed.selenium": 0.25}
    assert ratios("speed", [row(UITEST, missing="died"), row(PYTEST_SELENIUM, 12.0)]) == {}


def test_table_says_why_a_runner_is_missing() -> None:
    """A missing runner has a row without numbers, and its reason cannot break the table."""
    lines = table([row(UITEST, 2.0), row(PYTEST_SELENIUM, missing="a|b")], cases=4, workers="2 workers")
    assert lines[-2] == "| uitest | 1 | 2.0 (2.0-2.0) | 1.00 | 4.0 (4.0-4.0) | 1.00 | 1.00 | pytest 9 |"
    assert lines[-1] == "| pytest-selenium | missing: a\\|b | | | | | | pytest 9 |"
