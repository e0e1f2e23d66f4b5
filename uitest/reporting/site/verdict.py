"""The headline of a run, for its page and the home page."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from uitest.jobs.outcome import EXIT_BROKEN, EXIT_PASSED, UNFINISHED, exit_code
from uitest.model import Outcome, Run, RunState
from uitest.reporting.site.wording import SYMBOLS, clean, counted, say

STALE_AFTER_S = 60.0
"""A coordinator without a heartbeat for this long counts as dead."""

ACTIVE = frozenset({RunState.PLANNING, RunState.RUNNING})


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict of a run."""

    word: str
    detail: str
    tone: str
    """good, bad, warn, live or idle: chooses colour, never meaning."""
    symbol: str

    def to_json(self) -> dict[str, str]:
        """JSON values with secrets masked."""
        return {name: clean(value) for name, value in asdict(self).items()}


def last_beat(run: Run) -> float:
    """The coordinator's last heartbeat, in seconds since the epoch."""
    return run.started_at if run.beat_at is None else run.beat_at


def is_stale(run: Run, now: float) -> bool:
    """Whether the run is active, but its coordinator has sent no heartbeat for ``STALE_AFTER_S``."""
    return run.state in ACTIVE and now - last_beat(run) > STALE_AFTER_S


def is_live(run: Run, now: float) -> bool:
    """Whether its pages should update themselves."""
    return run.state in ACTIVE and not is_stale(run, now)


def missing(run: Run, counts: Mapping[str, int]) -> int:
    """The number of planned jobs that have no row; they are never green and always reported."""
    return 0 if run.state is RunState.PLANNING else max(run.planned - sum(counts.values()), 0)


def headline(run: Run, counts: Mapping[str, int], now: float) -> Headline:
    """The verdict for these outcomes; agrees with the exit code of ``uitest run``."""
    summary = say(counts)
    if run.state in ACTIVE:
        if is_stale(run, now):
            return stale_headline(run, counts)
        if run.state is RunState.PLANNING:
            return Headline("Planning", "The jobs are being written down", "live", "▸")
        bad = sum(counts.get(outcome, 0) for outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.LOST))
        word, tone = ("Running, with failures", "bad") if bad else ("Running", "live")
        return Headline(word, _progress(run, counts), tone, "▸")
    if run.state is RunState.CANCELLED:
        return Headline("Cancelled", run.remark or summary, "idle", SYMBOLS[Outcome.CANCELLED])
    if run.state is RunState.INTERRUPTED:
        return Headline("Interrupted", f"{run.remark}. {summary}" if run.remark else summary, "warn", "!")
    return _finished(run, counts, summary)


def stale_headline(run: Run, counts: Mapping[str, int]) -> Headline:
    """The verdict of a run whose coordinator is dead; the page's scripts switch to it themselves."""
    command = shlex.join(["uitest", "resume", run.id])
    return Headline("Coordinator not responding", f"{_progress(run, counts)}. To continue: {command}", "warn", "?")


def _progress(run: Run, counts: Mapping[str, int]) -> str:
    done = sum(number for outcome, number in counts.items() if outcome not in UNFINISHED)
    progress = f"{done:,} of {counted(run.planned, 'job')} finished"
    summary = say(counts)
    return f"{progress}: {summary}" if summary else progress


def _finished(run: Run, counts: Mapping[str, int], summary: str) -> Headline:
    strict = bool(run.settings.get("fail_on_flaky"))
    code = exit_code(counts, run.planned, fail_on_flaky=strict)
    if not run.planned:
        return Headline("Nothing to run", "The plan had no jobs", "idle", "–")
    if run.error:
        return Headline("Failed outside of its cases", f"{run.error}. {summary}", "bad", "!")
    if code == EXIT_PASSED:
        excused = counts.get(Outcome.QUARANTINED, 0)
        word = f"Passed, {excused:,} quarantined" if excused else "Passed"
        return Headline(word, summary, "good", SYMBOLS[Outcome.PASSED])
    if code == EXIT_BROKEN:
        absent = missing(run, counts)
        detail = ", ".join(filter(None, [summary, f"{absent:,} missing" if absent else ""]))
        word = "Failed and incomplete" if counts.get(Outcome.FAILED) else "Incomplete"
        return Headline(word, detail, "bad", "!")
    if not counts.get(Outcome.FAILED):
        summary += " (flaky counts as failed in this run)"
    return Headline("Failed", summary, "bad", SYMBOLS[Outcome.FAILED])
