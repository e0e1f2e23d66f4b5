"""Measures the processor load of a run and writes it into the run's header, for the next ``--workers auto``."""

import time
from collections.abc import Callable, Sequence

from uitest.model import JobRow, Run
from uitest.storage.stores import Store
from uitest.system.worker_count import Load, Machine

MINIMUM_S = 5.0
"""Minimum length of a measurement; a shorter one is dominated by starting browsers."""


class LoadReporter:
    """Measures from the first attempt until fewer unstarted jobs than workers are left."""

    def __init__(
        self, store: Store, workers: int, machine: Machine, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``workers`` is the number at the beginning; more may be added."""
        self._store, self._workers, self._machine, self._clock = store, workers, machine, clock
        self._begin: tuple[float, float] | None = None
        self._end: tuple[float, float] | None = None

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Read the clocks if every worker is busy."""
        running = sum(row.owner is not None for row in rows)
        if running > self._workers:
            self._workers, self._begin, self._end = running, None, None
        begun = sum(row.attempt > 0 for row in rows)
        if begun and len(rows) - begun >= self._workers:
            self._end = self._clock(), self._machine.cpu_s()
            self._begin = self._begin or self._end

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Write the measurement, if it was long enough."""
        if self._begin is None or self._end is None:
            return
        elapsed_s, busy_s = (end - begin for begin, end in zip(self._begin, self._end, strict=True))
        if elapsed_s >= MINIMUM_S:
            load = Load(self._workers, round(busy_s / elapsed_s, 2), self._machine.cores())
            self._store.update_run(run.id, load=load.to_json())
