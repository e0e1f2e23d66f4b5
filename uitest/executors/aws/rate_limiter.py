"""A limit on how often something starts, shared by threads."""

import threading
import time
from collections.abc import Callable


class RateLimiter:
    """At most so many turns a second, evenly: a burst would hit the site under test as hard as no limit."""

    def __init__(
        self,
        per_second: float | None,
        wait: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``per_second`` None: no limit. ``wait`` is called with seconds; it may end early to give up."""
        self._gap = 1 / per_second if per_second else 0.0
        self._wait, self._clock = wait, clock
        self._lock = threading.Lock()
        self._next = 0.0

    def take_turn(self) -> None:
        """Return when this turn is due."""
        if not self._gap:
            return
        with self._lock:
            now = self._clock()
            due = max(now, self._next)
            self._next = due + self._gap
        if due > now:
            self._wait(due - now)
