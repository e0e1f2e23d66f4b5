"""Decides whether a run must stop early, by ``--timeout`` or ``--max-failures``: pure."""

from collections.abc import Iterable

from uitest.config import RunSettings
from uitest.jobs.outcome import fold, wants_attempt
from uitest.model import JobRow, Outcome, Run


def failures(rows: Iterable[JobRow], run: Run, retries: int, now: float) -> set[str]:
    """Keys of the jobs that failed and have no retries left."""
    return {
        row.job.key
        for row in rows
        if fold(row, run, now) is Outcome.FAILED and not wants_attempt(row, run, retries, now)
    }


def reason_to_stop(settings: RunSettings, new: int, deadline: float | None, now: float) -> str | None:
    """Why a run with open jobs must stop; None if it may continue.

    ``new`` is the number of failures since its start or resume, ``deadline`` the end of its ``--timeout``.
    """
    if deadline is not None and now > deadline:
        return f"stopped after --timeout {settings.timeout:g} s"
    if settings.max_failures and new >= settings.max_failures:
        return f"stopped after {new} failures (--max-failures {settings.max_failures})"
    return None
