"""Who is told how a run goes: any number of reporters, none of which can stop it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from uitest.model import JobRow, Run


class Reporter(Protocol):
    """Is told how a run goes; one that raises is muted until the end, and told about then."""

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """The state of the run as of ``now``; called every so often, and when something changed."""

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """The run is over."""


class Reporters:
    """Several reporters as one: a broken one never stops the run or hides a verdict."""

    def __init__(self, reporters: Iterable[Reporter]) -> None:
        self._reporters = list(reporters)
        self._muted: list[Reporter] = []
        self.problems: list[str] = []
        self.unfinished: set[str] = set()
        """Names of the kinds of reporters that could not tell the end: what they write is not there, or is older."""

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Tell all that work."""
        self._each(lambda reporter: None if reporter in self._muted else reporter.update(run, rows, now))

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Tell all, those that broke on the way too: a moment without network must not cost the final pages."""
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
                if reporter not in self._muted:
                    self._muted.append(reporter)
                    self.problems.append(f"{type(reporter).__name__} stopped working: {type(exc).__name__}: {exc}")
