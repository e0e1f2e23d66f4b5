"""The row of a job after attempts with given verdicts."""

from collections.abc import Sequence
from dataclasses import replace

from tests.support.builders import NOW, make_attempt, make_run
from uitest.model import Job, JobRow, Verdict

RUN = make_run()

JOB = Job("m", "c", "chrome")


def tried(row: JobRow, verdict: Verdict, layer: int = 0) -> JobRow:
    """The row after one more attempt, reported unless it was lost, its lease over."""
    number = row.attempt + 1
    if verdict is Verdict.LOST:
        return replace(row, attempt=number, owner="w", lease_until=NOW - 1, claimed_at=NOW - 9)
    attempt = make_attempt(number, "w", verdict, layer=layer)
    return replace(row, attempt=number, owner=None, lease_until=None, attempts=(*row.attempts, attempt))


def row_after(finished: Sequence[Verdict], layer: int = 0) -> JobRow:
    """A job that had these attempts."""
    row = JobRow(JOB)
    for verdict in finished:
        row = tried(row, verdict, layer)
    return row
