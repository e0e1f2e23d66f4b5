"""Environments that are processes: AWS's own runtime client with the real handler."""

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.builders import make_run
from tests.support.inner_pytest import FEW_PLUGINS
from tests.support.processes import alive, descendants, eventually
from uitest import log
from uitest.executors.attempt import Assignment, Task
from uitest.executors.aws.event import Invocation
from uitest.local_aws.environments import Answer, Delivery
from uitest.local_aws.faults import Fate
from uitest.local_aws.process import Image, ProcessEnvironment
from uitest.model import Job, Verdict
from uitest.storage.stores.sqlite import SqliteStore

CASES = """
import os, time
from pathlib import Path
HERE = Path(__file__).parent
def test_quick(): (HERE / "quick").write_text(str(os.getppid()))
def test_again(): assert (HERE / "quick").read_text() == str(os.getppid()), "another environment"
def test_slow():
    (HERE / "slow").touch()
    time.sleep(60)
def test_steady(): time.sleep(4)
"""

Start = Callable[..., ProcessEnvironment]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """With a run of every case."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "test_it.py").write_text(CASES)
    store = SqliteStore(tmp_path / "uitest.db")
    store.create_run(make_run("r"), [job(name) for name in ("quick", "again", "slow", "steady")])
    yield store
    store.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts environments and ends them."""
    with ExitStack() as cleanup:

        def start(**image: Any) -> ProcessEnvironment:
            environ = {"UITEST_CASES": str(tmp_path / "cases"), "PYTEST_ADDOPTS": FEW_PLUGINS}
            environment = ProcessEnvironment(replace(Image(environ=environ), **image))
            cleanup.callback(environment.close)
            return environment

        yield start


def job(name: str) -> Job:
    """One of the cases."""
    return Job("m", f"test_it::test_{name}", "chrome")


def invoke(
    environment: ProcessEnvironment, folder: Path, *names: str, seconds: float = 60, fate: Fate = Fate.FINE, **more: Any
) -> Answer:
    """Have these cases run."""
    tasks = tuple(Task(job(name), 1) for name in names)
    assignment = Assignment("r", f"sqlite:{folder / 'uitest.db'}", str(folder / "shots"), 0, tasks, **more)
    payload = Invocation("http://x", assignment).to_event()
    return environment.invoke(Delivery("id", payload, time.time() + seconds, fate))


def verdicts(answer: Answer) -> list[str | None]:
    """What the handler says."""
    return [attempt["verdict"] for attempt in json.loads(answer.payload)["attempts"]]


def group_is_stopped(environment: ProcessEnvironment) -> bool:
    """Whether the process does not run, and does not end either."""
    stat = Path(f"/proc/{environment.group}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("freeze", [False, True], ids=["warm", "frozen"])
def test_invocations_share_an_environment(store: SqliteStore, start: Start, tmp_path: Path, freeze: bool) -> None:
    """One after the other, whether it stands still in between or not."""
    environment = start(freeze=freeze)
    assert verdicts(invoke(environment, tmp_path, "quick")) == ["passed"]
    assert environment.is_alive()
    eventually(lambda: group_is_stopped(environment) == freeze, "frozen or not")
    assert verdicts(invoke(environment, tmp_path, "again")) == ["passed"]


def test_handler_that_cannot_be_imported_answers_with_the_reason(
    store: SqliteStore, start: Start, tmp_path: Path
) -> None:
    """The runtime client's own words come back."""
    environment = start(handler="lambda_runner.nowhere.handle")
    answer = invoke(environment, tmp_path, "quick")
    assert answer.error == "Unhandled"
    assert "lambda_runner.nowhere" in json.loads(answer.payload)["errorMessage"]


def test_bad_event_is_answered_and_the_environment_lives_on(store: SqliteStore, start: Start) -> None:
    """It is refused with a reason, and the environment lives on."""
    environment = start()
    answer = environment.invoke(Delivery("id", b'{"Records": []}', time.time() + 60))
    reported = json.loads(answer.payload)
    assert (answer.error, reported["errorType"]) == ("Unhandled", "UsageError")
    assert "not from uitest" in reported["errorMessage"]
    assert environment.is_alive()


@pytest.mark.slow
def test_case_times_out_before_the_functions_time_is_over(store: SqliteStore, start: Start, tmp_path: Path) -> None:
    """The handler itself sees it coming: its case has timed out, the environment is not killed."""
    environment = start()
    invoke(environment, tmp_path, "quick")  # what the environment imports when it starts is no part of the time
    assert verdicts(invoke(environment, tmp_path, "slow", "steady", seconds=5)) == ["failed", None]
    assert environment.is_alive()
    [attempt] = store.jobs("r")[2].attempts
    assert "timed out" in (attempt.error or "")


@pytest.mark.slow
def test_case_of_a_killed_environment_is_never_reported(store: SqliteStore, start: Start, tmp_path: Path) -> None:
    """The case dies with its environment and is never reported: its lease is all that is left."""
    before = descendants(os.getpid())
    environment = start(fault_after_s=2.0)
    invoke(environment, tmp_path, "quick")  # a warm environment is at the case when its fate strikes
    family = descendants(os.getpid()) - before
    answer = invoke(environment, tmp_path, "slow", fate=Fate.KILLED)
    assert (answer.error, environment.is_alive()) == ("Unhandled", False)
    environment.close()
    eventually(lambda: not alive(family), "no process is left")
    row = store.jobs("r")[2]
    assert (row.attempt, row.attempts) == (1, ())
    assert row.owner is not None


def test_late_report_is_refused_once_another_has_the_job(store: SqliteStore, start: Start, tmp_path: Path) -> None:
    """It stands still past its lease; its report is refused once somebody else has the job."""
    environment = start(fault_after_s=2.0, late_s=3.0)
    invoke(environment, tmp_path, "quick")

    def overtake() -> None:
        row = store.jobs("r")[3]
        eventually(lambda: store.claim("r", row.job.key, 2, "another", time.time(), 60), "the lease ran out")

    other = threading.Thread(target=overtake)
    other.start()
    answer = invoke(environment, tmp_path, "steady", fate=Fate.LATE, lease_s=0.5)
    other.join()
    row = store.jobs("r")[3]
    assert (row.attempt, row.owner, row.attempts) == (2, "another", ())
    assert verdicts(answer) == [None]
    assert Verdict.PASSED not in {attempt.verdict for attempt in row.attempts}


def test_closed_environment_leaves_no_process(store: SqliteStore, start: Start, tmp_path: Path) -> None:
    """An environment that is closed in the middle of a case takes the case along."""

    before = descendants(os.getpid())
    environment = start()
    running = threading.Thread(target=invoke, args=(environment, tmp_path, "slow"), kwargs={"seconds": 30})
    running.start()
    eventually((tmp_path / "cases" / "slow").exists, "the case runs")
    os.kill(environment.group, signal.SIGKILL)
    running.join()
    environment.close()
    eventually(lambda: not alive(descendants(os.getpid()) - before), "no process is left")


def test_log_of_the_function_is_copied_once(start: Start, store: SqliteStore, tmp_path: Path) -> None:
    """As lines of JSON with the request's id, each once."""
    file = tmp_path / "log.txt"
    log.start(log.LogSettings(logging.INFO, file))
    try:
        environment = start()
        assert not invoke(environment, tmp_path, "quick").error
        environment.close()
    finally:
        log.stop()
    lines = [json.loads(line) for line in file.read_text().splitlines() if line.startswith("{")]
    (claimed,) = [line for line in lines if line["message"] == "claimed"]
    assert (claimed["run"], claimed["job"], claimed["attempt"]) == ("r", "m/test_it::test_quick/chrome", 1)
    assert claimed["request"]
