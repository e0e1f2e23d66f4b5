"""Keeps a run's rows, so that most polls read only those that may have changed.

A row changes while a worker holds it, and when a worker claims it. So a poll reads the rows that are held, and those
claimed since the poll before; all others are as they were. Workers note the time of a claim by their own clocks: all
rows are read again now and then, whereby a claim by a clock that is slow is noticed a little later.
"""

import time
from collections.abc import Callable

from uitest.model import JobRow
from uitest.storage.stores import Store

CLOCK_SKEW_S = 5.0
"""By how many seconds a worker's clock may be slow before its claims are noticed late."""

FULL_READ_FACTOR = 20
"""All rows are read after a pause of this many times the duration of such a read: a small run reads all each time."""

MAX_FULL_PAUSE_S = 30.0
"""Longest such pause in seconds: less than an executor waits for a claim."""


class RowCache:
    """The rows of one run as last read."""

    def __init__(
        self, store: Store, run_id: str, clock: Callable[[], float], stopwatch: Callable[[], float] = time.monotonic
    ) -> None:
        """``clock`` is for the times in rows, ``stopwatch`` for durations; both in seconds."""
        self._store, self._run_id = store, run_id
        self._clock, self._stopwatch = clock, stopwatch
        self._rows: list[JobRow] = []
        self._places: dict[str, int] = {}
        self._claimed_since = 0.0
        self._full_read_due = 0.0

    def read(self) -> list[JobRow]:
        """The rows in plan order: all of them read again if that is due, else those that may have changed."""
        if self._stopwatch() >= self._full_read_due:
            return self.read_all()
        read_at = self._clock()
        changed = self._store.jobs(self._run_id, claimed_since=self._claimed_since)
        if any(row.job.key not in self._places for row in changed):
            return self.read_all()  # the run is another one by now, or some of its rows were missing before
        for row in changed:
            self._rows[self._places[row.job.key]] = row
        return self._remember(self._rows, changed, read_at)

    def read_all(self) -> list[JobRow]:
        """The rows in plan order, all read again."""
        began, read_at = self._stopwatch(), self._clock()
        rows = self._store.jobs(self._run_id)
        ended = self._stopwatch()
        self._full_read_due = ended + min(MAX_FULL_PAUSE_S, FULL_READ_FACTOR * (ended - began))
        self._places = {row.job.key: place for place, row in enumerate(rows)}
        return self._remember(rows, rows, read_at)

    def _remember(self, rows: list[JobRow], changed: list[JobRow], read_at: float) -> list[JobRow]:
        """Keep the rows; a row that changes next is held by now or will be claimed after ``read_at``."""
        held = [row.claimed_at for row in changed if row.owner is not None and row.claimed_at is not None]
        self._claimed_since = min([read_at - CLOCK_SKEW_S, *held])
        self._rows = rows
        return list(rows)
