"""Runs a run to completion: submits attempts, polls the store, updates the reporters, decides when to end.

The loop is the same for every executor. The store is the only state, so ``resume`` after the death of a coordinator is
the same loop over the existing rows. The store is polled every ``POLL_S``, or less often when its responses are slow.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from uitest import log
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
from uitest.model import JobRow, Run, RunState, Verdict, elapsed_s
from uitest.run.finalize import CANCELLED, INTERRUPTED, Result, check_ours, end, finish_attempts, ignoring_interrupts
from uitest.run.reporters import Reporter, Reporters
from uitest.run.row_cache import RowCache
from uitest.run.stop_conditions import failures, reason_to_stop
from uitest.storage.stores import Store
from uitest.system.uptime import uptime_s

LOGGER = logging.getLogger(__name__)

POLL_S = 0.1
PAUSE_FACTOR = 5
MAX_PAUSE_S = 2.0
"""A pause lasts ``PAUSE_FACTOR`` times as long as the store's response, within ``POLL_S`` and ``MAX_PAUSE_S``."""
HEARTBEAT_S = 5.0
WORKER_DIED = "the worker died while it ran this case"

WIND_UP_S = 60.0
"""How long the executor may take to end by itself (a suite's session fixtures) once every outcome is known."""

STUCK_ROUNDS = 3
"""Number of submissions in a row without a single attempt after which the executor counts as broken."""


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
        stopwatch: Callable[[], float] = time.monotonic,
        uptime: Callable[[], float] = uptime_s,
    ) -> None:
        """``clock`` is for leases and dates, ``stopwatch`` for durations: somebody may set the clock meanwhile.

        ``uptime`` is for the duration of the whole run, which goes on while the machine sleeps.
        """
        self._store = store
        self._run = run
        self._settings = RunSettings.from_json(run.settings)
        self._executor = executor
        self._reporters = Reporters(reporters)
        self._clock = clock
        self._sleep = sleep
        self._stopwatch = stopwatch
        self._uptime, self._booted = uptime, clock() - uptime()
        self._submitted: set[str] = set()
        self._beat_at: float | None = None
        """By the stopwatch, as all moments that only durations are made of."""
        self._read_s = 0.0
        self._idle_rounds = 0
        self._attempts_seen = -1
        self._failed_before: set[str] | None = None
        self._over_since: float | None = None
        self._cache = RowCache(store, run.id, clock, stopwatch)
        self._rows: list[JobRow] = []
        """The rows of the last poll that found all of them."""

    def run_to_completion(self) -> Result:
        """Run every job that wants an attempt, and return the result.

        Raises UsageError or ExecutorError when cases cannot be collected or the executor is broken; the rows stay as
        they are and the run is marked interrupted. Raises RowsLost when the run is no longer in its store; pages and
        JUnit file then show its last known rows. Ctrl-C is a regular end with exit code 130.
        """
        try:
            return self._loop()
        except (RowsLost, UnknownRun) as exc:
            lost = exc
            LOGGER.debug("the run is lost", exc_info=True)
            if isinstance(exc, UnknownRun):
                lost = RowsLost(f"run {self._run.id!r} is no longer in its store: it was deleted while it ran")
            with ignoring_interrupts():
                last_known = replace(self._run, state=RunState.INTERRUPTED, note=str(lost))
                self._reporters.finish(last_known, self._rows, self._clock())
            raise lost from exc

    def _loop(self) -> Result:
        deadline = None if self._settings.timeout is None else self._stopwatch() + self._settings.timeout
        state, note = RunState.FINISHED, None
        try:
            while True:
                rows = self._read_rows()
                if self._run.state is RunState.CANCELLED:
                    state, note = RunState.CANCELLED, CANCELLED
                    break
                note = self._stop_reason(rows, deadline)
                if note:
                    state = RunState.INTERRUPTED
                    break
                if not self._advance(rows):
                    break
                # After the submission, so that workers start while the reporters write.
                self._reporters.update(self._run, rows, self._clock())
                self._sleep(min(MAX_PAUSE_S, max(POLL_S, PAUSE_FACTOR * self._read_s)))
        except KeyboardInterrupt:
            state, note = RunState.INTERRUPTED, INTERRUPTED
        except (TakenUp, RowsLost, UnknownRun):
            self._executor.stop()
            raise
        except BaseException as exc:
            LOGGER.debug("the run is stopped by an error", exc_info=True)
            error = self._as_user_error(exc)
            try:
                self._close(RunState.INTERRUPTED, str(error) or type(error).__name__)
            except (RowsLost, UnknownRun):
                raise  # it is the cause of the other error
            except UitestError as unwritable:
                LOGGER.warning("the end of the run could not be written", exc_info=True)
                self._executor.stop()
                if isinstance(exc, ExecutorError):
                    raise self._as_user_error(unwritable) from exc  # it is the cause of the other error
            if error is exc:
                raise
            raise error from exc
        try:
            return self._close(state, note)
        except (StoreError, OSError) as exc:
            LOGGER.debug("the end of the run could not be written", exc_info=True)
            error = self._as_user_error(exc)
            if error is exc:
                raise
            raise error from exc

    def _as_user_error(self, exc: BaseException) -> BaseException:
        """The error to raise for ``exc``, which stopped the run.

        A store or a machine that fails during a run is not a user's mistake, so these become an ExecutorError.
        """
        if isinstance(exc, StoreError | PlaceError | OSError) and not isinstance(exc, RowsLost):
            return ExecutorError(f"{exc}; after fixing that, continue with: uitest resume {self._run.id}")
        return exc

    def _read_rows(self) -> list[JobRow]:
        """Read header and rows, and write the coordinator's heartbeat when it is due."""
        started_at = self._stopwatch()
        header = self._store.run(self._run.id)
        check_ours(self._run, header)
        self._run = header
        rows = self._cache.read()
        now, read_at = self._clock(), self._stopwatch()
        self._read_s = read_at - started_at
        if len(rows) == self._run.planned:
            self._rows = rows
        if self._beat_at is None or read_at - self._beat_at >= min(HEARTBEAT_S, self._settings.lease / 3):
            counts = count(fold(row, self._run, now) for row in rows)
            # Taken up by another process, which the next poll detects.
            with log.suppress(LOGGER, "the heartbeat was not written: the run was changed", RunChanged):
                beat = {"beat_at": self._run.beat_at}
                self._run = self._store.update_run(self._run.id, beat, beat_at=now, counts=counts)
            self._beat_at = read_at
        return rows

    def _stop_reason(self, rows: Sequence[JobRow], deadline: float | None) -> str | None:
        """Why the run must stop early; None if it may continue or no job is open."""
        now = self._clock()
        new = 0
        if self._settings.max_failures:
            failed = failures(rows, self._run, self._settings.retries, now)
            if self._failed_before is None:
                # After a resume, failures from before must not stop the run again.
                self._failed_before = failed
            new = len(failed - self._failed_before)
        note = reason_to_stop(self._settings, new, deadline, self._stopwatch())
        return note if note and any(self._is_open(row, now) for row in rows) else None

    def _is_open(self, row: JobRow, now: float) -> bool:
        return is_open(row, self._run, self._settings.retries, now)

    def _wants_attempt(self, row: JobRow, now: float) -> bool:
        return wants_attempt(row, self._run, self._settings.retries, now)

    def _wanted_tasks(self, rows: Iterable[JobRow]) -> dict[Task, None]:
        """The attempts to be made for these rows, in their order."""
        now = self._clock()
        return {Task(row.job, row.attempt + 1): None for row in rows if self._wants_attempt(row, now)}

    def _advance(self, rows: Sequence[JobRow]) -> bool:
        """Submit the attempts that are due; False when nothing is left to do."""
        wanted = self._wanted_tasks(rows)
        pending = self._executor.poll_attempts(rows, wanted.keys())
        if self._report_dead(rows) or not pending:
            # Reports may have arrived between the last poll and the end of the executor.
            rows = self._cache.read_all()
            wanted = self._wanted_tasks(rows)
        now = self._clock()
        tasks = [task for task in wanted if task not in pending]
        if not tasks:
            # With an idle executor, attempts of a previous coordinator's workers may still have a lease.
            return any(self._is_open(row, now) for row in rows) or (bool(pending) and self._is_winding_up())
        if not pending:
            self._check_progress(rows)
        LOGGER.info("submitting %d attempts", len(tasks))
        self._submitted.update(task.job.key for task in tasks)
        self._executor.submit(tasks)
        return True

    def _steady_clock(self) -> float:
        """The moment by the clock as it was when this began: a run's duration is that between its start and end."""
        return self._booted + self._uptime()

    def _is_winding_up(self) -> bool:
        now = self._stopwatch()
        self._over_since = now if self._over_since is None else self._over_since
        return now - self._over_since < WIND_UP_S

    def _report_dead(self, rows: Iterable[JobRow], verdict: Verdict = Verdict.ERROR, error: str = WORKER_DIED) -> int:
        """Report attempts whose worker has died, instead of waiting for the lease to expire; return their number."""
        dead = [row for row in rows if row.owner is not None and self._executor.is_dead(row.owner)]
        finish_attempts(self._store, self._run, dead, verdict, error, self._clock())
        return len(dead)

    def _check_progress(self, rows: Sequence[JobRow]) -> None:
        attempts = sum(row.attempt for row in rows)
        self._idle_rounds = self._idle_rounds + 1 if attempts == self._attempts_seen else 0
        self._attempts_seen = attempts
        if self._idle_rounds >= STUCK_ROUNDS:
            raise ExecutorError("the executor makes no attempts; run pytest alone or read the function's log")

    def _close(self, state: RunState, note: str | None) -> Result:
        """Stop the executor, report unfinished attempts, write the end of the run."""
        with ignoring_interrupts():
            self._executor.stop()
            self._report_dead(self._store.jobs(self._run.id), Verdict.CANCELLED, note or WORKER_DIED)
            return end(
                self._store, self._run, state, note, self._reporters, self._clock,
                lambda row: row.job.key in self._submitted, self._steady_clock,
            )  # fmt: skip


def take_over(store: Store, run_id: str, now: float, *, layer: int | None = None) -> Run:
    """Take over a run and return its header, ready to continue, in a new ``layer`` if given.

    Raises UnknownRun, and UsageError if the run was not planned completely or its coordinator is still alive.
    """
    run = store.run(run_id)
    if run.state is RunState.PLANNING:
        raise UsageError(f"run {run_id!r} was stopped while it was planned and nothing ran; start a new one")
    silent = elapsed_s(run.beat_at or run.started_at, now)
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
            f"run {run_id!r} was taken over by another process at the same moment; see: uitest status {run_id}"
        ) from exc
