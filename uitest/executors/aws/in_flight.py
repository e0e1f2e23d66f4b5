"""Invocations that Lambda has accepted, and what the status table says of them: pure.

Lambda answers "accepted" and nothing more. Whether an invocation is at work, over or lost shows in the rows of its
tasks alone::

    waiting    the task's attempt is wanted, so nobody has claimed it
    running    it is claimed, and its lease is not over
    over       it was reported, or its lease ran out, or a late report of the attempt before it made it needless

A flight with a running task is at work. One whose tasks are all over has landed. One that only waits is given time,
counted from its acceptance or from the last of its tasks that was begun; then it is taken for lost, and its tasks may
be sent again. A flight that turns up after that does no harm: an attempt is claimed once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from uitest.executors.attempt import Task
from uitest.jobs.outcome import is_running
from uitest.model import Job, JobRow


@dataclass(frozen=True, slots=True)
class InFlight:
    """One invocation under way."""

    tasks: tuple[Task, ...]
    moved_at: float
    """When it was accepted, or last seen to begin or run a task; seconds since the epoch."""
    patience_s: float
    """How long it may stand still before it is taken for lost."""
    begun: int = 0
    """Tasks that were begun when it was last looked at."""


def follow(flight: InFlight, rows: Mapping[Job, JobRow], wanted: Collection[Task], now: float) -> InFlight | None:
    """The flight as the rows show it, with the attempts they call for; None when it has landed or is lost."""
    waiting = sum(task in wanted for task in flight.tasks)
    running = any(rows[task.job].attempt == task.number and is_running(rows[task.job], now) for task in flight.tasks)
    begun = len(flight.tasks) - waiting
    if running or (waiting and begun > flight.begun):
        return replace(flight, moved_at=now, begun=begun)
    return flight if waiting and now - flight.moved_at <= flight.patience_s else None
