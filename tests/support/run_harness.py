"""Runs the coordinator with a real store and a scripted executor."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.builders import NOW, make_run
from tests.support.scripted import Clock, ScriptedExecutor
from uitest.executors.attempt import Task
from uitest.jobs.outcome import fold
from uitest.model import Job, JobRow, Run, Verdict
from uitest.run.coordinator import Coordinator
from uitest.run.finalize import Result
from uitest.run.reporters import Reporter
from uitest.storage.stores.sqlite import SqliteStore

LINGERING = Task(Job("m", "whatever was submitted last", "chrome"), 1)
"""A task of an executor that is about to end."""


@dataclass
class RunHarness:
    """A store for many runs, and what runs them."""

    store: SqliteStore
    path: Path
    clock: Clock = field(default_factory=Clock)

    def plan(self, cases: Sequence[str], **settings: Any) -> Run:
        """A run of these cases in the store."""
        header = make_run(next(NAMES), planned=len(cases), settings=settings)
        self.store.create_run(header, [Job("m", case, "chrome") for case in cases])
        return header

    def executor(self, header: Run, scripts: Mapping[str, Sequence[str]]) -> ScriptedExecutor:
        """An executor with these results of attempts for this run."""
        executor = ScriptedExecutor(self.store, header.id, self.clock, scripts)
        executor.layer = header.layer
        return executor

    def complete(self, header: Run, executor: ScriptedExecutor, *reporters: Reporter) -> Result:
        """Run it to its end."""
        return Coordinator(
            self.store, header, executor, reporters, self.clock, self.clock.sleep, self.clock
        ).run_to_completion()

    def run(self, scripts: Mapping[str, Sequence[str]], **settings: Any) -> Result:
        """Plan a run of these cases and complete it; ``scripts`` are the results of their attempts."""
        header = self.plan(list(scripts), **settings)
        return self.complete(header, self.executor(header, scripts))


NAMES = map(str, itertools.count())


def outcomes(result: Result) -> dict[str, str]:
    """Outcomes by case id."""
    now = result.run.finished_at or NOW
    return {row.job.case: fold(row, result.run, now).value for row in result.rows}


def verdicts(row: JobRow) -> list[Verdict]:
    """Verdicts of the finished attempts of a job."""
    return [attempt.verdict for attempt in row.attempts]
