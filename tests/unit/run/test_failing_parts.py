"""Executors, stores and reporters that break during a run."""

import errno
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

import pytest

from tests.support.run_harness import LINGERING, RunHarness, outcomes
from uitest.errors import ExecutorError, RowsLost, StoreError, UsageError
from uitest.executors.attempt import Task
from uitest.model import JobRow, Past, Run, RunState
from uitest.run.coordinator import Coordinator, take_over
from uitest.storage.stores.sqlite import SqliteStore


def test_run_ends_though_its_executor_does_not(harness: RunHarness) -> None:
    """Once every outcome is known the run ends, though a fixture of the suite hangs at its end."""
    header = harness.plan(["a"])
    executor = harness.executor(header, {})
    poll_attempts = executor.poll_attempts
    executor.poll_attempts = lambda *looked: poll_attempts(*looked) or {LINGERING}  # type: ignore[method-assign]
    result = harness.complete(header, executor)
    assert (result.exit_code, result.run.state, executor.stopped) == (0, RunState.FINISHED, 1)


def test_vanished_tasks_end_the_run_with_an_error(harness: RunHarness) -> None:
    """Tasks that vanish end the run with an error, not never; what was reported stays."""
    header = harness.plan(["a", "b"])
    executor = harness.executor(header, {"b": ["ignore"] * 99})
    with pytest.raises(ExecutorError, match="makes no attempts"):
        harness.complete(header, executor)
    ended = harness.store.run(header.id)
    assert (ended.state, executor.stopped) == (RunState.INTERRUPTED, 1)
    assert ended.note is not None
    assert [row.attempt for row in harness.store.jobs(header.id)] == [1, 0]


def test_dropped_task_is_submitted_again(harness: RunHarness) -> None:
    """One lost dispatch costs nothing but time."""
    result = harness.run({"a": ["ignore"], "b": []})
    assert (result.exit_code, [row.attempt for row in result.rows]) == (0, [1, 1])


def test_waiting_task_is_not_submitted_twice(harness: RunHarness) -> None:
    """A job in the executor's queue is not handed over again at each look."""
    header = harness.plan(["a", "b", "c", "d"], retries=1)
    executor = harness.executor(header, {"a": ["failed"]})
    harness.complete(header, executor)
    handed = [task for tasks in executor.submissions for task in tasks]
    assert sorted(handed) == [("a", 1), ("a", 2), ("b", 1), ("c", 1), ("d", 1)]


def test_broken_executor_interrupts_the_run_with_its_reason(harness: RunHarness) -> None:
    """Its reason reaches the user, the run is marked and can be resumed."""
    header = harness.plan(["a"])
    executor = harness.executor(header, {})

    def broken(tasks: Sequence[Task]) -> None:
        raise UsageError("test_a.py cannot be collected")

    executor.submit = broken  # type: ignore[method-assign]
    with pytest.raises(UsageError, match="cannot be collected"):
        harness.complete(header, executor)
    ended = harness.store.run(header.id)
    assert (ended.state, ended.note) == (RunState.INTERRUPTED, "test_a.py cannot be collected")
    assert take_over(harness.store, header.id, harness.clock()).state is RunState.RUNNING


def test_broken_store_stops_the_executor(harness: RunHarness) -> None:
    """Without a store there is nothing to coordinate: no process is left behind."""
    header = harness.plan(["a", "b"])
    executor = harness.executor(header, {"a": ["hang"]})

    class Broken(SqliteStore):
        """Fails once the first attempt is under way."""

        def jobs(self, run_id: str, claimed_since: float | None = None) -> list[JobRow]:
            if executor.made:
                raise StoreError("the disk is full")
            return super().jobs(run_id, claimed_since)

    store = Broken(harness.path)
    try:
        with pytest.raises(ExecutorError, match="disk is full"):
            Coordinator(
                store, header, executor, [], harness.clock, harness.clock.sleep, harness.clock
            ).run_to_completion()
    finally:
        store.close()
    assert executor.stopped


class Recorder:
    """A reporter that remembers, and breaks where told."""

    def __init__(self, breaks: Callable[[str], bool] = lambda _when: False) -> None:
        self.heard: list[str] = []
        self._breaks = breaks

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Remember."""
        self._hear("update")

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Remember."""
        self._hear(f"finish {run.state}")

    def _hear(self, what: str) -> None:
        self.heard.append(what)
        if self._breaks(what):
            raise RuntimeError("no room")


def test_reporters_get_every_event(harness: RunHarness) -> None:
    """They are told as the run goes on, and its end exactly once."""
    header, recorder = harness.plan(["a", "b"]), Recorder()
    harness.complete(header, harness.executor(header, {}), recorder)
    assert recorder.heard[-1] == "finish finished"
    assert recorder.heard.count("update") == len(recorder.heard) - 1 > 1


def test_broken_reporter_does_not_change_the_result(harness: RunHarness) -> None:
    """It is told about at the end; the other reporters and the exit code are as without it."""
    header, broken, sound = harness.plan(["a", "b"]), Recorder(lambda _: True), Recorder()
    result = harness.complete(header, harness.executor(header, {"b": ["failed"]}), broken, sound)
    assert (result.exit_code, outcomes(result)) == (1, {"a": "passed", "b": "failed"})
    assert result.problems == ("Recorder stopped working: RuntimeError: no room",)
    assert sound.heard[-1] == "finish finished"
    assert result.unfinished == {"Recorder"}


def test_reporter_that_failed_once_still_gets_the_end(harness: RunHarness) -> None:
    """A moment without network must not cost the final pages; in between it is left alone."""
    header, shaky = harness.plan(["a", "b"]), Recorder(lambda when: when == "update")
    result = harness.complete(header, harness.executor(header, {}), shaky)
    assert shaky.heard == ["update", "finish finished"]
    assert not result.unfinished
    assert len(result.problems) == 1


def test_durations_that_cannot_be_saved_do_not_change_the_result(harness: RunHarness) -> None:
    """It is told like a broken reporter; exit code, counts and pages are as ever."""

    class Forgetful(SqliteStore):
        """Has no room left."""

        def remember(self, past: Mapping[str, Past]) -> None:
            raise StoreError("no room")

    header, recorder = harness.plan(["a"]), Recorder()
    store = Forgetful(harness.path)
    try:
        executor = harness.executor(header, {"a": ["failed"]})
        result = Coordinator(
            store, header, executor, [recorder], harness.clock, harness.clock.sleep, harness.clock
        ).run_to_completion()
    finally:
        store.close()
    assert (result.exit_code, outcomes(result)) == (1, {"a": "failed"})
    assert result.problems == ("durations were not saved for later runs: StoreError: no room",)
    assert recorder.heard[-1] == "finish finished"


def test_failed_execution_stops_the_executor(harness: RunHarness) -> None:
    """A full disk while work is handed out: the run is interrupted, no process is left, and exit code 3 says why."""
    header = harness.plan(["a"])
    executor = harness.executor(header, {})

    def full(_tasks: Sequence[Task]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    executor.submit = full  # type: ignore[method-assign]
    with pytest.raises(ExecutorError, match="No space left on device; after fixing that, continue with: uitest resume"):
        harness.complete(header, executor)
    assert executor.stopped
    assert harness.store.run(header.id).state is RunState.INTERRUPTED


def test_run_is_red_when_a_row_vanishes(harness: RunHarness) -> None:
    """A job whose row is deleted while the run goes on makes it red, with a line that says so; the others end."""
    header = harness.plan(["a", "b"])

    def delete() -> None:
        with closing(sqlite3.connect(harness.path)) as database, database:
            database.execute("DELETE FROM jobs WHERE run = ? AND \"case\" = 'b'", (header.id,))

    harness.clock.while_asleep.append(delete)
    result = harness.complete(header, harness.executor(header, {}))
    assert result.exit_code == 3
    assert result.run.error == "1 of 2 planned jobs are missing from the store"
    assert outcomes(result) == {"a": "passed"}


def test_vanished_run_ends_with_exit_code_3(harness: RunHarness) -> None:
    """A run that is deleted while it goes on ends with exit code 3 and a report of what was known."""
    header = harness.plan(["a", "b"])
    recorder, executor = Recorder(), harness.executor(header, {"a": ["hang"]})
    harness.clock.while_asleep.append(lambda: harness.store.delete_run(header.id))
    with pytest.raises(RowsLost, match="was deleted while it ran") as raised:
        harness.complete(header, executor, recorder)
    assert raised.value.exit_code == 3
    assert executor.stopped
    assert recorder.heard[-1] == "finish interrupted"
