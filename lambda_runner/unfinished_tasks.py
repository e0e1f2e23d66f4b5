"""Reports the unfinished tasks of a session that ended abnormally."""

import time
from dataclasses import replace

from uitest.executors import attempt
from uitest.executors.attempt import Assignment, Task, TimeBudget, wanted
from uitest.model import Attempt, Verdict, elapsed_s
from uitest.storage.stores import Store


class UnfinishedTasks:
    """The tasks of an assignment whose session has ended."""

    def __init__(self, store: Store, assignment: Assignment, time_budget: TimeBudget) -> None:
        self._store, self._assignment, self._time_budget = store, assignment, time_budget

    def report_dead(self, verdict: Verdict, error: str) -> int:
        """Report the attempt that was running when the session ended; returns the number of reports (0 or 1)."""
        run, reported = self._assignment.run, 0
        for task in self._assignment.tasks:
            row = self._store.job(run, task.job.key)
            if row is not None and row.owner == self._time_budget.owner:
                self._store.finish(run, task.job.key, self._attempt(task, verdict, row.claimed_at, error))
                reported += 1
        return reported

    def refuse(self, error: str, *, final: bool) -> int:
        """Claim unclaimed tasks and report them as errors; returns the number of reports.

        ``final`` if another attempt cannot help.
        """
        refused = 0
        run, lease_s, owner = self._store.run(self._assignment.run), self._assignment.lease_s, self._time_budget.owner
        for task in self._assignment.tasks:
            now = time.time()
            row = wanted(self._store, run, task, now)
            if row and self._store.claim(run.id, task.job.key, task.number, owner, now, lease_s, len(row.attempts)):
                failed = self._attempt(task, Verdict.ERROR, now, error)
                self._store.finish(run.id, task.job.key, replace(failed, final=final))
                refused += 1
        return refused

    def blame(self, error: str) -> None:
        """Make the run red for a session that ended badly when all its tasks had been reported."""
        attempt.blame(self._store, self._assignment.run, error)

    def _attempt(self, task: Task, verdict: Verdict, started: float | None, error: str) -> Attempt:
        now = time.time()
        started = started or now
        took_s = elapsed_s(started, now)
        return Attempt(
            task.number, self._time_budget.owner, verdict, started, round(took_s, 4), self._assignment.layer,
            error=error, billed_s=round(took_s, 3), memory_mb=self._time_budget.memory_mb,
        )  # fmt: skip
