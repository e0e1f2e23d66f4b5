"""How often a state machine looks at its run, to show it: the longer it takes, the less often. Pure.

A silence of 60 s is taken for death, so the longest pause is shorter. An execution may have 25,000 events and a look is
nine of them: with these pauses that is enough for more than a day.
"""

import math

SOONEST_S, LATEST_S = 5.0, 50.0
PACE = 60
"""A pause is this part of the time the run has taken, but from ``SOONEST_S`` to ``LATEST_S``."""


def pause_s(elapsed_s: float) -> float:
    """Seconds to the next look at a run that has taken so long."""
    return min(LATEST_S, max(SOONEST_S, elapsed_s / PACE))


def poll_count(duration_s: float) -> int:
    """About how many looks there are at a run that takes so long."""
    first, last = PACE * SOONEST_S, PACE * LATEST_S
    often = min(duration_s, first) / SOONEST_S
    slower = PACE * math.log(max(first, min(duration_s, last)) / first)
    seldom = max(0.0, duration_s - last) / LATEST_S
    return 1 + round(often + slower + seldom)
