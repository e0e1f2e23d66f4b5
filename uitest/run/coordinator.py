"""Sees a run through: submits what wants an attempt, watches the store, tells the reporters, decides the end.

The loop is the same for every executor. The store is the only truth: what a killed coordinator knew is in it, so
``resume`` is the same loop over the rows that are there. Given up: knowing about a finished attempt in the same
millisecond; the store is asked again after ``LOOK_S``, or less often when the answer itself takes long.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from uitest.config import RunSettings
from uitest.errors import (
    ExecutorError,
    PlaceError,
    RowsLost,
    RunChanged,
    StoreError,
    TakenUp,
    UitestError,
    UnknownRun,
    UsageError,
)
from uitest.executors import Executor
from uitest.executors.attempt import Task, is_dead, worker_id
from uitest.jobs.outcome import count, fold, is_open, wants_attempt
from uitest.model import JobRow, Run, RunState, Verdict
from uitest.run.finalize import CANCELLED, INTERRUPTED, Result, check_ours, end, report_for, uninterrupted
from uitest.run.reporters import Reporter, Reporters
from uitest.run.stop_conditions import failures, reason_to_stop
from uitest.storage.stores import Store

LOOK_S = 0.1
PAUSES = 5
LONGEST_S = 2.0
"""A pause lasts ``PAUSES`` times as long as the store took to answer, but from ``LOOK_S`` to ``LONGEST_S``."""
BEAT_S = 5.0
WORKER_DIED = "the worker died while it ran this case"

WIND_UP_S = 60.0
"""How long the machinery may take to end by itself (a suite's own session fixtures) once every outcome is known."""

STUCK_ROUNDS = 3
"""Submissions in a row without any attempt being made after which the machinery is taken for broken."""


class Coordinator:
    """One coordinator for one run."""

    def __init__(
        self,
        store: Store,
        run: Run,
        executor: Executor,
        reporters: Iterable[Reporter],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._run = run
        self._settings = RunSettings.from_json(run.settings)
        self._executor = executor
        self._reporters = Reporters(reporters)
        self._clock = clock
        self._sleep = sleep
        self._submitted: set[str] = set()
        self._beat_at = 0.0
        self._read_s = 0.0
        self._idle_rounds = 0
        self._attempts_seen = -1
        self._failed_before: set[str] | None = None
        self._over_since: float | None = None
        self._rows: list[JobRow] = []
        """As they were when all were there for the last time."""

    def run_to_completion(self) -> Result:
        """Run everything that wants an attempt and return the end.

        Raises UsageError and ExecutorError when cases cannot be collected or the machinery is broken; the rows
        stay as they are, the run is marked interrupted. Raises RowsLost when the run is gone from its store; pages and
        JUnit file show then what was known of it. Ctrl-C is an ordinary end with exit code 130.
        """
        try:
            return self._see_through()
        except (RowsLost, UnknownRun) as exc:
            lost = exc
            if isinstance(exc, UnknownRun):
                lost = RowsLost(f"run {self._run.id!r} is gone from its store: it was deleted while it ran")
            with uninterrupted():
                known = replace(self._run, state=RunState.INTERRUPTED, note=str(lost))
                self._reporters.finish(known, self._rows, self._clock())
            raise lost from exc

    def _see_through(self) -> Result:
        deadline = None if self._settings.timeout is None else self._clock() + self._settings.timeout
        state, note = RunState.FINISHED, None
        try:
            while True:
                rows = self._look()
                if self._run.state is RunState.CANCELLED:
                    state, note = RunState.CANCELLED, CANCELLED
                    break
                note = self._limit(rows, deadline)
                if note:
                    state = RunState.INTERRUPTED
                    break
                if not self._advance(rows):
                    break
                # After the submission: what the reporters write takes time that the machinery can start in.
                self._reporters.update(self._run, rows, self._clock())
                self._sleep(min(LONGEST_S, max(LOOK_S, PAUSES * self._read_s)))
        except KeyboardInterrupt:
            state, note = RunState.INTERRUPTED, INTERRUPTED
        except (TakenUp, RowsLost, UnknownRun):
            self._executor.stop()
            raise
        except BaseException as exc:
            told = self._told(exc)
            try:
                self._close(RunState.INTERRUPTED, str(told) or type(told).__name__)
            except (RowsLost, UnknownRun):
                raise  # which explains what stopped the run
            except UitestError:
                self._executor.stop()  # nothing can be written; what stopped the run is what is told
            if told is exc:
                raise
            raise told from exc
        try:
            return self._close(state, note)
        except (StoreError, OSError) as exc:
            told = self._told(exc)
            if told is exc:
                raise
            raise told from exc

    def _told(self, exc: BaseException) -> BaseException:
        """The error to raise for one that stopped the run.

        A store or a machine that fails in the middle is no mistake of the user's, whatever it is elsewhere.
        """
        if isinstance(exc, StoreError | PlaceError | OSError) and not isinstance(exc, RowsLost):
            return ExecutorError(f"{exc}; once that is mended, go on with: uitest resume {self._run.id}")
        return exc

    def _look(self) -> list[JobRow]:
        """Read header and rows, show a sign of life."""
        asked = self._clock()
        found = self._store.run(self._run.id)
        check_ours(self._run, found)
        self._run = found
        rows = self._store.jobs(self._run.id)
        now = self._clock()
        self._read_s = now - asked
        if len(rows) == self._run.planned:
            self._rows = rows
        if now - self._beat_at >= min(BEAT_S, self._settings.lease / 3):
            counts = count(fold(row, self._run, now) for row in rows)
            with contextlib.suppress(RunChanged):  # taken up by another: the next look tells
                beat = {"beat_at": self._run.beat_at}
                self._run = self._store.update_run(self._run.id, beat, beat_at=now, counts=counts)
            self._beat_at = now
        return rows

    def _limit(self, rows: Sequence[JobRow], deadline: float | None) -> str | None:
        """Why the run must stop early, None if it may go on or is about to end anyway."""
        now = self._clock()
        failed = failures(rows, self._run, self._settings.retries, now)
        if self._failed_before is None:
            # A run that is taken up again: the failures that stopped it must not stop it at once again.
            self._failed_before = failed
        if not any(self._is_open(row, now) for row in rows):
            return None
        return reason_to_stop(self._settings, len(failed - self._failed_before), deadline, now)

    def _is_open(self, row: JobRow, now: float) -> bool:
        return is_open(row, self._run, self._settings.retries, now)

    def _wants(self, row: JobRow, now: float) -> bool:
        return wants_attempt(row, self._run, self._settings.retries, now)

    def _wanted(self, rows: Iterable[JobRow]) -> dict[Task, None]:
        """The attempts that the rows call for, in their order."""
        now = self._clock()
        return {Task(row.job, row.attempt + 1): None for row in rows if self._wants(row, now)}

    def _advance(self, rows: Sequence[JobRow]) -> bool:
        """Submit what wants an attempt; False when nothing is left to do."""
        wanted = self._wanted(rows)
        pending = self._executor.poll_attempts(rows, wanted.keys())
        if self._report_dead(rows) or not pending:
            # Reports may have come between the last look and the end of the machinery.
            rows = self._store.jobs(self._run.id)
            wanted = self._wanted(rows)
        now = self._clock()
        tasks = [task for task in wanted if task not in pending]
        if not tasks:
            # With an idle executor, attempts of a former coordinator's workers may still be under lease.
            return any(self._is_open(row, now) for row in rows) or (bool(pending) and self._winds_up(now))
        if not pending:
            self._guard_progress(rows)
        self._submitted.update(task.job.key for task in tasks)
        self._executor.submit(tasks)
        return True

    def _winds_up(self, now: float) -> bool:
        self._over_since = self._over_since or now
        return now - self._over_since < WIND_UP_S

    def _report_dead(self, rows: Iterable[JobRow], verdict: Verdict = Verdict.ERROR, error: str = WORKER_DIED) -> int:
        """Report attempts whose worker is gone, so that nobody waits for their lease to end; how many."""
        dead = [row for row in rows if row.owner is not None and self._executor.is_dead(row.owner)]
        report_for(self._store, self._run, dead, verdict, error, self._clock())
        return len(dead)

    def _guard_progress(self, rows: Sequence[JobRow]) -> None:
        made = sum(row.attempt for row in rows)
        self._idle_rounds = self._idle_rounds + 1 if made == self._attempts_seen else 0
        self._attempts_seen = made
        if self._idle_rounds >= STUCK_ROUNDS:
            raise ExecutorError("the executor makes no attempts; pytest alone, or the function's log, shows why")

    def _close(self, state: RunState, note: str | None) -> Result:
        """Stop the machinery, mark what did not end, write the end of the run."""
        with uninterrupted():
            self._executor.stop()
            self._report_dead(self._store.jobs(self._run.id), Verdict.CANCELLED, note or WORKER_DIED)
            return end(
                self._store, self._run, state, note, self._reporters, self._clock,
                lambda row: row.job.key in self._submitted,
            )  # fmt: skip


def take_over(store: Store, run_id: str, now: float, *, layer: int | None = None) -> Run:
    """A run's header made ready to go on, in a new ``layer`` where one is given.

    Raises UnknownRun, and UsageError if the run was never planned whole or another coordinator is at work on it.
    """
    run = store.run(run_id)
    if run.state is RunState.PLANNING:
        raise UsageError(f"run {run_id!r} was stopped while it was written down and nothing ran; start a new one")
    silent = now - (run.beat_at or run.started_at)
    ended = run.finished_at is not None
    stale_s = RunSettings.from_json(run.settings).lease
    owner = run.settings.get("coordinator")
    if not ended and silent < stale_s and not (isinstance(owner, str) and is_dead(owner)):
        raise UsageError(
            f"run {run_id!r} has a coordinator that was alive {silent:.0f} s ago; wait until it is silent for "
            f"{stale_s:.0f} s, or stop it with: uitest cancel {run_id}"
        )
    changes: dict[str, object] = {} if layer is None else {"layer": layer}
    settings = {**run.settings, "coordinator": worker_id()}
    as_read = {"state": run.state, "beat_at": run.beat_at, "finished_at": run.finished_at}
    try:
        return store.update_run(
            run_id, as_read, state=RunState.RUNNING, finished_at=None, beat_at=now, note=None, settings=settings,
            **changes,
        )  # fmt: skip
    except RunChanged as exc:
        raise UsageError(
            f"run {run_id!r} was taken up by another process at the same moment; see: uitest status {run_id}"
        ) from exc
