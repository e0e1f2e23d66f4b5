"""How a run ends: what nobody reported is written off, outcomes are counted, the reporters told, the exit code found.

The same whoever sees the run through, the coordinator on a machine or the last step of a state machine. The store has
the last word: a run that was cancelled meanwhile ends as cancelled, and a report that comes later changes nothing.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from uitest.config import RunSettings
from uitest.errors import RunChanged, TakenUp
from uitest.jobs.outcome import EXIT_BROKEN, EXIT_INTERRUPTED, NOBODY_REPORTED, count, exit_code, fold, is_running, past
from uitest.model import Attempt, JobRow, Run, RunState, Verdict
from uitest.run.reporters import Reporters
from uitest.storage.stores import Store

INTERRUPTED = "interrupted by its user"
CANCELLED = "cancelled"


@dataclass(frozen=True)
class Result:
    """How a run ended."""

    run: Run
    rows: tuple[JobRow, ...]
    exit_code: int
    problems: tuple[str, ...] = ()
    unfinished: frozenset[str] = frozenset()
    """Kinds of reporters that could not tell the end, as ``Reporters`` names them."""


def end(
    store: Store,
    run: Run,
    state: RunState,
    note: str | None,
    reporters: Reporters,
    clock: Callable[[], float],
    is_new: Callable[[JobRow], bool],
) -> Result:
    """Write the end of a run whose machinery has stopped. Raises TakenUp if somebody else sees it through now.

    ``is_new`` tells the jobs that this run of the machinery made attempts of: the others teach later runs nothing.
    """
    _write_off(store, run, clock())
    while True:
        found = store.run(run.id)
        check_ours(run, found)
        if found.state is RunState.CANCELLED:
            state, note = RunState.CANCELLED, CANCELLED
        rows = store.jobs(run.id)
        now = clock()
        counts = count(fold(row, replace(run, state=state), now) for row in rows)
        end_of_it = {"state": state, "finished_at": now, "beat_at": now, "counts": counts, "note": note}
        if len(rows) < run.planned:
            end_of_it["error"] = f"{run.planned - len(rows)} of {run.planned} planned jobs are missing from the store"
        # Whoever cancels the run or takes it up between the two is seen in another look.
        with contextlib.suppress(RunChanged):
            ended = store.update_run(run.id, {"state": found.state, "beat_at": found.beat_at}, **end_of_it)
            break
    reporters.finish(ended, rows, now)
    problems = [*reporters.problems, *_remember(store, ended, filter(is_new, rows), now)]
    return Result(ended, tuple(rows), judge(ended, rows, now), tuple(problems), frozenset(reporters.unfinished))


def check_ours(run: Run, found: Run) -> None:
    """Raises TakenUp if another process than the one of ``run`` sees it through, as the store's header ``found`` says.

    A coordinator that was stopped for a while is taken for dead, and may wake up.
    """
    if run.settings.get("coordinator") != found.settings.get("coordinator"):
        raise TakenUp(f"run {run.id!r} was taken up by another process, which sees it through; this one ends")


def judge(run: Run, rows: Iterable[JobRow], now: float) -> int:
    """The exit code of a run that has ended."""
    counts = count(fold(row, run, now) for row in rows)
    code = exit_code(counts, run.planned, fail_on_flaky=RunSettings.from_json(run.settings).fail_on_flaky)
    if run.note == INTERRUPTED:
        return EXIT_INTERRUPTED
    is_whole = run.state is RunState.FINISHED and run.error is None
    return code if is_whole else code or EXIT_BROKEN


def report_for(store: Store, run: Run, rows: Iterable[JobRow], verdict: Verdict, error: str, now: float) -> None:
    """Finish attempts in the names of workers that will not."""
    for row in rows:
        started = row.claimed_at or now
        took = max(0.0, now - started)
        attempt = Attempt(row.attempt, row.owner or "", verdict, started, took, run.layer, error=error)
        store.finish(run.id, row.job.key, attempt)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let the end of a run be written whatever is pressed; a second Ctrl-C is swallowed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _write_off(store: Store, run: Run, now: float) -> None:
    """Report attempts whose lease is over as lost: a worker that speaks up later changes no outcome any more."""
    silent = [row for row in store.jobs(run.id) if row.owner is not None and not is_running(row, now)]
    report_for(store, run, silent, Verdict.LOST, NOBODY_REPORTED, now)


def _remember(store: Store, run: Run, rows: Iterable[JobRow], now: float) -> Sequence[str]:
    """Leave later runs what these jobs taught; a store that fails at it is told, never raised."""
    found = {row.job.key: past(row, run, now) for row in rows}
    known = {key: one for key, one in found.items() if one is not None}
    try:
        if known:
            store.remember(known)
    except Exception as exc:
        return [f"how long the cases took was not kept for later runs: {type(exc).__name__}: {exc}"]
    return []
