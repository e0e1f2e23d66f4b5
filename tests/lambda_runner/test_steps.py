"""Steps of the state machine, one by one, against an embedded store."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from moto.sns.models import sns_backends

from lambda_runner.steps import dispatch
from tests.support.aws.servers import FAKE_AWS, fake_client
from tests.support.builders import make_attempt, make_run
from uitest.errors import RunExists, UnknownModule, UnknownRun, UsageError
from uitest.executors.attempt import Assignment, Task
from uitest.executors.aws.event import Invocation
from uitest.jobs.outcome import ERROR_BUDGET
from uitest.model import Job, JobRow, Module, Run, RunState, Verdict
from uitest.storage.stores import open_store
from uitest.storage.stores.dynamodb import create_tables

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:uitest"
JOBS = [Job("m", case, "chrome") for case in "abc"]


class Stage:
    """A store that steps open by its words, and a folder for their files."""

    def __init__(self, folder: Path, spec: str) -> None:
        self.folder, self.spec = folder, spec
        self.store = open_store(spec)

    def run(self, **settings: Any) -> Run:
        """A run of three jobs that has begun."""
        places = {"site": str(self.folder / "site"), "artifacts": str(self.folder / "site" / "artifacts")}
        now = time.time()
        known = {**places, "drive": "r-0", **settings}
        run = make_run("r", planned=3, started_at=now, beat_at=now, settings=known)
        self.store.create_run(run, JOBS)
        return run

    def finish(self, case: str, verdict: Verdict = Verdict.PASSED, number: int = 1) -> None:
        """An attempt that is made and reported."""
        key = Job("m", case, "chrome").key
        assert self.store.claim("r", key, number, "w", time.time(), 60)
        assert self.store.finish("r", key, make_attempt(number, "w", verdict, started_at=time.time()))

    def claim(self, case: str, lease_s: float = 60.0) -> None:
        """One that is made."""
        assert self.store.claim("r", Job("m", case, "chrome").key, 1, "w", time.time(), lease_s)

    def do(self, step: str, **event: Any) -> dict[str, Any]:
        """A step's answer, for an event of this run."""
        return dispatch.take({"uitest": 1, "step": step, "run": "r", "store": self.spec, "drive": "r-0", **event})

    def rows(self) -> dict[str, JobRow]:
        """The rows by case."""
        return {row.job.case: row for row in self.store.jobs("r")}

    def event(self, *cases: str) -> dict[str, Any]:
        """What an invocation of these cases was sent."""
        tasks = tuple(Task(Job("m", case, "chrome"), 1) for case in cases)
        event: dict[str, Any] = json.loads(
            Invocation("http://x", Assignment("r", self.spec, "shots", 0, tasks)).to_event()
        )
        return event


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An empty one."""
    stage = Stage(tmp_path, f"sqlite:{tmp_path / 'uitest.db'}")
    yield stage
    stage.store.close()


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"step": "plan"}, "has version None"),
        ({"step": "plan", "uitest": 2}, "has version 2"),
        ({"step": "os.system", "uitest": 1}, "unknown step 'os.system'"),
        ({"step": ["plan"], "uitest": 1}, "unknown step"),
        (
            {"step": "plan", "uitest": 1, "machine": MACHINE},
            "'execution' in the event of step 'plan' must be an object",
        ),
        ({"step": "plan", "uitest": 1, "execution": {}}, "'machine' in the event of step 'plan' must be a text"),
        ({"step": "plan", "uitest": 1, "execution": {}, "machine": "m"}, "must be a text"),
        ({"step": "plan", "uitest": 1, "execution": {"RedriveCount": "x"}, "machine": "m"}, "must be a number"),
        ({"step": "plan", "uitest": 1, "execution": {"Name": "n", "Input": [1]}, "machine": "m"}, "must be an object"),
        ({"step": "progress", "uitest": 1, "run": 7}, "'run' in the event of step 'progress' must be a text, not 7"),
        ({"step": "progress", "uitest": 1, "run": "r"}, "'store' in the event of step 'progress' must be a text"),
        (
            {"step": "finalise", "uitest": 1, "run": "r", "store": "s"},
            "'error' in the event of step 'finalise' must be an object",
        ),
        ({"step": "record", "uitest": 1, "event": None}, "'event' in the event of step 'record' must be an object"),
        ({"step": "record", "uitest": 1, "event": {}, "error": {}}, "not from uitest"),
    ],
)
def test_bad_event_is_refused_in_one_line(event: dict[str, Any], message: str) -> None:
    """One line that says what is wrong with it."""
    with pytest.raises(UsageError, match=message):
        dispatch.take(event)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto, in this process."""
    for name, value in FAKE_AWS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("UITEST_URL", raising=False)
    with mock_aws():
        yield


class Planner:
    """Step ``plan`` with tables and a bucket."""

    def __init__(self, stage: Stage, bucket: Any) -> None:
        self.stage, self.bucket = stage, bucket

    def __call__(self, name: str = "r", redrives: int = 0, **given: Any) -> dict[str, Any]:
        """Its answer to an execution of that name with that input."""
        execution = {"Name": name, "Input": given, "RedriveCount": redrives}
        return dispatch.take({"uitest": 1, "step": "plan", "execution": execution, "machine": MACHINE})

    def order(self, **more: Any) -> dict[str, Any]:
        """An input that asks for a run."""
        places = {"artifacts": "s3://bucket/shots", "site": "s3://bucket"}
        return {"url": "https://shop.example", "store": self.stage.spec, **places, **more}

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
    stage = Stage(tmp_path, "dynamodb:m,s")
    stage.store.put_modules([Module("m", ("a", "b", "c")), Module("n", ("d",), browsers=("firefox",))])
    yield Planner(stage, bucket)
    stage.store.close()


def test_plan_step_writes_the_run_down(planner: Planner) -> None:
    """From an input with the names of the options; whoever takes it up from the command line finds all it needs."""
    given = planner.order(modules=["m"], retries=2, browser="chrome,firefox", fail_on_flaky=True, commit="abc")
    answer = planner("nightly", **given)
    run = planner.stage.store.run("nightly")
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


def test_cases_share_invocations_as_asked(planner: Planner) -> None:
    """As many as are asked for."""
    answer = planner("x", **planner.order(modules="m", cases_per_invocation=2))
    assert planner.invocations(answer) == [[("a", 1), ("b", 1)], [("c", 1)]]


def test_empty_module_table_is_replaced_by_what_is_discovered(planner: Planner) -> None:
    """Nothing is written before that; a state machine that cannot discover gets the reason."""
    planner.stage.store.delete_modules(["m", "n"])
    event = {"uitest": 1, "step": "plan", "machine": MACHINE, "execution": {"Name": "x", "Input": planner.order()}}
    assert dispatch.take({**event, "input": planner.order()}) == {"discover": True}
    assert planner.stage.store.runs() == []
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
    planner.stage.run(executor="local")
    with pytest.raises(UsageError, match="run 'r' is not a state machine's; continue with: uitest resume r"):
        planner("x", run="r", store="dynamodb:m,s")
    assert planner.stage.store.run("r").state is RunState.RUNNING
    planner.stage.store.put_modules([Module("huge", tuple(f"{n:03}" + "x" * 290 for n in range(300)))])
    with pytest.raises(UsageError, match="give each invocation fewer with --cases-per-invocation"):
        planner("big", **planner.order(modules="huge", cases_per_invocation=300))
    run = planner.stage.store.run("big")
    assert (run.state, run.finished_at is None) == (RunState.INTERRUPTED, False)
    assert "--cases-per-invocation" in (run.note or "")


def test_repeated_plan_step_changes_nothing(planner: Planner) -> None:
    """By Lambda after a plan that was written down in part, and after one that was."""
    order = planner.order(modules="m")
    planner("r", **order)
    planner.stage.store.update_run("r", state=RunState.PLANNING)
    planner("r", **order)
    planner.stage.finish("a")
    answer = planner("r", **order)
    assert planner.invocations(answer) == [[("b", 1)], [("c", 1)]]
    assert planner.stage.store.run("r").planned == 3


def test_redrive_repeats_what_has_no_final_outcome(planner: Planner) -> None:
    """What has no final outcome: not what passed, not what has used its retries up; what runs is waited for."""
    order = planner.order(modules="m")
    planner("r", **order)
    planner.stage.finish("a", Verdict.FAILED)
    planner.stage.claim("b")
    done = {"state": RunState.INTERRUPTED, "finished_at": time.time(), "note": "stopped after 1 failures"}
    planner.stage.store.update_run("r", **done)
    with pytest.raises(UsageError, match="stopped after 1 failures; redrive the execution to continue"):
        planner("r", **order)
    answer = planner("r", 1, **order)
    assert planner.invocations(answer) == [[("b", 2)], [("c", 1)]]
    run = planner.stage.store.run("r")
    assert (run.state, run.finished_at, run.note) == (RunState.RUNNING, None, None)
    assert run.settings["failed_before"] == 1


def test_progress_step_writes_pages_and_heartbeat(stage: Stage) -> None:
    """Written at each look, until the run has been finalised."""
    stage.run()
    stage.store.update_run("r", beat_at=1.0)
    answer = stage.do("progress")
    assert (answer["over"], answer["problem"]) == (False, None)
    assert 5 <= answer["wait_s"] <= 50
    assert (stage.folder / "site" / "runs" / "r" / "index.html").exists()
    assert (stage.store.run("r").beat_at or 0) > 1
    stage.store.update_run("r", finished_at=time.time())
    assert stage.do("progress")["over"] is True


def test_pages_that_cannot_be_written_do_no_harm(stage: Stage) -> None:
    """Told, and no harm to the run."""
    (stage.folder / "file").write_text("")
    run = stage.run()
    stage.store.update_run("r", settings={**run.settings, "site": str(stage.folder / "file")})
    answer = stage.do("progress")
    assert "the pages could not be written: PlaceError" in answer["problem"]
    assert stage.store.run("r").state is RunState.RUNNING


@pytest.mark.parametrize(
    ("settings", "note"),
    [
        ({"max_failures": 1}, "stopped after 1 failures (--max-failures 1)"),
        ({"timeout": 10.0, "driven_at": 1.0}, "stopped after --timeout 10 s"),
        ({"max_failures": 1, "failed_before": 1}, None),
        ({"max_failures": 1, "retries": 1}, None),
        ({"timeout": 100.0}, None),
    ],
)
def test_stop_conditions_are_kept_while_work_is_left(stage: Stage, settings: dict[str, Any], note: str | None) -> None:
    """Kept while there is work left; workers begin nothing in a run that is marked so."""
    stage.run(**settings)
    stage.finish("a", Verdict.FAILED)
    stage.do("progress")
    run = stage.store.run("r")
    assert (run.state, run.note) == (RunState.INTERRUPTED if note else RunState.RUNNING, note)


def test_dead_invocation_is_an_error_of_what_it_had_begun(stage: Stage) -> None:
    """What it had begun is an error and wanted again at once; what it had not is not held against its cases."""
    stage.run()
    stage.finish("a")
    stage.claim("b")
    error = {"Error": "Runtime.ExitError", "Cause": json.dumps({"errorMessage": "the environment\nended"})}
    answer = stage.do("record", event=stage.event("a", "b", "c"), error=error)
    [attempt] = stage.rows()["b"].attempts
    assert (attempt.verdict, attempt.error) == (
        Verdict.ERROR, "the invocation died: Runtime.ExitError: the environment ended",
    )  # fmt: skip
    tasks = Invocation.from_event(answer["next"]).assignment.tasks
    assert [(task.job.case, task.number) for task in tasks] == [("b", 2), ("c", 1)]
    assert answer["wait_s"] == 0


def test_invocations_that_never_begin_run_out_of_retries(stage: Stage) -> None:
    """Each is an error of all of its cases, so that this ends."""
    stage.run()
    event: dict[str, Any] | None = stage.event("a", "b")
    rounds = 0
    while event is not None:
        event = stage.do("record", event=event, error={"Error": "Lambda.Unknown", "Cause": ""})["next"]
        rounds += 1
    assert rounds == 1 + ERROR_BUDGET
    assert {case: row.attempt for case, row in stage.rows().items()} == {"a": rounds, "b": rounds, "c": 0}


def test_stopped_run_does_not_go_on(stage: Stage) -> None:
    """Nor does a case that is held by another worker go on before its lease is over."""
    stage.run()
    stage.claim("a", 30)
    held = stage.do("record", event=replace_number(stage.event("a"), 2), error={"Error": "Lambda.Unknown"})
    assert 28 <= held["wait_s"] <= 32
    assert Invocation.from_event(held["next"]).assignment.tasks[0].number == 2
    stage.store.update_run("r", state=RunState.CANCELLED)
    assert stage.do("record", event=stage.event("b"), error={"Error": "Lambda.Unknown"})["next"] is None


def replace_number(event: dict[str, Any], number: int) -> dict[str, Any]:
    """The event with another attempt's number."""
    invocation = Invocation.from_event(event)
    tasks = tuple(Task(task.job, number) for task in invocation.assignment.tasks)
    again = replace(invocation, assignment=replace(invocation.assignment, tasks=tasks))
    changed: dict[str, Any] = json.loads(again.to_event())
    return changed


def test_finalise_step_is_idempotent(stage: Stage) -> None:
    """Outcomes, JUnit file, pages; a second time changes nothing."""
    stage.run()
    for case, verdict in {"a": Verdict.PASSED, "b": Verdict.FAILED, "c": Verdict.SKIPPED}.items():
        stage.finish(case, verdict)
    answers = [stage.do("finalise", error={"Cause": None}) for _ in range(2)]
    assert answers == 2 * [
        {
            "run": "r", "state": "finished", "exit_code": 1, "unfinished": False,
            "summary": "1 passed, 1 skipped, 1 failed", "problems": [],
        }
    ]  # fmt: skip
    assert b"<testcase" in (stage.folder / "site" / "artifacts" / "r" / "junit.xml").read_bytes()
    assert stage.store.past([JOBS[0].key])[JOBS[0].key].failed is False


@pytest.mark.parametrize(
    ("state", "error", "note"),
    [
        (RunState.RUNNING, {"Cause": None}, "the state machine ended with work left"),
        (RunState.RUNNING, {"Cause": "test_x.py cannot be collected"}, "test_x.py cannot be collected"),
        (RunState.RUNNING, {"Error": "S3.NoSuchKey", "Cause": "gone"}, "S3.NoSuchKey: gone"),
        (RunState.INTERRUPTED, {"Cause": None}, "limit"),
    ],
)
def test_end_with_work_left_is_never_green(stage: Stage, state: RunState, error: dict[str, Any], note: str) -> None:
    """Never green, and a reason to go on."""
    stage.run()
    stage.finish("a")
    stage.store.update_run("r", state=state, note="limit")
    answer = stage.do("finalise", error=error)
    assert (answer["state"], answer["exit_code"], answer["unfinished"]) == ("interrupted", 3, True)
    assert stage.store.run("r").note == note


def test_cancelled_run_ends_as_cancelled(stage: Stage) -> None:
    """Whatever the machine made of it."""
    stage.run()
    stage.store.update_run("r", state=RunState.CANCELLED)
    assert stage.do("finalise", error={"Cause": None})["state"] == "cancelled"
    assert stage.store.run("r").counts == {"cancelled": 3}


def test_run_taken_over_by_another_execution_is_left_alone(stage: Stage) -> None:
    """Is none of this one's any more: it neither shows nor ends it."""
    stage.run(drive="r-1")
    assert stage.do("progress")["over"] is True
    answer = stage.do("finalise", error={"Cause": None})
    assert (answer["unfinished"], len(answer["problems"])) == (False, 1)
    run = stage.store.run("r")
    assert (run.state, run.finished_at) == (RunState.RUNNING, None)
    assert not (stage.folder / "site").exists()


def test_repeated_finalise_step_sends_one_message(stage: Stage, aws: None) -> None:
    """In a drive, however often the step is repeated; a topic that is missing is told."""
    topic = "arn:aws:sns:eu-west-1:123456789012:none"
    stage.run(topic=topic)
    [problem] = stage.do("finalise", error={"Cause": None})["problems"]
    assert f"SNS topic {topic!r} does not exist" in problem
    assert stage.store.run("r").settings["problems"] == [problem]
    assert stage.do("finalise", error={"Cause": None})["problems"] == []


def test_redrive_that_turns_the_run_green_is_announced_once(stage: Stage, aws: None) -> None:
    """Is told once more, as a recovery, however often the step is repeated."""
    topics = fake_client("sns")
    topic = topics.create_topic(Name="t")["TopicArn"]
    topics.close()
    sent = sns_backends["123456789012"]["eu-west-1"].topics[topic].sent_notifications
    run = stage.run(topic=topic)
    stage.finish("a")
    assert stage.do("finalise", error={"Cause": None})["problems"] == []
    stage.store.update_run("r", state=RunState.RUNNING, settings={**run.settings, "drive": "r-1", "told": False})
    for case in "bc":
        stage.finish(case)
    for _ in range(2):
        assert stage.do("finalise", drive="r-1", error={"Cause": None})["exit_code"] == 0
    subjects = [subject for _, _, subject, *_ in sent]
    assert subjects == ["uitest: not green, 2 not started - r", "uitest: green again, 3 passed - r"]
