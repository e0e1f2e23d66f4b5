"""Summarises the runs of a period by module and browser: pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from uitest.jobs.outcome import GREEN, fold, is_open
from uitest.model import JobRow, Outcome, Run
from uitest.reporting.metrics import success_percent
from uitest.reporting.site.verdict import is_live


@dataclass
class Summary:
    """The results of a module in a browser."""

    module: str
    browser: str
    runs: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    """Number of jobs by outcome; those of a run that is still going, without a final outcome, are ``RUNNING``."""
    durations_s: list[float] = field(default_factory=list)
    """Seconds of each job's last attempt."""
    last_red: Run | None = None
    """The newest run in which a job was not green."""

    @property
    def success_percent(self) -> float | None:
        """The share of green jobs among all but skipped, quarantined and running ones, in percent; None without any."""
        return success_percent(self.outcomes - Counter({Outcome.RUNNING: self.outcomes[Outcome.RUNNING]}))

    @property
    def median_s(self) -> float | None:
        """The median duration of a job in seconds; None without any."""
        return round(median(self.durations_s), 3) if self.durations_s else None


def summarise(runs: Iterable[tuple[Run, Sequence[JobRow]]], now: float) -> list[Summary]:
    """A summary for each module and browser in these runs, which come newest first; sorted by name."""
    summaries: dict[tuple[str, str], Summary] = {}
    for run, rows in runs:
        seen: set[tuple[str, str]] = set()
        for row in rows:
            key = row.job.module, row.job.browser
            summary = summaries.setdefault(key, Summary(*key))
            summary.runs += key not in seen
            seen.add(key)
            outcome = _outcome(row, run, now)
            summary.outcomes[outcome] += 1
            if row.attempts:
                summary.durations_s.append(row.attempts[-1].duration_s)
            if outcome not in GREEN and outcome is not Outcome.RUNNING and summary.last_red is None:
                summary.last_red = run
    return [summaries[key] for key in sorted(summaries)]


def _outcome(row: JobRow, run: Run, now: float) -> Outcome:
    """The outcome of a job, ``RUNNING`` where its run will still make an attempt."""
    will_go_on = is_live(run, now) and is_open(row, run, int(run.settings.get("retries", 0)), now)
    return Outcome.RUNNING if will_go_on else fold(row, run, now)
