"""The JUnit file for CodeBuild's report of a build, which takes 500 cases with short messages.

The jobs that are not green come first, so that what is left out has passed. The whole run is in its JUnit file. What
CodeBuild does with a longer message is not documented: ours are cut.

https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html
"""

from collections.abc import Sequence
from dataclasses import replace

from uitest.jobs.outcome import GREEN, fold
from uitest.model import JobRow, Run
from uitest.reporting.formats.junit import junit_xml

LIMIT = 500
"""Test cases in a report."""
MESSAGE_LIMIT = 5_000
"""Characters of the message of a test case; its name may have 1,000, which no case's id reaches."""
CUT = "\n… cut here; junit.xml has more of it"
ABOUT_THE_RUN = 2
"""Test cases that may be about the run and not about a job: missing jobs, and what broke outside of the cases."""


def codebuild_report(run: Run, rows: Sequence[JobRow], now: float) -> bytes:
    """The JUnit file of a run with as many jobs as CodeBuild takes, those that are not green first."""
    most = LIMIT - ABOUT_THE_RUN
    rows = [_shortened(row) for row in rows]
    if len(rows) <= most:
        return junit_xml(run, rows, now)
    chosen = sorted(rows, key=lambda row: fold(row, run, now) in GREEN)[:most]
    missing = max(0, run.planned - len(rows))
    return junit_xml(replace(run, planned=len(chosen) + missing), chosen, now)


def _shortened(row: JobRow) -> JobRow:
    """The row with errors that fit into a message."""
    attempts = (
        replace(attempt, detail=f"{attempt.detail[: MESSAGE_LIMIT - len(CUT)]}{CUT}")
        if attempt.detail and len(attempt.detail) > MESSAGE_LIMIT
        else attempt
        for attempt in row.attempts
    )
    return replace(row, attempts=tuple(attempts))


def left_out(jobs: int) -> int:
    """How many of a run's jobs are not in its report."""
    return max(0, jobs - (LIMIT - ABOUT_THE_RUN))
