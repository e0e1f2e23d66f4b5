"""Ends a run: reports lost attempts, counts outcomes, writes the header, finishes the reporters, finds the exit code.

The coordinator and the last step of a state machine both use it. The store decides: a run that was cancelled meanwhile
ends as cancelled, and later reports change nothing.
"""

import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from uitest import log
from uitest.config import RunSettings
from uitest.errors import RunChanged, TakenUp
from uitest.jobs.outcome import EXIT_BROKEN, EXIT_INTERRUPTED, NOBODY_REPORTED, count, exit_code, fold, is_running, past
from uitest.model import Attempt, JobRow, Run, RunState, Verdict, elapsed_s
from uitest.run.reporters import Reporters
from uitest.storage.stores import Store

LOGGER = logging.getLogger(__name__)

INTERRUPTED = "interrupted by its user"
CANCELLED = "cancelled"


@dataclass(frozen=True)
class Result:
    """A finished run with its exit code."""

    run: Run
    rows: tuple[JobRow, ...]
    exit_code: int
    problems: tuple[str, ...] = ()
    unfinished: frozenset[str] = frozenset()
    """Class names of reporters whose ``finish`` failed."""


def end(
    store: Store,
    run: Run,
    state: RunState,
    note: str | None,
    reporters: Reporters,
    clock: Callable[[], float],
    is_new: Callable[[JobRow], bool],
    finished_at: Callable[[], float] | None = None,
) -> Result:
    """Write the end of a run whose executor has stopped. Raises TakenUp if another process has taken the run over.

    ``is_new`` selects the jobs that had attempts now; only their durations are saved for later runs. ``finished_at`` is
    the moment of the end, where it is not that of ``clock``.
    """
    _report_lost(store, run, clock())
    while True:
        header = store.run(run.id)
        check_ours(run, header)
        if header.state is RunState.CANCELLED:
            state, note = RunState.CANCELLED, CANCELLED
        rows = store.jobs(run.id)
        now = clock()
        ended_at = finished_at() if finished_at is not None else now
        counts = count(fold(row, replace(run, state=state), now) for row in rows)
        changes = {"state": state, "finished_at": ended_at, "beat_at": now, "counts": counts, "note": note}
        if len(rows) < run.planned:
            changes["error"] = f"{run.planned - len(rows)} of {run.planned} planned jobs are missing from the store"
        # If the run is cancelled or taken over between the two requests, read it again.
        with log.suppress(LOGGER, "the run was changed while its end was written", RunChanged):
            ended = store.update_run(run.id, {"state": header.state, "beat_at": header.beat_at}, **changes)
            break
    LOGGER.info("run %s has ended: %s", run.id, state.value)
    reporters.finish(ended, rows, now)
    problems = [*reporters.problems, *_remember(store, ended, filter(is_new, rows), now)]
    return Result(ended, tuple(rows), exit_code_of(ended, rows, now), tuple(problems), frozenset(reporters.unfinished))


def check_ours(run: Run, header: Run) -> None:
    """Raises TakenUp if the coordinator in the stored ``header`` is another one than that of ``run``.

    A coordinator that was paused for long counts as dead, so another may have taken over when it continues.
    """
    if run.settings.get("coordinator") != header.settings.get("coordinator"):
        raise TakenUp(f"run {run.id!r} was taken over by another process, which continues it; this one ends")


def exit_code_of(run: Run, rows: Iterable[JobRow], now: float) -> int:
    """The exit code of a run that has ended."""
    counts = count(fold(row, run, now) for row in rows)
    code = exit_code(counts, run.planned, fail_on_flaky=RunSettings.from_json(run.settings).fail_on_flaky)
    if run.note == INTERRUPTED:
        return EXIT_INTERRUPTED
    is_whole = run.state is RunState.FINISHED and run.error is None
    return code if is_whole else code or EXIT_BROKEN


def finish_attempts(store: Store, run: Run, rows: Iterable[JobRow], verdict: Verdict, error: str, now: float) -> None:
    """Finish the current attempts of these rows on behalf of their workers, which no longer can."""
    for row in rows:
        started = row.claimed_at or now
        attempt = Attempt(
            row.attempt, row.owner or "", verdict, started, elapsed_s(started, now), run.layer, error=error
        )
        LOGGER.info("%s is reported as %s for worker %s: %s", row.job.key, verdict.value, row.owner, error)
        store.finish(run.id, row.job.key, attempt)


@contextlib.contextmanager
def ignoring_interrupts() -> Iterator[None]:
    """Ignore further Ctrl-C while the end of a run is written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _report_lost(store: Store, run: Run, now: float) -> None:
    """Report attempts with an expired lease as lost, so that later reports of their workers change no outcome."""
    silent = [row for row in store.jobs(run.id) if row.owner is not None and not is_running(row, now)]
    finish_attempts(store, run, silent, Verdict.LOST, NOBODY_REPORTED, now)


def _remember(store: Store, run: Run, rows: Iterable[JobRow], now: float) -> Sequence[str]:
    """Save durations and failures of these jobs for later runs; errors are returned as warnings, never raised."""
    records = {row.job.key: past(row, run, now) for row in rows}
    complete = {key: record for key, record in records.items() if record is not None}
    try:
        if complete:
            store.remember(complete)
    except Exception as exc:
        LOGGER.warning("durations were not saved for later runs", exc_info=True)
        return [f"durations were not saved for later runs: {type(exc).__name__}: {exc}"]
    return []
