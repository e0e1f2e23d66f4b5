"""Lists the errors of several runs, one for each key (``site.grouping``): pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from uitest.model import Job, JobRow, Run, Verdict
from uitest.reporting.site.grouping import attempt_key


@dataclass
class KnownError:
    """One error, wherever it was met."""

    key: str
    text: str
    """The first line of its newest occurrence."""
    runs: list[Run] = field(default_factory=list)
    """Runs in which it was met, newest first."""
    jobs: dict[str, Job] = field(default_factory=dict)
    """The jobs that met it, by key."""
    attempts: int = 0

    @property
    def cases(self) -> list[str]:
        """Ids of the cases that met it, sorted."""
        return sorted({job.case for job in self.jobs.values()})

    @property
    def browsers(self) -> list[str]:
        """Browsers in which it was met, sorted."""
        return sorted({job.browser for job in self.jobs.values()})

    @property
    def branches(self) -> list[str]:
        """Branches on which it was met, as far as they are known, sorted."""
        return sorted({str(branch) for run in self.runs if (branch := run.settings.get("branch"))})


def known_errors(runs: Iterable[tuple[Run, Sequence[JobRow]]]) -> list[KnownError]:
    """The errors of all failed attempts in runs that come newest first; those that most jobs met first."""
    errors: dict[str, KnownError] = {}
    for run, rows in runs:
        for row in rows:
            for attempt in row.attempts:
                if attempt.verdict not in (Verdict.FAILED, Verdict.ERROR):
                    continue
                key = attempt_key(attempt)
                error = errors.setdefault(key, KnownError(key, attempt.error or "failed without a message"))
                error.attempts += 1
                error.jobs[row.job.key] = row.job
                if not error.runs or error.runs[-1] is not run:
                    error.runs.append(run)
    return sorted(errors.values(), key=lambda error: (-len(error.jobs), -len(error.runs), error.key))
