"""How much of a case's time its recording may take.

What a look costs is known from the last few in the same engine. One that would take the sum beyond its share of the
case's time so far is left out: pictures first, which cost most, then pages. So the limit holds by construction, but for
a worker's first few looks. Given up: pictures in the first moments of a case, while it has no time to take a share of.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from statistics import median

SHARES = {"picture": 0.06, "page": 0.12}
"""Of the case's own time, for all that recording does; pictures leave pages room."""

EXPECTED_S = {"picture": 0.03, "page": 0.005}
"""Before anything is known."""


class Costs:
    """What looks cost in one engine; the first one is mostly slow and must not count for all."""

    def __init__(self) -> None:
        self._recent = {kind: deque([expected] * 3, maxlen=5) for kind, expected in EXPECTED_S.items()}

    def learn(self, kind: str, seconds: float) -> None:
        """A look of this kind took so long."""
        self._recent[kind].append(seconds)

    def of(self, kind: str) -> float:
        """Seconds that the next one will take."""
        return median(self._recent[kind])


class Budget:
    """Of one case."""

    def __init__(
        self,
        costs: Costs,
        *,
        limited: bool,
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Where it is not ``limited``, all is allowed; ``aside`` surrounds all that is spent."""
        self._costs = costs
        self._limited, self._aside = limited, aside
        self._clock = clock
        self._began = clock()
        self._spent = 0.0
        self._since: float | None = None
        self.refused = dict.fromkeys(SHARES, 0)
        """How often, by kind of look."""

    @property
    def spent(self) -> float:
        """Seconds that recording has taken."""
        return self._spent + (0.0 if self._since is None else self._clock() - self._since)

    def allows(self, kind: str) -> bool:
        """Whether there is time for another look of this kind; if not, it counts as refused."""
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
        """Count the block."""
        with self._aside():
            self._since = self._clock()
            try:
                yield
            finally:
                self._spent, self._since = self.spent, None

    def learn(self, kind: str, seconds: float) -> None:
        """A look of this kind took so long."""
        self._costs.learn(kind, seconds)
