"""Adds workers to a running session while its cores are idle and there is enough left to do.

A suite that mostly waits for its site leaves the cores idle with one worker for each. ``--workers auto`` learns that
from the last run; this is for the first one. Trade-off: the load of other programs counts as our own, and a worker that
was added stays until the session ends.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from uitest.system.worker_count import WORKER_B, Load, choose_workers

LOGGER = logging.getLogger(__name__)

WINDOW_S = 2.0
"""Length of a measurement in seconds. The first one has browsers start in it, so it rarely adds workers."""

WORTH_S = 5.0
"""Least time in seconds that the session must still take: a new worker needs some three to run its first case."""


class Cores(Protocol):
    """The machine, see ``worker_count.Machine``."""

    def cores(self) -> float:
        """The usable cores."""
        ...

    def cpu_s(self) -> float:
        """Busy seconds of these cores so far."""
        ...

    def memory_b(self) -> int:
        """Bytes of memory that are available."""
        ...


@dataclass(frozen=True, slots=True)
class _Begin:
    """When a measurement began."""

    now: float
    cpu_s: float
    done: int


class WorkerGrowth:
    """Measures a session while all of its workers work, and adds some if cores are idle."""

    def __init__(
        self, workers: int, machine: Cores, add: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``workers`` is the number at the beginning; ``add`` starts one more and returns False if it cannot."""
        self._workers, self._machine, self._add, self._clock = workers, machine, add, clock
        self._begin: _Begin | None = None

    def consider(self, *, working: int, done: int, waiting: Callable[[], int]) -> None:
        """To be called when a job is done, with the numbers of workers that have jobs and of jobs done.

        ``waiting`` counts the jobs that others could begin; it is asked once in a measurement only.
        """
        if working < self._workers:  # some are still starting, or there is nothing left for them
            self._begin = None
            return
        now = self._clock()
        if self._begin is not None and now - self._begin.now < WINDOW_S:
            return
        before, self._begin = self._begin, _Begin(now, self._machine.cpu_s(), done)
        if before is None:
            return
        elapsed_s = now - before.now
        if waiting() * elapsed_s / (done - before.done) >= WORTH_S:
            self._grow((self._begin.cpu_s - before.cpu_s) / elapsed_s)

    def _grow(self, busy: float) -> None:
        cores, workers = self._machine.cores(), self._workers
        memory_b = self._machine.memory_b() + workers * WORKER_B  # the workers that run have theirs already
        wanted, why = choose_workers(cores, memory_b, Load(workers, busy, cores))
        for _ in range(wanted - workers):
            if not self._add():
                return
            self._workers += 1
        if self._workers > workers:
            LOGGER.info("%d workers are added: %s", self._workers - workers, why)
