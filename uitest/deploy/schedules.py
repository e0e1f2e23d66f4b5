"""The longest time between two runs of a schedule of EventBridge Scheduler, ``rate(...)`` or ``cron(...)``. Pure.

Rules of the expressions: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html (read 2026-11).
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

DAY = 86400
UNITS = {"minute": 60, "hour": 3600, "day": DAY}
RATE = re.compile(r"rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)")
CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) \*\)")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIRST, DAYS = date(2027, 1, 1), 5 * 365
"""The days that are looked at; one year among them is a leap year."""


def longest_interval(schedule: str) -> int | None:
    """Seconds; None for a schedule that is not understood, such as one with ``L``, ``W`` or ``#``, or of some years."""
    if rate := RATE.fullmatch(schedule):
        return int(rate[1]) * UNITS[rate[2]]
    cron = CRON.fullmatch(schedule)
    if cron is None:
        return None
    try:
        minutes, hours = _values(cron[1], 0, 59), _values(cron[2], 0, 23)
        days, months = _values(cron[3], 1, 31), _values(cron[4], 1, 12, MONTHS)
        weekdays = _values(cron[5], 1, 7, WEEKDAYS)
    except ValueError:
        return None
    times = sorted(hour * 3600 + minute * 60 for hour in hours for minute in minutes)
    dates = [
        number * DAY
        for number in range(DAYS)
        if (day := FIRST + timedelta(number)).day in days
        and day.month in months
        and day.isoweekday() % 7 + 1 in weekdays
    ]
    if len(dates) < 2:
        return None
    between_days = max(later - earlier for earlier, later in pairwise(dates)) - times[-1] + times[0]
    return max([between_days, *(later - earlier for earlier, later in pairwise(times))])


def _values(field: str, first: int, last: int, names: Sequence[str] = ()) -> set[int]:
    """The numbers that a field of a cron expression stands for. Raises ValueError for what is not understood."""
    values: set[int] = set()
    for part in field.upper().split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            low, high = first, last
        else:
            begin, _, end = span.partition("-")
            low = _number(begin, first, names)
            high = _number(end, first, names) if end else last if step else low
        if not first <= low <= high <= last or (step and int(step) < 1):
            raise ValueError(part)
        values |= set(range(low, high + 1, int(step or 1)))
    return values


def _number(text: str, first: int, names: Sequence[str]) -> int:
    return names.index(text) + first if text in names else int(text)
