"""A clock that nobody sets and that goes on while the machine sleeps, for how long a run took."""

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux's ``CLOCK_MONOTONIC`` stands still while the machine sleeps; that of macOS, which has no other, does not."""


def uptime_s() -> float:
    """Seconds since some moment before this process, those asleep included."""
    return time.clock_gettime(_CLOCK)
