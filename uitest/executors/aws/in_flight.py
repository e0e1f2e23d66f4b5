"""Follows accepted Lambda invocations by the rows of their tasks: pure.

Lambda says only that it has accepted an invocation. Whether it runs, has ended or is lost follows from its tasks::

    waiting    the task's attempt is due, so nobody has claimed it
    running    it is claimed, and its lease holds
    over       it was reported, or its lease expired, or a late report of the attempt before made it unnecessary

An invocation with a running task is running; one whose tasks are all over has ended. One with only waiting tasks is
given some time, counted from its acceptance or from the last claim of one of its tasks; then it counts as lost, and its
tasks may be sent again. If it starts later all the same, that does no harm, as an attempt is claimed only once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from uitest.executors.attempt import Task
from uitest.jobs.outcome import is_running
from uitest.model import Job, JobRow


@dataclass(frozen=True, slots=True)
class InFlight:
    """One accepted invocation."""

    tasks: tuple[Task, ...]
    moved_at: float
    """When it was accepted, or last seen to claim or run a task; seconds since the epoch."""
    patience_s: float
    """Seconds without progress after which it counts as lost."""
    begun: int = 0
    """Number of claimed tasks at the last poll."""


def follow(flight: InFlight, rows: Mapping[Job, JobRow], wanted: Collection[Task], now: float) -> InFlight | None:
    """The invocation updated from the rows and the due attempts (``wanted``); None if it has ended or is lost."""
    waiting = sum(task in wanted for task in flight.tasks)
    running = any(rows[task.job].attempt == task.number and is_running(rows[task.job], now) for task in flight.tasks)
    begun = len(flight.tasks) - waiting
    if running or (waiting and begun > flight.begun):
        return replace(flight, moved_at=now, begun=begun)
    return flight if waiting and now - flight.moved_at <= flight.patience_s else None
