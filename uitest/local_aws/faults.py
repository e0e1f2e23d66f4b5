"""Injected faults: random shares of asynchronous invocations, reproducible by a seed; a function that is not ready."""

import random
import threading
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What happens to a delivery."""

    FINE = "fine"
    KILLED = "killed"
    """Its environment dies during it."""
    LATE = "late"
    """Its environment stops during it for longer than a lease, and then continues."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares of each fault, from 0 to 1; ``asleep`` is a number."""

    throttle: float = 0.0
    """Requests that are throttled."""
    lose: float = 0.0
    """Accepted events that are never delivered."""
    twice: float = 0.0
    """Accepted events that are delivered twice."""
    kill: float = 0.0
    """Deliveries that end ``KILLED``."""
    late: float = 0.0
    """Deliveries that end ``LATE``."""
    asleep: int = 0
    """Number of first requests of each function that are refused, as by one that was idle for weeks."""
    seed: int = 0


class Dice:
    """Draws faults; thread-safe."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._random = random.Random(faults.seed)  # noqa: S311  (repeatable tests, no secret)
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def is_asleep(self, function: str) -> bool:
        """Whether to refuse a request because the function is not ready yet."""
        with self._lock:
            self._asked[function] += 1
            return self._asked[function] <= self._faults.asleep

    def is_throttled(self) -> bool:
        """Whether to refuse a request."""
        return self._draw() < self._faults.throttle

    def deliveries(self) -> int:
        """Number of deliveries of an accepted event."""
        drawn = self._draw()
        if drawn < self._faults.lose:
            return 0
        return 2 if drawn < self._faults.lose + self._faults.twice else 1

    def fate(self) -> Fate:
        """The fate of a delivery."""
        drawn = self._draw()
        if drawn < self._faults.kill:
            return Fate.KILLED
        return Fate.LATE if drawn < self._faults.kill + self._faults.late else Fate.FINE

    def _draw(self) -> float:
        with self._lock:
            return self._random.random()
