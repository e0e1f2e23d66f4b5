"""How busy a run keeps its machine, written into the run's header for the next run's ``--workers auto``."""

import time
from collections.abc import Callable, Sequence

from uitest.model import JobRow, Run
from uitest.storage.stores import Store
from uitest.system.worker_count import Load, Machine

LEAST_S = 5.0
"""A shorter measurement says more about starting browsers than about cases."""


class LoadReporter:
    """Measures from the first attempt until fewer jobs than workers are left to begin."""

    def __init__(
        self, store: Store, workers: int, machine: Machine, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._workers, self._machine, self._clock = store, workers, machine, clock
        self._begin: tuple[float, float] | None = None
        self._end: tuple[float, float] | None = None

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Look at the clocks if every worker has something to do."""
        begun = sum(row.attempt > 0 for row in rows)
        if begun and len(rows) - begun >= self._workers:
            self._end = self._clock(), self._machine.cpu_s()
            self._begin = self._begin or self._end

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Write what was measured, if it was long enough."""
        if self._begin is None or self._end is None:
            return
        took, busy_s = (end - begin for begin, end in zip(self._begin, self._end, strict=True))
        if took >= LEAST_S:
            load = Load(self._workers, round(busy_s / took, 2), self._machine.cores())
            self._store.update_run(run.id, load=load.to_json())
