"""The ``Reporter`` Protocol, and ``Reporters``, which calls several and isolates the run from their errors."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from uitest.model import JobRow, Run

LOGGER = logging.getLogger(__name__)


class Reporter(Protocol):
    """Reports on a run. One that raises is muted until the end of the run, and becomes a warning then."""

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Report the state of the run as of ``now``; called after every poll of the store."""

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Report the end of the run."""


class Reporters:
    """Calls several reporters; an error in one never stops the run or hides a verdict."""

    def __init__(self, reporters: Iterable[Reporter]) -> None:
        self._reporters = list(reporters)
        self._muted: list[Reporter] = []
        self.problems: list[str] = []
        self.unfinished: set[str] = set()
        """Class names of reporters whose ``finish`` failed, so that their output is missing or outdated."""

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Update all reporters that have not failed."""
        self._each(lambda reporter: None if reporter in self._muted else reporter.update(run, rows, now))

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Finish all reporters, also failed ones: a network problem during the run must not cost the final pages."""
        self._each(lambda reporter: self._finish(reporter, run, rows, now))

    def _finish(self, reporter: Reporter, run: Run, rows: Sequence[JobRow], now: float) -> None:
        try:
            reporter.finish(run, rows, now)
        except Exception:
            self.unfinished.add(type(reporter).__name__)
            raise

    def _each(self, tell: Callable[[Reporter], None]) -> None:
        for reporter in self._reporters:
            try:
                tell(reporter)
            except Exception as exc:
                LOGGER.warning("%s stopped working", type(reporter).__name__, exc_info=True)
                if reporter not in self._muted:
                    self._muted.append(reporter)
                    self.problems.append(f"{type(reporter).__name__} stopped working: {type(exc).__name__}: {exc}")
