"""When a run must stop early, by its own settings: pure."""

from collections.abc import Collection, Iterable

from uitest.config import RunSettings
from uitest.model import JobRow, Outcome, Run
from uitest.outcome import fold, wants_attempt


def failures(rows: Iterable[JobRow], run: Run, retries: int, now: float) -> set[str]:
    """Keys of the jobs that have failed for good, retries used up."""
    return {
        row.job.key
        for row in rows
        if fold(row, run, now) is Outcome.FAILED and not wants_attempt(row, run, retries, now)
    }


def reason_to_stop(settings: RunSettings, new: Collection[str], deadline: float | None, now: float) -> str | None:
    """Why a run with work left must stop, None if it may go on.

    ``new`` are the failures since it was started or taken up again, ``deadline`` the end of its ``--timeout``.
    """
    if deadline is not None and now > deadline:
        return f"stopped after --timeout {settings.timeout:g} s"
    most = settings.max_failures
    if most and len(new) >= most:
        return f"stopped after {len(new)} failures (--max-failures {most})"
    return None
