"""Tells of a run's jobs what the quarantine says about them: pure. Page, comment, terminal and message show this.

Three kinds of jobs are worth a word: those whose failure is excused, those that are red because their quarantine is
over, and those that passed so often that theirs can be released.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uitest.jobs.outcome import fold, quarantine_of
from uitest.model import JobRow, Outcome, Run
from uitest.quarantine import Quarantine, day_of
from uitest.reporting.site.history import LETTERS, Past
from uitest.reporting.site.wording import clean

RELEASE_AFTER = 10
"""Passes in a row, this run's included, after which a quarantine should be released."""

TITLE = "Quarantine"

_VERDICTS = frozenset(LETTERS[outcome] for outcome in Outcome if outcome not in (
    Outcome.SKIPPED, Outcome.CANCELLED, Outcome.RUNNING, Outcome.NOT_STARTED
))  # fmt: skip


@dataclass(frozen=True)
class Quarantined:
    """A job, and what the quarantine says about it."""

    row: JobRow
    outcome: Outcome
    rule: Quarantine
    note: str

    @property
    def is_listed(self) -> bool:
        """Whether it belongs into the section about the quarantine; a red job is listed with the others."""
        return self.outcome in (Outcome.QUARANTINED, Outcome.PASSED)


def quarantined(rows: Iterable[JobRow], run: Run, past: Past, now: float) -> dict[str, Quarantined]:
    """The jobs that are worth a word, by key; ``past`` has the earlier runs in which passes are counted."""
    if not run.quarantine:
        return {}
    told = (_told(row, run, past, now) for row in rows)
    return {found.row.job.key: found for found in told if found}


def _told(row: JobRow, run: Run, past: Past, now: float) -> Quarantined | None:
    outcome, job = fold(row, run, now), row.job
    if outcome is Outcome.PASSED:
        passes = passes_in_a_row(past.strip(job.key)) + 1
        rules = (rule for rule in run.quarantine if rule.case and not rule.is_over(day_of(run.started_at)))
        rule = next((rule for rule in rules if rule.is_about(job.case, job.browser)), None)
        is_due = rule is not None and passes >= RELEASE_AFTER
        return Quarantined(row, outcome, rule, f"passed {passes} in a row, release it") if rule and is_due else None
    rule = quarantine_of(row, run, now)
    if rule is None:
        return None
    is_excused = outcome is Outcome.QUARANTINED
    return Quarantined(row, outcome, rule, clean(rule.terms if is_excused else f"its quarantine is over: {rule.terms}"))


def passes_of(rule: Quarantine, runs: Iterable[tuple[Run, Sequence[JobRow]]], now: float) -> int | None:
    """How often in a row every job that a rule names passed in these runs, which come newest first.

    None for a rule without a case, and if no run has such a job.
    """
    strips: dict[str, str] = {}
    for run, rows in runs if rule.case else ():
        for row in rows:
            if rule.is_about(row.job.case, row.job.browser):
                strips[row.job.key] = LETTERS[fold(row, run, now)] + strips.get(row.job.key, "")
    return min(map(passes_in_a_row, strips.values()), default=None)


def passes_in_a_row(strip: str) -> int:
    """How often a job passed since it last did not; runs without a verdict do not count."""
    verdicts = "".join(letter for letter in strip if letter in _VERDICTS)
    return len(verdicts) - len(verdicts.rstrip(LETTERS[Outcome.PASSED]))
