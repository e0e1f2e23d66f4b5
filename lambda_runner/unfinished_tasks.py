"""Tasks of a session that did not end as it should: they are reported, so that nobody waits for them."""

import time
from dataclasses import replace

from uitest.executors.attempt import Assignment, Task, TimeBudget, wanted
from uitest.model import Attempt, Verdict
from uitest.storage.stores import Store


class UnfinishedTasks:
    """What a session that is gone has left of its assignment."""

    def __init__(self, store: Store, assignment: Assignment, stint: TimeBudget) -> None:
        self._store, self._assignment, self._stint = store, assignment, stint

    def report_dead(self, verdict: Verdict, error: str) -> int:
        """Report the attempt that the session had begun when it ended; how many (a session has one at most)."""
        run, buried = self._assignment.run, 0
        for task in self._assignment.tasks:
            row = self._store.job(run, task.job.key)
            if row is not None and row.owner == self._stint.owner:
                self._store.finish(run, task.job.key, self._attempt(task, verdict, row.claimed_at, error))
                buried += 1
        return buried

    def refuse(self, error: str, *, final: bool) -> None:
        """Report those that it never began as errors; ``final`` where trying again cannot help."""
        run, lease_s, owner = self._store.run(self._assignment.run), self._assignment.lease_s, self._stint.owner
        for task in self._assignment.tasks:
            now = time.time()
            row = wanted(self._store, run, task, now)
            if row and self._store.claim(run.id, task.job.key, task.number, owner, now, lease_s, len(row.attempts)):
                attempt = self._attempt(task, Verdict.ERROR, now, error)
                self._store.finish(run.id, task.job.key, replace(attempt, final=final))

    def _attempt(self, task: Task, verdict: Verdict, started: float | None, error: str) -> Attempt:
        now = time.time()
        started = started or now
        return Attempt(
            task.number, self._stint.owner, verdict, started, round(now - started, 4), self._assignment.layer,
            error=error, billed_s=round(now - started, 3), memory_mb=self._stint.memory_mb,
        )  # fmt: skip
