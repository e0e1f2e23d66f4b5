"""The step of a state machine that plans a run."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lambda_runner.steps import dispatch
from tests.lambda_runner.step_harness import MACHINE, StepHarness
from tests.support.aws.servers import fake_client
from uitest.errors import RunExists, UnknownModule, UnknownRun, UsageError
from uitest.executors.aws.event import Invocation
from uitest.model import Module, RunState, Verdict
from uitest.quarantine import Quarantine
from uitest.storage.stores.dynamodb import create_tables


class Planner:
    """Step ``plan`` with tables and a bucket."""

    def __init__(self, harness: StepHarness, bucket: Any) -> None:
        self.harness, self.bucket = harness, bucket

    def __call__(self, name: str = "r", redrives: int = 0, **given: Any) -> dict[str, Any]:
        """Its answer to an execution of that name with that input."""
        execution = {"Name": name, "Input": given, "RedriveCount": redrives}
        return dispatch.take({"uitest": 1, "step": "plan", "execution": execution, "machine": MACHINE})

    def order(self, **more: Any) -> dict[str, Any]:
        """An input that asks for a run."""
        places = {"artifacts": "s3://bucket/shots", "site": "s3://bucket"}
        return {"url": "https://shop.example", "store": self.harness.spec, **places, **more}

    def invocations(self, answer: dict[str, Any]) -> list[list[tuple[str, int]]]:
        """Cases and attempts on the list that an answer names."""
        [list_] = answer["lists"]
        body = self.bucket.get_object(Bucket=list_["bucket"], Key=list_["key"])["Body"].read()
        assigned = [Invocation.from_event(event).assignment.tasks for event in json.loads(body)]
        return [[(task.job.case, task.number) for task in tasks] for tasks in assigned]


@pytest.fixture
def planner(aws: None, tmp_path: Path) -> Iterator[Planner]:
    """One with two modules."""
    tables, bucket = fake_client("dynamodb"), fake_client("s3")
    create_tables(tables, "m", "s")
    bucket.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    harness = StepHarness(tmp_path, "dynamodb:m,s")
    harness.store.put_modules([Module("m", ("a", "b", "c")), Module("n", ("d",), browsers=("firefox",))])
    yield Planner(harness, bucket)
    harness.store.close()


def test_plan_step_writes_the_run_down(planner: Planner) -> None:
    """From an input with the names of the options; whoever takes it up from the command line finds all it needs."""
    given = planner.order(modules=["m"], retries=2, browser="chrome,firefox", fail_on_flaky=True, commit="abc")
    answer = planner("nightly", **given)
    run = planner.harness.store.run("nightly")
    assert (run.state, run.planned, run.url, run.browsers) == (
        RunState.RUNNING, 6, "https://shop.example", ("chrome", "firefox"),
    )  # fmt: skip
    wanted = {
        "executor": "stepfunctions", "state_machine": MACHINE, "store": "dynamodb:m,s", "retries": 2,
        "fail_on_flaky": True, "commit": "abc", "execution": "nightly",
    }  # fmt: skip
    assert {name: run.settings[name] for name in wanted} == wanted
    assert (answer["run"], answer["store"], answer["max_concurrency"]) == ("nightly", "dynamodb:m,s", 100)
    assert len(planner.invocations(answer)) == 6
    assert Invocation.from_event(answer["proof"]).assignment.tasks == ()


def test_run_of_an_execution_is_excused_by_store_and_image(
    planner: Planner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of the store, and of the file beside the image's copy of the cases; a module names the owner."""
    monkeypatch.chdir(tmp_path)
    Path("quarantine.toml").write_text('[[quarantine]]\nerror = "e"\nuntil = 9999-12-31\n')
    planner.harness.store.put_modules([Module("m", ("a",), tags=("owner:@shop",))])
    stored = [Quarantine("9999-12-31", case="a"), Quarantine("9999-12-31", case="d")]
    planner.harness.store.put_quarantine(stored)
    planner("r", **planner.order(modules="m"))
    assert planner.harness.store.run("r").quarantine == (
        Quarantine("9999-12-31", error="e"),
        replace(stored[0], owner="@shop"),
    )
    Path("quarantine.toml").write_text('[[quarantine]]\nerror = "e"\n')
    with pytest.raises(UsageError, match="until is missing"):
        planner("s", **planner.order(modules="m"))


def test_cases_share_invocations_as_asked(planner: Planner) -> None:
    """As many as are asked for."""
    answer = planner("x", **planner.order(modules="m", cases_per_invocation=2))
    assert planner.invocations(answer) == [[("a", 1), ("b", 1)], [("c", 1)]]


def test_empty_module_table_is_replaced_by_what_is_discovered(planner: Planner) -> None:
    """Nothing is written before that; a state machine that cannot discover gets the reason."""
    planner.harness.store.delete_modules(["m", "n"])
    event = {"uitest": 1, "step": "plan", "machine": MACHINE, "execution": {"Name": "x", "Input": planner.order()}}
    assert dispatch.take({**event, "input": planner.order()}) == {"discover": True}
    assert planner.harness.store.runs() == []
    answer = dispatch.take({**event, "input": {"discovered": {"shop": ["a", "b"]}}})
    assert answer["discover"] is False
    assert sorted(planner.invocations(answer)) == [[("a", 1)], [("b", 1)]]
    with pytest.raises(UsageError, match="the module table is empty; fill it with"):
        planner("y", **planner.order())


def test_unknown_module_is_refused(planner: Planner) -> None:
    """As from the command line."""
    with pytest.raises(UnknownModule, match="unknown module 'x'"):
        planner("x", **planner.order(modules="x"))


def test_run_of_another_execution_is_refused(planner: Planner) -> None:
    """Its name is taken; one that is not there is unknown."""
    planner("first", **planner.order(run_id="nightly"))
    with pytest.raises(RunExists, match="run 'nightly' is already in the store"):
        planner("second", **planner.order(run_id="nightly"))
    with pytest.raises(UsageError, match="has a coordinator that was alive"):
        planner("second", run="nightly", store="dynamodb:m,s")
    with pytest.raises(UnknownRun):
        planner("second", run="other", store="dynamodb:m,s")


def test_run_that_no_state_machine_can_make_is_refused(planner: Planner) -> None:
    """One of this machine is refused as it is; one whose invocations are too large is marked."""
    planner.harness.run(executor="local")
    with pytest.raises(UsageError, match="run 'r' is not a state machine's; continue with: uitest resume r"):
        planner("x", run="r", store="dynamodb:m,s")
    assert planner.harness.store.run("r").state is RunState.RUNNING
    planner.harness.store.put_modules([Module("huge", tuple(f"{n:03}" + "x" * 290 for n in range(300)))])
    with pytest.raises(UsageError, match="give each invocation fewer with --cases-per-invocation"):
        planner("big", **planner.order(modules="huge", cases_per_invocation=300))
    run = planner.harness.store.run("big")
    assert (run.state, run.finished_at is None) == (RunState.INTERRUPTED, False)
    assert "--cases-per-invocation" in (run.note or "")


def test_repeated_plan_step_changes_nothing(planner: Planner) -> None:
    """By Lambda after a plan that was written down in part, and after one that was."""
    order = planner.order(modules="m")
    planner("r", **order)
    planner.harness.store.update_run("r", state=RunState.PLANNING)
    planner("r", **order)
    planner.harness.finish("a")
    answer = planner("r", **order)
    assert planner.invocations(answer) == [[("b", 1)], [("c", 1)]]
    assert planner.harness.store.run("r").planned == 3


def test_redrive_repeats_what_has_no_final_outcome(planner: Planner) -> None:
    """What has no final outcome: not what passed, not what has used its retries up; what runs is waited for."""
    order = planner.order(modules="m")
    planner("r", **order)
    planner.harness.finish("a", Verdict.FAILED)
    planner.harness.claim("b")
    done = {"state": RunState.INTERRUPTED, "finished_at": time.time(), "note": "stopped after 1 failures"}
    planner.harness.store.update_run("r", **done)
    with pytest.raises(UsageError, match="stopped after 1 failures; redrive the execution to continue"):
        planner("r", **order)
    answer = planner("r", 1, **order)
    assert planner.invocations(answer) == [[("b", 2)], [("c", 1)]]
    run = planner.harness.store.run("r")
    assert (run.state, run.finished_at, run.note) == (RunState.RUNNING, None, None)
    assert run.settings["failed_before"] == 1
