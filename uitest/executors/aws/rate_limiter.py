"""Limits how often something starts per second, across threads."""

import threading
import time
from collections.abc import Callable


class RateLimiter:
    """Grants turns at an even rate, without bursts, which would load the site under test as much as no limit."""

    def __init__(
        self,
        per_second: float | None,
        wait: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``per_second`` None means no limit. ``wait`` takes seconds, and may return early when the run stops."""
        self._gap = 1 / per_second if per_second else 0.0
        self._wait, self._clock = wait, clock
        self._lock = threading.Lock()
        self._next = 0.0

    def take_turn(self) -> None:
        """Wait until this turn is due."""
        if not self._gap:
            return
        with self._lock:
            now = self._clock()
            due = max(now, self._next)
            self._next = due + self._gap
        if due > now:
            self._wait(due - now)
