"""What the rows say of an invocation."""

from tests.support.builders import NOW, make_attempt
from uitest.executors.attempt import Task
from uitest.executors.aws.in_flight import InFlight, follow
from uitest.model import Job, JobRow

A, B = Job("m", "a", "chrome"), Job("m", "b", "chrome")
FLIGHT = InFlight((Task(A, 1), Task(B, 2)), NOW, 60)


def row(job: Job, attempt: int, until: float | None = None, done: int = 0) -> JobRow:
    """A row with so many claims, the last of which has a lease or is reported."""
    attempts = tuple(make_attempt(number) for number in range(1, done + 1))
    return JobRow(job, attempt, "w" if until else None, until, NOW if until else None, attempts)


def look(a: JobRow, b: JobRow, after_s: float, flight: InFlight = FLIGHT) -> InFlight | None:
    """The flight so many seconds later, when every attempt is wanted that nobody has begun."""
    wanted = {task for task, row in zip(FLIGHT.tasks, (a, b), strict=True) if row.attempt < task.number}
    return follow(flight, {A: a, B: b}, wanted, NOW + after_s)


WAITING = row(A, 0), row(B, 1, done=1)


def test_invocation_without_progress_is_lost_after_its_time() -> None:
    """It has its time; then it is lost."""
    assert look(*WAITING, 60) == FLIGHT
    assert look(*WAITING, 61) is None


def test_running_task_stops_the_clock() -> None:
    """As long as a task runs the clock does not, for the tasks behind it either."""
    moved = look(row(A, 1, NOW + 600), WAITING[1], 500)
    assert moved is not None
    assert moved.moved_at == NOW + 500
    assert look(row(A, 1, done=1), WAITING[1], 559, moved) is not None
    assert look(row(A, 1, done=1), WAITING[1], 561, moved) is None


def test_case_between_two_polls_counts_as_progress() -> None:
    """One that was begun and reported unseen is a sign of life too."""
    moved = look(row(A, 1, done=1), WAITING[1], 50)
    assert moved is not None
    assert look(row(A, 1, done=1), WAITING[1], 109, moved) is not None
    assert look(row(A, 1, done=1), WAITING[1], 111, moved) is None


def test_unwanted_task_ends_its_flight() -> None:
    """The attempt before it was reported after all, and passed: nobody will begin it."""
    assert follow(InFlight((Task(B, 2),), NOW, 60), {B: row(B, 1, done=1)}, (), NOW + 1) is None


def test_reported_or_expired_tasks_end_their_flight() -> None:
    """Reported, out of lease or overtaken: nothing more will come of it."""
    for a in (row(A, 1, done=1), row(A, 1, NOW - 1), row(A, 2, NOW + 60)):
        assert look(a, row(B, 2, done=2), 1) is None
