"""When a run with open jobs must stop."""

import pytest

from uitest.config import RunSettings
from uitest.run.stop_conditions import reason_to_stop


@pytest.mark.parametrize(
    ("new", "deadline", "now", "reason"),
    [
        (0, None, 1e12, None),
        (0, 100.0, 100.0, None),
        (0, 100.0, 100.1, "stopped after --timeout 60 s"),
        (1, None, 0.0, None),
        (2, None, 0.0, "stopped after 2 failures (--max-failures 2)"),
        (2, 100.0, 101.0, "stopped after --timeout 60 s"),
    ],
)
def test_run_stops_after_its_time_or_its_failures(
    new: int, deadline: float | None, now: float, reason: str | None
) -> None:
    """Either limit is enough; the message names the option."""
    assert reason_to_stop(RunSettings(timeout=60, max_failures=2), new, deadline, now) == reason


def test_run_without_limits_does_not_stop() -> None:
    """However many failures it has."""
    assert reason_to_stop(RunSettings(), 1000, None, 1e12) is None
