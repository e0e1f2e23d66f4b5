"""Polling back-off of the state machine's progress step: the longer a run takes, the longer the pauses. Pure.

The longest pause stays below the 60 s of silence after which a run counts as dead. An execution may have 25,000 events
and each poll takes nine of them; with these pauses they last for more than a day.
"""

import math

SOONEST_S, LATEST_S = 5.0, 50.0
PACE = 60
"""The elapsed time divided by this is the pause, kept between ``SOONEST_S`` and ``LATEST_S``."""


def pause_s(elapsed_s: float) -> float:
    """Seconds until the next poll of a run that started ``elapsed_s`` ago."""
    return min(LATEST_S, max(SOONEST_S, elapsed_s / PACE))


def poll_count(duration_s: float) -> int:
    """About how many polls a run of ``duration_s`` takes."""
    first, last = PACE * SOONEST_S, PACE * LATEST_S
    often = min(duration_s, first) / SOONEST_S
    slower = PACE * math.log(max(first, min(duration_s, last)) / first)
    seldom = max(0.0, duration_s - last) / LATEST_S
    return 1 + round(often + slower + seldom)
