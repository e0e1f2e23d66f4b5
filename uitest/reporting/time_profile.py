"""Where the time of a run went: worker seconds by kind of work, which add up to workers times duration."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uitest.model import Answered, Attempt, JobRow, TimeCategory

LABELS = {
    TimeCategory.BROWSER: "browser start",
    TimeCategory.CONTEXT: "contexts",
    TimeCategory.NAVIGATION: "navigation",
    TimeCategory.COMMANDS: "commands",
    TimeCategory.WAITS: "waits",
    TimeCategory.TRACE: "recording",
    TimeCategory.FIXTURES: "fixtures",
    TimeCategory.TEST: "test code",
}
COLLECT, KEEP, IDLE = "start and collect", "reports and pictures", "idle workers"


@dataclass(frozen=True)
class Profile:
    """Seconds by label, in the order in which a worker comes to them."""

    workers: int
    seconds: float
    """How long the run took; each worker has so many to spend."""
    parts: tuple[tuple[str, float], ...]
    direct: int = 0
    """Commands that were answered without the engine's driver."""
    forwarded: int = 0
    """Commands that the driver answered."""


def profile(rows: Iterable[JobRow], workers: int, began: float, ended: float) -> Profile:
    """What the attempts that started between two times spent, by kind.

    A worker is an owner of attempts; of one that was started in another's place the start counts as idle time.
    """
    attempts = [one for row in rows for one in row.attempts if began <= one.started_at <= ended]
    first: dict[str, float] = {}
    for one in attempts:
        first[one.owner] = min(one.started_at, first.get(one.owner, ended))
    starts = sorted(first.values())[:workers]
    collect = sum(start - began for start in starts) + (workers - len(starts)) * (ended - began)
    took = sum(one.duration_s for one in attempts)
    spent = {label: _sum(attempts, kind) for kind, label in LABELS.items()}
    idle = max(0.0, workers * (ended - began) - collect - took)
    parts = [(COLLECT, collect), *spent.items(), (KEEP, max(0.0, took - sum(spent.values()))), (IDLE, idle)]
    direct, forwarded = (sum(one.commands.get(who, 0) for one in attempts) for who in Answered)
    return Profile(workers, ended - began, tuple(parts), direct, forwarded)


def _sum(attempts: Sequence[Attempt], kind: TimeCategory) -> float:
    return sum(one.spent.get(kind.value, 0.0) for one in attempts)
