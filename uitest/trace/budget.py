"""Limits the time that recording takes to a share of the case's own time.

The cost of an observation is estimated from the last few in the same engine. One that would exceed the share is left
out: screenshots first, which cost most, then pages. The limit therefore always holds, except for a worker's first few
observations. Trade-off: there are no screenshots in the first moments of a case.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from statistics import median

SHARES = {"picture": 0.06, "page": 0.12}
"""Shares of the case's own time up to which each kind is recorded; the lower one leaves time for pages."""

EXPECTED_S = {"picture": 0.03, "page": 0.005}
"""Initial estimates, in seconds."""


class Costs:
    """Median costs of observations in one engine, so that the first one, which is slow, does not count too much."""

    def __init__(self) -> None:
        self._recent = {kind: deque([expected] * 3, maxlen=5) for kind, expected in EXPECTED_S.items()}

    def learn(self, kind: str, seconds: float) -> None:
        """Record the seconds that an observation of this kind took."""
        self._recent[kind].append(seconds)

    def of(self, kind: str) -> float:
        """Estimated seconds of the next observation of this kind."""
        return median(self._recent[kind])


class Budget:
    """The recording time of one case."""

    def __init__(
        self,
        costs: Costs,
        *,
        limited: bool,
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """If not ``limited``, everything is allowed; ``aside`` is entered around all recording."""
        self._costs = costs
        self._limited, self._aside = limited, aside
        self._clock = clock
        self._began = clock()
        self._spent = 0.0
        self._since: float | None = None
        self.refused = dict.fromkeys(SHARES, 0)
        """Number of refused observations by kind."""

    @property
    def spent(self) -> float:
        """Seconds that recording has taken."""
        return self._spent + (0.0 if self._since is None else self._clock() - self._since)

    def allows(self, kind: str) -> bool:
        """Whether there is time for another observation of this kind; if not, it counts as refused."""
        if not self._limited:
            return True
        spent = self.spent
        case_s = self._clock() - self._began - spent
        if spent + self._costs.of(kind) <= SHARES[kind] * case_s:
            return True
        self.refused[kind] += 1
        return False

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Count the time of the block as spent."""
        with self._aside():
            self._since = self._clock()
            try:
                yield
            finally:
                self._spent, self._since = self.spent, None

    def learn(self, kind: str, seconds: float) -> None:
        """Record the seconds that an observation of this kind took."""
        self._costs.learn(kind, seconds)
