"""The executor, against the embedded store and a client that answers as told."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws.lambda_client import THROTTLE, FakeLambda, refusal
from tests.support.builders import NOW, make_attempt, make_run
from tests.support.processes import eventually
from tests.support.scripted import Clock
from uitest.errors import ExecutorError, UsageError
from uitest.executors.attempt import Assignment, Task
from uitest.executors.aws.client import TRIES
from uitest.executors.aws.event import Invocation
from uitest.executors.aws.lambda_executor import LambdaExecutor, LambdaSettings
from uitest.jobs.outcome import wants_attempt
from uitest.model import Job
from uitest.storage.stores.sqlite import SqliteStore

PATIENCE_S = 60.0


@dataclass
class Stage:
    """An executor, its client, and the rows it sees."""

    store: SqliteStore
    client: FakeLambda
    executor: LambdaExecutor
    clock: Clock

    def submit(self, *cases: str, number: int = 1) -> None:
        """Hand over tasks."""
        self.executor.submit([Task(Job("m", case, "chrome"), number) for case in cases])

    def poll_attempts(self, after_s: float = 0.0) -> set[str]:
        """One look, so much later and after all requests of the one before; cases that are pending."""
        eventually(lambda: not self.executor.unanswered, "every request is answered")
        self.clock.now += after_s
        return {task.job.case for task in self.poll()}

    def poll(self) -> Collection[Task]:
        """As a coordinator that wants every job to be reported once."""
        run, rows, now = self.store.run("r"), self.store.jobs("r"), self.clock.now
        return self.executor.poll_attempts(
            rows, {Task(r.job, r.attempt + 1) for r in rows if wants_attempt(r, run, 0, now)}
        )

    def sent(self) -> list[str]:
        """Cases of each invocation that Lambda accepted so far."""
        eventually(lambda: not self.executor.unanswered, "every request is answered")
        return sorted(
            " ".join(task.job.case for task in invocation.assignment.tasks) for invocation in self.client.accepted
        )

    def claim(self, case: str, number: int = 1, lease_s: float = 60.0) -> None:
        """A worker begins."""
        assert self.store.claim("r", Job("m", case, "chrome").key, number, "w", self.clock.now, lease_s)

    def finish(self, case: str, number: int = 1) -> None:
        """A worker reports."""
        assert self.store.finish("r", Job("m", case, "chrome").key, make_attempt(number, "w"))


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Any]:
    """Makes a stage with a run of four cases."""
    store = SqliteStore(tmp_path / "uitest.db")
    stages = []

    def make(client: FakeLambda | None = None, **settings: Any) -> Stage:
        store.create_run(make_run("r"), [Job("m", case, "chrome") for case in "abcd"])
        client, clock = client or FakeLambda(), Clock()
        invocation = Invocation("http://x", Assignment("r", "dynamodb:m,s", "s3://b", 0, ()))
        executor = LambdaExecutor(LambdaSettings("f", **settings), invocation, client, clock)
        stages.append(executor)
        return Stage(store, client, executor, clock)

    yield make
    for executor in stages:
        executor.stop()
    store.close()


def test_each_task_is_invoked_once(make: Any) -> None:
    """After one question whether the function works; looks in between change nothing."""
    stage = make()
    stage.submit("a", "b")
    assert [stage.poll_attempts() for _ in range(4)] == [{"a", "b"}] * 4
    assert stage.sent() == ["a", "b"]
    assert sorted(stage.client.asked) == ["Event", "Event", "RequestResponse"]
    stage.submit("c")
    assert stage.poll_attempts() == {"a", "b", "c"}
    assert stage.sent() == ["a", "b", "c"]
    assert stage.client.asked.count("RequestResponse") == 1


def test_concurrency_limit_is_kept(make: Any) -> None:
    """The next one is sent when the rows show that one has ended."""
    stage = make(max_concurrency=2)
    stage.submit("a", "b", "c", "d")
    assert [stage.poll_attempts() for _ in range(3)] == [set("abcd")] * 3
    assert stage.sent() == ["a", "b"]
    stage.claim("a")
    stage.claim("b")
    stage.finish("b")
    stage.poll_attempts()
    assert stage.sent() == ["a", "b", "c"]
    assert stage.poll_attempts() == {"a", "c", "d"}


def test_several_cases_share_an_invocation(make: Any) -> None:
    """As one slot, until the last of them has ended."""
    stage = make(max_concurrency=1, cases_per_invocation=3)
    stage.submit("a", "b", "c", "d")
    stage.poll_attempts()
    for case in "ab":
        stage.claim(case)
        stage.finish(case)
    assert stage.poll_attempts() == {"a", "b", "c", "d"}
    assert stage.sent() == ["a b c"]
    stage.claim("c")
    stage.finish("c")
    stage.poll_attempts()
    assert stage.sent() == ["a b c", "d"]


def test_invocation_that_does_not_begin_is_sent_again(make: Any) -> None:
    """After a time; sent again it has twice that, as Lambda may only be slow."""
    stage = make()
    stage.submit("a", "b")
    stage.poll_attempts()
    stage.poll_attempts()
    stage.claim("b", lease_s=1_000)
    assert stage.poll_attempts(PATIENCE_S) == {"a", "b"}
    assert stage.poll_attempts(1) == {"b"}
    stage.submit("a")
    stage.poll_attempts()
    assert stage.poll_attempts() == {"a", "b"}
    assert stage.sent() == ["a", "a", "b"]
    assert stage.poll_attempts(2 * PATIENCE_S) == {"a", "b"}
    assert stage.poll_attempts(1) == {"b"}


def test_silent_worker_is_over_when_its_lease_ends(make: Any) -> None:
    """Its task is over then: the coordinator wants the next attempt."""
    stage = make()
    stage.submit("a")
    stage.poll_attempts()
    stage.poll_attempts()
    stage.claim("a", lease_s=30)
    assert stage.poll_attempts(29) == {"a"}
    assert stage.poll_attempts(2) == set()
    stage.submit("a", number=2)
    stage.poll_attempts()
    assert stage.sent() == ["a", "a"]


def test_late_report_removes_the_queued_attempt(make: Any) -> None:
    """The attempt that was to replace it is not made."""
    stage = make(max_concurrency=1)
    stage.claim("a", lease_s=10)
    stage.submit("b")
    stage.poll_attempts()
    stage.poll_attempts(11)
    stage.submit("a", number=2)
    assert stage.poll_attempts() == {"a", "b"}
    stage.finish("a")
    stage.claim("b")
    stage.finish("b")
    assert stage.poll_attempts() == set()
    assert stage.sent() == ["b"]


def test_throttled_requests_stay_pending(make: Any) -> None:
    """They are no lost invocations, and no reason to stop."""
    stage = make(FakeLambda(None, THROTTLE, THROTTLE))
    stage.submit("a")
    stage.clock.now += PATIENCE_S + 1
    assert {task.job.case for task in stage.poll()} == {"a"}
    assert stage.sent() == ["a"]
    assert stage.poll_attempts() == {"a"}
    assert stage.client.asked == ["RequestResponse", "Event", "Event", "Event"]


def test_missing_function_ends_the_run_before_anything_is_sent(make: Any) -> None:
    """The first question tells; nothing is sent."""
    stage = make(FakeLambda(refusal("ResourceNotFoundException", 404)))
    with pytest.raises(ExecutorError, match="does not exist"):
        stage.submit("a")
    assert stage.sent() == []


def test_busy_function_is_asked_again(make: Any) -> None:
    """It is there and ours to invoke: the run goes on, and asks again before its retries."""
    stage = make(FakeLambda(*[THROTTLE] * TRIES))
    stage.submit("a")
    assert stage.sent() == ["a"]
    stage.submit("b")
    stage.submit("c")
    assert stage.sent() == ["a", "b", "c"]
    assert stage.client.asked.count("RequestResponse") == TRIES + 1


def test_broken_case_files_are_a_usage_error(make: Any) -> None:
    """It is a mistake to be mended, as on this machine."""
    stage = make(FakeLambda(answer={"problem": "test_x.py cannot be collected: NameError"}))
    with pytest.raises(UsageError, match=r"NameError \(in Lambda function 'f'\)"):
        stage.submit("a")


def test_refused_invocation_is_raised_by_the_next_poll(make: Any) -> None:
    """The next look tells."""
    stage = make(FakeLambda(None, refusal("AccessDeniedException", 403)))
    stage.submit("a")
    with pytest.raises(ExecutorError, match="no permission for lambda:InvokeFunction"):
        stage.poll_attempts()


def test_stop_sends_nothing_more_and_wakes_who_waits(make: Any) -> None:
    """What is queued is never sent, who waits for a throttled function is woken; harmless when repeated."""
    stage = make(FakeLambda(None, *[THROTTLE] * 10_000))
    stage.submit("a", "b")
    stage.poll()
    stage.executor.stop()
    stage.executor.stop()
    assert (stage.sent(), stage.client.closed) == ([], True)
    assert stage.clock.now == NOW


def test_invocations_keep_to_the_rate_of_starts(make: Any) -> None:
    """Invocations wait for their turn."""
    stage = make(max_starts_per_second=1_000.0)
    stage.submit("a", "b", "c")
    stage.poll_attempts()
    assert stage.sent() == ["a", "b", "c"]


def test_nothing_is_known_about_workers(make: Any) -> None:
    """Silence is not death."""
    assert not make().executor.is_dead("lambda:1")
