"""Measures how long a coordinator's polls and the last pages take."""

import time
from collections.abc import Sequence
from typing import Any

from uitest.model import JobRow, Run
from uitest.run.reporters import Reporter
from uitest.storage.stores import Store


class TimedEnd:
    """A reporter with the duration of its end."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self.update = reporter.update
        self.duration_s = 0.0

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """As the reporter's."""
        began = time.monotonic()
        self._reporter.finish(run, rows, now)
        self.duration_s = time.monotonic() - began


class TimedPolls:
    """Stands between coordinator and store, and is the coordinator's first reporter."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._began = time.monotonic()
        self.durations_s: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def run(self, run_id: str) -> Run:
        """As the store's; a poll begins with it."""
        self._began = time.monotonic()
        return self._store.run(run_id)

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """A poll is over: what is due was submitted."""
        self.durations_s.append(time.monotonic() - self._began)

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Nothing."""
