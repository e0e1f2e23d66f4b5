"""Which tasks share an invocation."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.executors.attempt import Task
from uitest.executors.aws.batches import AUTO_S, MAX_AUTO_TASKS, batches
from uitest.model import Job, Past


def make(seconds: Sequence[float], engines: str = "c") -> tuple[list[Task], dict[str, Past]]:
    """Tasks of these durations, and what is known of them."""
    tasks = [Task(Job("m", str(n), engines[n % len(engines)]), 1) for n in range(len(seconds))]
    return tasks, {task.job.key: Past(took, False) for task, took in zip(tasks, seconds, strict=True)}


def cases(batched: list[tuple[Task, ...]]) -> list[str]:
    """The cases of each batch."""
    return [" ".join(task.job.case for task in batch) for batch in batched]


def test_longest_case_comes_first() -> None:
    """A run ends with its last case."""
    tasks, past = make([1, 3, 2])
    assert cases(batches(tasks, past, 1, 100)) == ["1", "2", "0"]


def test_failed_cases_come_before_long_ones() -> None:
    """What was not green comes before what takes long."""
    tasks, past = make([1, 3, 2])
    past[tasks[0].job.key] = Past(1, True)
    assert cases(batches(tasks, past, 1, 100, failed_first=True)) == ["0", "1", "2"]


def test_batches_have_the_given_size_and_one_engine() -> None:
    """Engines are not mixed: each would have to be started."""
    tasks, past = make([1] * 5, "cf")
    assert cases(batches(tasks, past, 2, 100)) == ["0 2", "1 3", "4"]


def test_auto_batches_fill_half_a_minute() -> None:
    """Where there is more work than invocations at once."""
    tasks, past = make([10] * 12)
    assert [len(batch) for batch in batches(tasks, past, 0, 2)] == [3, 3, 3, 3]


def test_auto_batches_leave_no_invocation_idle() -> None:
    """Sixty short cases are one each when sixty invocations may run at once, not two of thirty seconds."""
    tasks, past = make([1] * 60)
    assert len(batches(tasks, past, 0, 100)) == 60
    assert [len(batch) for batch in batches(tasks, past, 0, 4)] == [15] * 4


def test_long_case_has_a_batch_of_its_own() -> None:
    """It has an invocation of its own."""
    tasks, past = make([100, 1, 1])
    assert cases(batches(tasks, past, 0, 1)) == ["0", "1 2"]


@quick
@given(
    seconds=st.lists(st.floats(0, 100), max_size=300),
    size=st.integers(0, 7),
    at_once=st.integers(1, 50),
    engines=st.sampled_from(["c", "cf", "cfw"]),
)
def test_every_task_is_in_one_batch(seconds: list[float], size: int, at_once: int, engines: str) -> None:
    """Whatever is known: none is lost, none doubled, no batch is empty, too large or of two engines."""
    tasks, past = make(seconds, engines)
    batched = batches(tasks, past, size, at_once)
    assert sorted(task.job.case for batch in batched for task in batch) == sorted(task.job.case for task in tasks)
    for batch in batched:
        assert 1 <= len(batch) <= (size or MAX_AUTO_TASKS)
        assert len({task.job.browser for task in batch}) == 1
        if not size and len(batch) > 1:
            assert sum(past[task.job.key].duration_s or 0 for task in batch) <= AUTO_S * (1 + 1e-9)
