"""The jobs of a finished run that are worth a look, in sections: the same for terminal, message and ``uitest status``.

With a base they are its groups in their order, then red jobs in no group; without one, the jobs that are not green. The
quarantine comes last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from uitest.jobs.outcome import GREEN
from uitest.model import JobRow, Outcome
from uitest.reporting.site.comparison import TITLES, Comparison, Group
from uitest.reporting.site.quarantined import TITLE, Quarantined


@dataclass(frozen=True)
class ListedJob:
    """A job with what the base and the quarantine say about it."""

    row: JobRow
    outcome: Outcome
    note: str


@dataclass(frozen=True)
class Section:
    """A group of jobs."""

    title: str
    """Empty for jobs that are in no group."""
    number: int
    """All jobs of the group."""
    jobs: Sequence[ListedJob]
    """Those that are worth a look."""

    @property
    def heading(self) -> str:
        """Title and number; empty without a title."""
        return f"{self.title}: {self.number}" if self.title else ""


def sections(
    outcomes: Iterable[tuple[JobRow, Outcome]], comparison: Comparison, quarantined: Mapping[str, Quarantined]
) -> list[Section]:
    """The sections that have jobs; ``quarantined`` has what the quarantine says, by the job's key."""
    members: dict[Group | None, list[tuple[JobRow, Outcome, str]]] = {group: [] for group in (*Group, None)}
    for row, outcome in outcomes:
        compared, excused = comparison.jobs.get(row.job.key), quarantined.get(row.job.key)
        notes = [compared.note if compared else "", excused.note if excused and not excused.is_listed else ""]
        members[compared.group if compared else None].append((row, outcome, "; ".join(filter(None, notes))))
    groups = [_section(group, jobs) for group, jobs in members.items()]
    listed = [ListedJob(job.row, job.outcome, job.note) for job in quarantined.values() if job.is_listed]
    return [section for section in (*groups, Section(TITLE, len(listed), listed)) if section.jobs or section.number]


def _section(group: Group | None, members: Sequence[tuple[JobRow, Outcome, str]]) -> Section:
    if group is None:
        return Section("", 0, [ListedJob(*job) for job in members if job[1] not in GREEN])
    # Cases that are new and passed need no look.
    shown = [ListedJob(*job) for job in members if job[1] is not Outcome.PASSED or group is Group.FIXED]
    return Section(TITLES[group], len(members), shown)
