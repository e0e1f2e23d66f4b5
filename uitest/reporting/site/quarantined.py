"""Tells of a run's jobs what the quarantine says about them: pure. Page, comment, terminal and message show this.

Three kinds of jobs are worth a word: those whose failure is excused, those that are red because their quarantine is
over, and those that passed so often that theirs can be released.
"""

from collections.abc import Iterable, Iterator, Sequence
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


def quarantined(rows: Sequence[JobRow], run: Run, past: Past, now: float) -> dict[str, Quarantined]:
    """The jobs that are worth a word, by key; ``past`` has the earlier runs in which passes are counted."""
    if not run.quarantine:
        return {}
    entries = [entry for row in rows if (entry := _covered(row, run, now))]
    entries += _to_release(rows, run, past, now)
    return {entry.row.job.key: entry for entry in entries}


def _covered(row: JobRow, run: Run, now: float) -> Quarantined | None:
    """A job whose failure is excused, or was until its quarantine was over."""
    rule, outcome = quarantine_of(row, run, now), fold(row, run, now)
    if rule is None:
        return None
    is_excused = outcome is Outcome.QUARANTINED
    return Quarantined(row, outcome, rule, clean(rule.terms if is_excused else rule.former_terms))


def _to_release(rows: Iterable[JobRow], run: Run, past: Past, now: float) -> Iterator[Quarantined]:
    """The jobs of each rule with a case of which all have passed often enough."""
    by_case: dict[str, list[JobRow]] = {}
    for row in rows:
        by_case.setdefault(row.job.case, []).append(row)
    for rule in run.quarantine:
        if not rule.case or rule.is_over(day_of(run.started_at)):
            continue
        cases = filter(rule.names, by_case) if "*" in rule.case else (rule.case,)
        own = [row for case in cases for row in by_case.get(case, ()) if rule.is_about(case, row.job.browser)]
        if any(fold(row, run, now) is not Outcome.PASSED for row in own):
            continue
        passes = min((passes_in_a_row(past.strip(row.job.key)) + 1 for row in own), default=0)
        if passes >= RELEASE_AFTER:
            note = f"passed {passes} in a row, release it"
            yield from (Quarantined(row, Outcome.PASSED, rule, note) for row in own)


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
