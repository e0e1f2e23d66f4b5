"""Steps of the state machine, one by one, against an embedded store."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto.sns.models import sns_backends

from lambda_runner.steps import dispatch
from tests.lambda_runner.step_harness import JOBS, MACHINE, StepHarness
from tests.support.aws.servers import fake_client
from uitest.errors import UsageError
from uitest.executors.attempt import Task
from uitest.executors.aws.event import Invocation
from uitest.jobs.outcome import ERROR_BUDGET
from uitest.model import RunState, Verdict


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[StepHarness]:
    """An empty one."""
    harness = StepHarness(tmp_path, f"sqlite:{tmp_path / 'uitest.db'}")
    yield harness
    harness.store.close()


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


def test_progress_step_writes_pages_and_heartbeat(harness: StepHarness) -> None:
    """Written at each look, until the run has been finalised."""
    harness.run()
    harness.store.update_run("r", beat_at=1.0)
    answer = harness.do("progress")
    assert (answer["over"], answer["problem"]) == (False, None)
    assert 5 <= answer["wait_s"] <= 50
    assert (harness.folder / "site" / "runs" / "r" / "index.html").exists()
    assert (harness.store.run("r").beat_at or 0) > 1
    harness.store.update_run("r", finished_at=time.time())
    assert harness.do("progress")["over"] is True


def test_pages_that_cannot_be_written_do_no_harm(harness: StepHarness) -> None:
    """Told, and no harm to the run."""
    (harness.folder / "file").write_text("")
    run = harness.run()
    harness.store.update_run("r", settings={**run.settings, "site": str(harness.folder / "file")})
    answer = harness.do("progress")
    assert "the pages could not be written: PlaceError" in answer["problem"]
    assert harness.store.run("r").state is RunState.RUNNING


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
def test_stop_conditions_are_kept_while_work_is_left(
    harness: StepHarness, settings: dict[str, Any], note: str | None
) -> None:
    """Kept while there is work left; workers begin nothing in a run that is marked so."""
    harness.run(**settings)
    harness.finish("a", Verdict.FAILED)
    harness.do("progress")
    run = harness.store.run("r")
    assert (run.state, run.note) == (RunState.INTERRUPTED if note else RunState.RUNNING, note)


def test_dead_invocation_is_an_error_of_what_it_had_begun(harness: StepHarness) -> None:
    """What it had begun is an error and wanted again at once; what it had not is not held against its cases."""
    harness.run()
    harness.finish("a")
    harness.claim("b")
    error = {"Error": "Runtime.ExitError", "Cause": json.dumps({"errorMessage": "the environment\nended"})}
    answer = harness.do("record", event=harness.event("a", "b", "c"), error=error)
    [attempt] = harness.rows()["b"].attempts
    assert (attempt.verdict, attempt.error) == (
        Verdict.ERROR, "the invocation died: Runtime.ExitError: the environment ended",
    )  # fmt: skip
    tasks = Invocation.from_event(answer["next"]).assignment.tasks
    assert [(task.job.case, task.number) for task in tasks] == [("b", 2), ("c", 1)]
    assert answer["wait_s"] == 0


def test_invocations_that_never_begin_run_out_of_retries(harness: StepHarness) -> None:
    """Each is an error of all of its cases, so that this ends."""
    harness.run()
    event: dict[str, Any] | None = harness.event("a", "b")
    rounds = 0
    while event is not None:
        event = harness.do("record", event=event, error={"Error": "Lambda.Unknown", "Cause": ""})["next"]
        rounds += 1
    assert rounds == 1 + ERROR_BUDGET
    assert {case: row.attempt for case, row in harness.rows().items()} == {"a": rounds, "b": rounds, "c": 0}


def test_stopped_run_does_not_go_on(harness: StepHarness) -> None:
    """Nor does a case that is held by another worker go on before its lease is over."""
    harness.run()
    harness.claim("a", 30)
    held = harness.do("record", event=replace_number(harness.event("a"), 2), error={"Error": "Lambda.Unknown"})
    assert 28 <= held["wait_s"] <= 32
    assert Invocation.from_event(held["next"]).assignment.tasks[0].number == 2
    harness.store.update_run("r", state=RunState.CANCELLED)
    assert harness.do("record", event=harness.event("b"), error={"Error": "Lambda.Unknown"})["next"] is None


def replace_number(event: dict[str, Any], number: int) -> dict[str, Any]:
    """The event with another attempt's number."""
    invocation = Invocation.from_event(event)
    tasks = tuple(Task(task.job, number) for task in invocation.assignment.tasks)
    again = replace(invocation, assignment=replace(invocation.assignment, tasks=tasks))
    changed: dict[str, Any] = json.loads(again.to_event())
    return changed


def test_finalise_step_is_idempotent(harness: StepHarness) -> None:
    """Outcomes, JUnit file, pages; a second time changes nothing."""
    harness.run()
    for case, verdict in {"a": Verdict.PASSED, "b": Verdict.FAILED, "c": Verdict.SKIPPED}.items():
        harness.finish(case, verdict)
    answers = [harness.do("finalise", error={"Cause": None}) for _ in range(2)]
    assert answers == 2 * [
        {
            "run": "r", "state": "finished", "exit_code": 1, "unfinished": False,
            "summary": "1 passed, 1 skipped, 1 failed", "problems": [],
        }
    ]  # fmt: skip
    assert b"<testcase" in (harness.folder / "site" / "artifacts" / "r" / "junit.xml").read_bytes()
    assert harness.store.past([JOBS[0].key])[JOBS[0].key].failed is False


@pytest.mark.parametrize(
    ("state", "error", "note"),
    [
        (RunState.RUNNING, {"Cause": None}, "the state machine ended with work left"),
        (RunState.RUNNING, {"Cause": "test_x.py cannot be collected"}, "test_x.py cannot be collected"),
        (RunState.RUNNING, {"Error": "S3.NoSuchKey", "Cause": "gone"}, "S3.NoSuchKey: gone"),
        (RunState.INTERRUPTED, {"Cause": None}, "limit"),
    ],
)
def test_end_with_work_left_is_never_green(
    harness: StepHarness, state: RunState, error: dict[str, Any], note: str
) -> None:
    """Never green, and a reason to go on."""
    harness.run()
    harness.finish("a")
    harness.store.update_run("r", state=state, note="limit")
    answer = harness.do("finalise", error=error)
    assert (answer["state"], answer["exit_code"], answer["unfinished"]) == ("interrupted", 3, True)
    assert harness.store.run("r").note == note


def test_cancelled_run_ends_as_cancelled(harness: StepHarness) -> None:
    """Whatever the machine made of it."""
    harness.run()
    harness.store.update_run("r", state=RunState.CANCELLED)
    assert harness.do("finalise", error={"Cause": None})["state"] == "cancelled"
    assert harness.store.run("r").counts == {"cancelled": 3}


def test_run_taken_over_by_another_execution_is_left_alone(harness: StepHarness) -> None:
    """Is none of this one's any more: it neither shows nor ends it."""
    harness.run(drive="r-1")
    assert harness.do("progress")["over"] is True
    answer = harness.do("finalise", error={"Cause": None})
    assert (answer["unfinished"], len(answer["problems"])) == (False, 1)
    run = harness.store.run("r")
    assert (run.state, run.finished_at) == (RunState.RUNNING, None)
    assert not (harness.folder / "site").exists()


def test_repeated_finalise_step_sends_one_message(harness: StepHarness, aws: None) -> None:
    """In a drive, however often the step is repeated; a topic that is missing is told."""
    topic = "arn:aws:sns:eu-west-1:123456789012:none"
    harness.run(topic=topic)
    [problem] = harness.do("finalise", error={"Cause": None})["problems"]
    assert f"SNS topic {topic!r} does not exist" in problem
    assert harness.store.run("r").settings["problems"] == [problem]
    assert harness.do("finalise", error={"Cause": None})["problems"] == []


def test_redrive_that_turns_the_run_green_is_announced_once(harness: StepHarness, aws: None) -> None:
    """Is told once more, as a recovery, however often the step is repeated."""
    topics = fake_client("sns")
    topic = topics.create_topic(Name="t")["TopicArn"]
    topics.close()
    sent = sns_backends["123456789012"]["eu-west-1"].topics[topic].sent_notifications
    run = harness.run(topic=topic)
    harness.finish("a")
    assert harness.do("finalise", error={"Cause": None})["problems"] == []
    harness.store.update_run("r", state=RunState.RUNNING, settings={**run.settings, "drive": "r-1", "told": False})
    for case in "bc":
        harness.finish(case)
    for _ in range(2):
        assert harness.do("finalise", drive="r-1", error={"Cause": None})["exit_code"] == 0
    subjects = [subject for _, _, subject, *_ in sent]
    assert subjects == ["uitest: not green, 2 not started - r", "uitest: green again, 3 passed - r"]
