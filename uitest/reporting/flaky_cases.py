"""Lists the flaky jobs of several runs, by the rule of ``site.flakiness``: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uitest.jobs.outcome import fold
from uitest.model import Job, JobRow, Outcome, Run, Verdict
from uitest.reporting.site.flakiness import flakiness
from uitest.reporting.site.suites import assign, names
from uitest.reporting.site.verdict import ACTIVE


@dataclass(frozen=True)
class FlakyCase:
    """A job, and the runs of one suite in which it was flaky."""

    suite: str
    job: Job
    runs: int
    """Number of runs in which it came to an end."""
    flaky_runs: tuple[Run, ...]
    """Newest first."""
    percent: float
    """The share of its runs in which it was flaky."""
    error: str | None
    """The first line of its newest error in one of them."""


def flaky_cases(runs: Iterable[tuple[Run, Sequence[JobRow]]], now: float) -> list[FlakyCase]:
    """The flaky jobs of each suite in runs that come newest first, those with the highest share first.

    Runs that are still going do not count, as a job that has failed there may be tried again.
    """
    finished = [(run, rows) for run, rows in runs if run.state not in ACTIVE]
    suites, places = assign(run for run, _ in finished)
    results: dict[tuple[int, str], list[tuple[Run, JobRow, Outcome]]] = {}
    for (run, rows), suite in zip(finished, places, strict=True):
        for row in rows:
            results.setdefault((suite, row.job.key), []).append((run, row, fold(row, run, now)))
    named = names(suites)
    cases = [case for (suite, _), case_results in results.items() if (case := _case(named[suite], case_results))]
    return sorted(cases, key=lambda case: (-case.percent, case.job.module, case.job.case, case.job.browser))


def _case(suite: str, results: Sequence[tuple[Run, JobRow, Outcome]]) -> FlakyCase | None:
    """None if it was never flaky."""
    result = flakiness((_commit(run), outcome) for run, _, outcome in results)
    if not result.flaky:
        return None
    flaky = [results[place] for place in result.flaky]
    error = next((error for _, row, _ in flaky if (error := _error(row))), None)
    job = results[0][1].job
    return FlakyCase(suite, job, result.runs, tuple(run for run, _, _ in flaky), result.percent, error)


def _commit(run: Run) -> str | None:
    commit = run.settings.get("commit")
    return str(commit) if commit else None


def _error(row: JobRow) -> str | None:
    return next((attempt.error for attempt in reversed(row.attempts) if attempt.verdict is not Verdict.PASSED), None)
