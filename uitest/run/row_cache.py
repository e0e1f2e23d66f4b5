"""Keeps a run's rows, so that most polls read only those that may have changed.

A row changes while a worker holds it, and when a worker claims it. So a poll reads the rows that are held, and those
claimed since the poll before; all others are as they were. Workers note the time of a claim by their own clocks: all
rows are read again now and then, whereby a claim by a clock that is slow is noticed a little later.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from uitest.model import Job, JobRow
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
        self._places: dict[Job, int] = {}
        self._claimed_since = 0.0
        self._full_read_due = 0.0

    def read(self) -> list[JobRow]:
        """The rows in plan order: all of them read again if that is due, else those that may have changed."""
        if self._stopwatch() >= self._full_read_due:
            return self.read_all()
        read_at = self._clock()
        changed = self._store.jobs(self._run_id, claimed_since=self._claimed_since)
        if any(row.job not in self._places for row in changed):
            return self.read_all()  # the run is another one by now, or some of its rows were missing before
        for row in changed:
            self._rows[self._places[row.job]] = self._as_known(row)
        return self._remember(changed, read_at)

    def read_all(self) -> list[JobRow]:
        """The rows in plan order, all read again."""
        began, read_at = self._stopwatch(), self._clock()
        rows = self._store.jobs(self._run_id)
        ended = self._stopwatch()
        self._full_read_due = ended + min(MAX_FULL_PAUSE_S, FULL_READ_FACTOR * (ended - began))
        self._rows = [self._as_known(row) for row in rows]
        self._places = {row.job: place for place, row in enumerate(self._rows)}
        return self._remember(self._rows, read_at)

    def _as_known(self, row: JobRow) -> JobRow:
        """The row with the job object that its earlier one has, which knows its key; the earlier row if it is equal."""
        place = self._places.get(row.job)
        if place is None:
            return row
        known = self._rows[place]
        return known if known == row else replace(row, job=known.job)

    def _remember(self, changed: Sequence[JobRow], read_at: float) -> list[JobRow]:
        """The rows. One that changes next is held by now, or will be claimed after ``read_at``."""
        held = [row.claimed_at for row in changed if row.owner is not None and row.claimed_at is not None]
        self._claimed_since = min([read_at - CLOCK_SKEW_S, *held])
        return list(self._rows)
