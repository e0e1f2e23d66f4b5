"""The longest time between two runs of a schedule."""

import pytest

from uitest.deploy.schedules import longest_interval

HOUR, DAY = 3600, 86400


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("rate(1 hour)", HOUR),
        ("rate(15 minutes)", 900),
        ("rate(2 days)", 2 * DAY),
        ("cron(* * * * ? *)", 60),
        ("cron(0/15 * * * ? *)", 900),
        ("cron(5,10 * * * ? *)", 3300),
        ("cron(0 6 * * ? *)", DAY),
        ("cron(0 8-18 * * ? *)", 14 * HOUR),
        ("cron(0 8-18/5 * * ? *)", 14 * HOUR),
        ("cron(30 9 ? * MON-FRI *)", 3 * DAY),
        ("cron(30 9 ? * 2,4,6 *)", 3 * DAY),
        ("cron(0 0 1 * ? *)", 31 * DAY),
        ("cron(0 0 1 JAN,JUL ? *)", 184 * DAY),
    ],
)
def test_longest_interval_counts_nights_and_weekends(schedule: str, seconds: int) -> None:
    """Nights, weekends and short months are counted."""
    assert longest_interval(schedule) == seconds


@pytest.mark.parametrize(
    "schedule",
    [
        "none", "at(2027-01-01T00:00:00)", "cron(0 6 * * ? 2027)", "cron(0 6 L * ? *)", "cron(0 6 ? * 6#3 *)",
        "cron(0 6 3W * ? *)", "cron(0 25 * * ? *)", "cron(0/0 * * * ? *)", "cron(0 6 30 FEB ? *)", "cron(0 6 * *)",
    ],
)  # fmt: skip
def test_other_schedules_are_not_understood(schedule: str) -> None:
    """Nothing is said of them."""
    assert longest_interval(schedule) is None
