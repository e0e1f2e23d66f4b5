"""Computes the time profile of a run: worker seconds by category, which add up to workers times duration."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uitest.model import Answered, Attempt, JobRow, TimeCategory, elapsed_s

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
    """Seconds by label, in the order in which a worker spends them."""

    workers: int
    seconds: float
    """Duration of the run."""
    parts: tuple[tuple[str, float], ...]
    direct: int = 0
    """Commands that were answered without the engine's driver."""
    forwarded: int = 0
    """Commands that the driver answered."""


def profile(rows: Iterable[JobRow], workers: int, began: float, ended: float) -> Profile:
    """The profile of the attempts that started between ``began`` and ``ended``.

    A worker is an owner of attempts; the start of a replacement worker counts as idle time.
    """
    attempts = [attempt for row in rows for attempt in row.attempts if began <= attempt.started_at <= ended]
    first: dict[str, float] = {}
    for attempt in attempts:
        first[attempt.owner] = min(attempt.started_at, first.get(attempt.owner, ended))
    starts, duration_s = sorted(first.values())[:workers], elapsed_s(began, ended)
    collect = sum(elapsed_s(began, start) for start in starts) + (workers - len(starts)) * duration_s
    total = sum(attempt.duration_s for attempt in attempts)
    spent = {label: _sum(attempts, kind) for kind, label in LABELS.items()}
    idle = max(0.0, workers * duration_s - collect - total)
    parts = [(COLLECT, collect), *spent.items(), (KEEP, max(0.0, total - sum(spent.values()))), (IDLE, idle)]
    direct, forwarded = (sum(attempt.commands.get(who, 0) for attempt in attempts) for who in Answered)
    return Profile(workers, duration_s, tuple(parts), direct, forwarded)


def _sum(attempts: Sequence[Attempt], kind: TimeCategory) -> float:
    return sum(attempt.spent.get(kind.value, 0.0) for attempt in attempts)
