"""Following a run that a state machine sees through."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws.lambda_client import refusal
from tests.support.aws.steps_client import FakeSteps
from tests.support.builders import NOW, make_attempt, make_run
from tests.support.scripted import Clock
from uitest.errors import ExecutorError
from uitest.executors.aws.step_functions import Execution
from uitest.model import Job, JobRow, Run, RunState
from uitest.run.execution_watcher import ExecutionWatcher
from uitest.run.finalize import Result
from uitest.storage.stores.sqlite import SqliteStore

JOBS = [Job("m", case, "chrome") for case in "ab"]
RUNNING = {"status": "RUNNING"}


class Seen:
    """A reporter that remembers."""

    def __init__(self) -> None:
        self.updates: list[int] = []
        self.ends: list[RunState] = []

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """How many attempts there were."""
        self.updates.append(sum(len(row.attempts) for row in rows))

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """How it ended."""
        self.ends.append(run.state)


class Stage:
    """A run in a store, and what is told of it here and, for want of the machine, in public."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore(folder / "uitest.db")
        self.run = make_run("r", planned=2, beat_at=NOW)
        self.store.create_run(self.run, JOBS)
        self.here, self.public = Seen(), Seen()

    def passes(self, job: Job) -> None:
        """A worker's part."""
        assert self.store.claim("r", job.key, 1, "w", NOW, 60)
        assert self.store.finish("r", job.key, make_attempt(1, "w"))

    def finalise(self, state: RunState = RunState.FINISHED, **more: Any) -> dict[str, str]:
        """The state machine's part."""
        self.store.update_run("r", state=state, finished_at=NOW, **more)
        return {"status": "SUCCEEDED"}

    def follow(self, client: FakeSteps) -> Result:
        """All of it."""
        clock = Clock()
        execution = Execution("arn:machine", "the-name", client)
        follower = ExecutionWatcher(self.store, self.run, execution, [self.here], [self.public], clock, clock.sleep)
        return follower.run_to_completion("dynamodb:m,s")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """One whose run has two jobs."""
    stage = Stage(tmp_path)
    yield stage
    stage.store.close()


def test_run_is_reported_while_it_goes_on_and_at_its_end(stage: Stage) -> None:
    """Told while it goes on and when it has ended; what the machine reports itself is left to it."""

    def first() -> dict[str, str]:
        stage.passes(JOBS[0])
        return RUNNING

    def second() -> dict[str, str]:
        stage.passes(JOBS[1])
        return stage.finalise(settings={"problems": ["no message"]})

    result = stage.follow(FakeSteps(RUNNING, first, second, {"status": "SUCCEEDED"}))
    assert (result.exit_code, result.run.state, result.problems) == (0, RunState.FINISHED, ("no message",))
    assert (stage.here.updates, stage.here.ends, stage.public.ends) == ([0, 1], [RunState.FINISHED], [])


def test_execution_name_is_stored_before_the_start(stage: Stage) -> None:
    """The first step of the state machine looks for it."""

    def look() -> dict[str, str]:
        assert stage.store.run("r").settings["execution"] == "the-name"
        return stage.finalise(RunState.INTERRUPTED, note="stopped")

    assert stage.follow(FakeSteps(look)).exit_code == 3


def test_failed_execution_ends_the_run_with_its_reason(stage: Stage) -> None:
    """The end is written here, with the reason, and raised."""
    failed = {"status": "FAILED", "error": "StoreError", "cause": "no table"}
    with pytest.raises(ExecutorError, match=r"failed \(StoreError: no table\); continue with: uitest resume r"):
        stage.follow(FakeSteps(RUNNING, failed))
    run = stage.store.run("r")
    assert (run.state, run.note) == (RunState.INTERRUPTED, "execution 'the-name' failed (StoreError: no table)")
    assert stage.here.ends == stage.public.ends == [RunState.INTERRUPTED]


def test_execution_that_fails_after_the_run_changes_nothing(stage: Stage) -> None:
    """As one does whose run is not green: the store says what became of it."""
    stage.passes(JOBS[0])
    over = FakeSteps(lambda: {**stage.finalise(RunState.CANCELLED), "status": "FAILED"})
    assert stage.follow(over).exit_code == 3
    assert stage.store.run("r").state is RunState.CANCELLED


def test_execution_that_cannot_be_started_interrupts_the_run(stage: Stage) -> None:
    """The run is not left to seem at work."""
    client = FakeSteps(RUNNING)
    client.refusal = refusal("AccessDeniedException", 403)
    with pytest.raises(ExecutorError, match="no permission"):
        stage.follow(client)
    assert stage.store.run("r").state is RunState.INTERRUPTED


def test_interrupt_stops_the_execution_and_the_run(stage: Stage) -> None:
    """The execution is stopped, the run ends as interrupted."""
    stage.passes(JOBS[0])
    client = FakeSteps(RUNNING, KeyboardInterrupt())
    result = stage.follow(client)
    assert (result.exit_code, result.run.note) == (130, "interrupted by its user")
    assert client.stopped == [{"executionArn": "arn:the-execution", "cause": "interrupted by its user"}]
    assert stage.public.ends == [RunState.INTERRUPTED]


def test_late_interrupt_leaves_an_ended_run(stage: Stage) -> None:
    """A run that the machine has ended stays as it is."""

    def late() -> dict[str, str]:
        for job in JOBS:
            stage.passes(job)
        stage.finalise()
        raise KeyboardInterrupt

    assert stage.follow(FakeSteps(late)).exit_code == 0
