"""Finds the jobs of several runs whose result changes though nothing else has: pure.

A job is flaky in a run if it passed there only after a failure, or if it failed there and was green in another run of
the same commit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from uitest.jobs.outcome import fold
from uitest.model import Job, JobRow, Outcome, Run, Verdict

MOST_RUNS = 100
"""Runs of a job that count, newest first."""

_GREEN = frozenset({Outcome.PASSED, Outcome.FLAKY})
_FAILED = frozenset({Outcome.FAILED, Outcome.QUARANTINED})


@dataclass
class FlakyCase:
    """A job, and the runs in which it was flaky."""

    job: Job
    runs: int = 0
    """Number of runs in which it passed or failed."""
    flaky_runs: list[Run] = field(default_factory=list)
    """Newest first."""
    error: str | None = None
    """The first line of its newest error in one of them."""

    @property
    def percent(self) -> float:
        """The share of its runs in which it was flaky."""
        return round(100 * len(self.flaky_runs) / self.runs, 1)


def flaky_cases(runs: Iterable[tuple[Run, Sequence[JobRow]]], now: float) -> list[FlakyCase]:
    """The flaky jobs of runs that come newest first, those with the highest share first."""
    results: dict[str, list[tuple[Run, JobRow, Outcome]]] = {}
    for run, rows in runs:
        for row in rows:
            outcome = fold(row, run, now)
            if outcome in _GREEN or outcome in _FAILED:
                results.setdefault(row.job.key, []).append((run, row, outcome))
    cases = [_case(records[:MOST_RUNS]) for records in results.values()]
    return sorted((case for case in cases if case.flaky_runs), key=lambda case: (-case.percent, case.job.key))


def _case(records: Sequence[tuple[Run, JobRow, Outcome]]) -> FlakyCase:
    case = FlakyCase(records[0][1].job, len(records))
    green = {_commit(run) for run, _, outcome in records if outcome in _GREEN} - {None}
    for run, row, outcome in records:
        if outcome is Outcome.FLAKY or (outcome in _FAILED and _commit(run) in green):
            case.flaky_runs.append(run)
            case.error = case.error or _error(row)
    return case


def _commit(run: Run) -> str | None:
    commit = run.settings.get("commit")
    return str(commit) if commit else None


def _error(row: JobRow) -> str | None:
    return next((attempt.error for attempt in reversed(row.attempts) if attempt.verdict is not Verdict.PASSED), None)
