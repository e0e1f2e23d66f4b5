"""Compares a run with its base: what a change broke, what is red without it, what it mends.

The base is the newest run of another branch that was finished before this run began, so the answer does not change
while the run goes on or when its pages are written again. What earlier runs of the run's own branch did is no argument:
the second push of a change that breaks a case has broken it as much as the first.

A job's verdict on the base is that of the newest run of the base's branch in which it ended in one: the newest run may
have been of other modules, or have been stopped early. "Skipped" is no such verdict, as nothing was tried.

A case that is flaky on the base and fails here in every attempt counts as broken by the change, and its note tells how
often it is flaky there: a failure that is wrongly excused costs more than one that is wrongly suspected.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from uitest.jobs.outcome import fold, history
from uitest.model import Attempt, JobRow, Outcome, Run
from uitest.reporting.site.grouping import attempt_key
from uitest.reporting.site.history import LETTERS, Past
from uitest.reporting.site.wording import clean, counted

BAD = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.LOST})


class Group(StrEnum):
    """What a job's outcome says about the change, in the order in which it is shown."""

    BROKEN = "broken"
    RED_ON_BASE = "red_on_base"
    FIXED = "fixed"
    NEVER_RAN = "never_ran"
    FLAKY = "flaky"


TITLES: Mapping[Group, str] = {
    Group.BROKEN: "Broken by this change",
    Group.RED_ON_BASE: "Red on the base too",
    Group.FIXED: "Fixed",
    Group.NEVER_RAN: "Never ran before",
    Group.FLAKY: "Flaky",
}

_RED = frozenset(LETTERS[outcome] for outcome in (*BAD, Outcome.QUARANTINED))
"""A quarantine excuses a run, not a case: on the base, a quarantined case is as red as another."""
_FLAKY = LETTERS[Outcome.FLAKY]
_VERDICTS = _RED | {LETTERS[Outcome.PASSED], _FLAKY}


def group_of(outcome: Outcome, base: str) -> Group | None:
    """The group of a job that ended with ``outcome``; None for one that is not worth a look.

    ``base`` has a letter for each run of the base's branch, oldest first, as ``Past.strip`` returns it.
    """
    verdicts = _verdicts(base)
    was_red = verdicts[-1:] in _RED
    if outcome is Outcome.FLAKY:
        return Group.FLAKY
    if outcome in BAD and verdicts:
        return Group.RED_ON_BASE if was_red else Group.BROKEN
    if outcome is Outcome.PASSED and was_red:
        return Group.FIXED
    if outcome in BAD or (outcome is Outcome.PASSED and not verdicts):
        return Group.NEVER_RAN
    return None


def _verdicts(strip: str) -> str:
    return "".join(letter for letter in strip if letter in _VERDICTS)


def note(group: Group, base: str) -> str:
    """What the runs of the base's branch say about a job of this group; empty if nothing."""
    verdicts = _verdicts(base)
    runs = counted(len(verdicts), "run")
    red_since = len(verdicts) - len(verdicts.rstrip("".join(_RED)))
    if red_since and group in (Group.RED_ON_BASE, Group.FIXED, Group.FLAKY):
        return f"red in the last {counted(red_since, 'run')} of the base" if red_since > 1 else "red in the base's run"
    flaky = verdicts.count(_FLAKY)
    if group in (Group.BROKEN, Group.FLAKY) and flaky:
        return f"flaky in {flaky} of the base's last {runs}"
    if group is Group.FLAKY:
        return f"never flaky in the base's last {runs}" if verdicts else "never ran on the base"
    return ""


@dataclass(frozen=True)
class Base:
    """The runs of the branch that a run is compared with."""

    branch: str | None = None
    """None if no branch is named."""
    past: Past = field(default_factory=Past)
    run: Run | None = None
    """The newest of these runs; None if there is none."""
    problem: str | None = None
    """Why the runs could not be read."""
    is_elsewhere: bool = False
    """Whether they are in another site, to which pages have no links."""

    def why_not(self) -> str:
        """One sentence that says why there is no base."""
        if not self.branch:
            return "Not compared with a base: no branch is named with --against."
        branch = clean(self.branch)
        if self.problem:
            return f"Not compared with a base: the runs of {branch} cannot be read: {clean(self.problem)}."
        if self.past.unread:
            return f"Not compared with a base: {counted(self.past.unread, 'run')} of {branch} cannot be read."
        return f"Not compared with a base: there is no earlier finished run of {branch}."


@dataclass(frozen=True)
class Compared:
    """A job's group, and what the base says about it."""

    group: Group
    note: str
    strip: str
    """A letter for each run of the base's branch, oldest first."""


@dataclass(frozen=True)
class Comparison:
    """A run compared with its base. Page, comment and terminal show this."""

    base: Base = field(default_factory=Base)
    jobs: Mapping[str, Compared] = field(default_factory=dict)
    """By the job's key; without jobs that are in no group. Empty without a base."""

    @property
    def counts(self) -> dict[Group, int]:
        """The number of jobs in each group, in their order, with zeros."""
        counts = Counter(compared.group for compared in self.jobs.values())
        return {group: counts[group] for group in Group}

    def sentence(self) -> str:
        """The comparison in one sentence; without a base, why there is none."""
        run = self.base.run
        if run is None:
            return self.base.why_not()
        commit = clean(str(run.settings.get("commit") or ""))[:10]
        place = f"{clean(self.base.branch or '')}{f' at {commit}' if commit else ''} (run {clean(run.id)})"
        numbers = ", ".join(f"{number:,} {TITLES[group].lower()}" for group, number in self.counts.items() if number)
        return f"Compared with {place}: {numbers or 'no difference'}."


def compare(rows: Iterable[JobRow], run: Run, base: Base, now: float) -> Comparison:
    """The run's jobs in their groups."""
    if base.run is None:
        return Comparison(base)
    return Comparison(base, {row.job.key: compared for row in rows if (compared := _compared(row, run, base, now))})


def _compared(row: JobRow, run: Run, base: Base, now: float) -> Compared | None:
    strip = base.past.strip(row.job.key)
    group = group_of(fold(row, run, now), strip)
    if group is None:
        return None
    notes = [note(group, strip)]
    failed = failed_attempt(row, now)
    there = base.past.error_key(row.job.key)
    if group is Group.RED_ON_BASE and failed and there and there != clean(attempt_key(failed)):
        notes.append("with another error there")
    return Compared(group, ", ".join(filter(None, notes)), strip)


def failed_attempt(row: JobRow, now: float) -> Attempt | None:
    """The newest attempt with an error; None if there is none."""
    return next((attempt for attempt in reversed(history(row, now)) if attempt.error), None)
