"""An execution: its name, its start, what is said of its end."""

import json
import re

import pytest

from tests.support.aws.lambda_client import refusal
from tests.support.aws.steps_client import ExecutionAlreadyExists, FakeSteps
from uitest.errors import ExecutorError, UsageError
from uitest.executors.aws.step_functions import NAME_LIMIT, Execution, Status, execution_name, explain

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:uitest"


@pytest.mark.parametrize("run_id", ["20260131-093000-1f2e", "a", "x" * 80])
def test_run_id_names_the_execution_where_it_is_allowed(run_id: str) -> None:
    """Where Step Functions takes it."""
    assert execution_name(run_id, again=False) == run_id


@pytest.mark.parametrize("run_id", ["project:0a1b", "x" * 81, "ü", "../..", "a b", "*", "a" * 300])
def test_unfit_ids_become_distinct_names(run_id: str) -> None:
    """Different ones for different ids, the same one for the same id."""
    name = execution_name(run_id, again=False)
    assert re.fullmatch(rf"[A-Za-z0-9_-]{{1,{NAME_LIMIT}}}", name)
    assert name == execution_name(run_id, again=False)
    assert name != execution_name(run_id + "-", again=False)


@pytest.mark.parametrize("run_id", ["nightly", "a:b", "x" * 80])
def test_repeated_execution_has_another_name(run_id: str) -> None:
    """It begins like the first one."""
    names = {execution_name(run_id, again=True) for _ in range(3)}
    assert len(names) == 3
    for name in names:
        assert re.fullmatch(rf"[A-Za-z0-9_-]{{1,{NAME_LIMIT}}}", name)
        assert name.startswith(execution_name(run_id, again=False)[:60].rstrip("-"))


@pytest.mark.parametrize(
    ("error", "cause", "line"),
    [
        ("UsageError", json.dumps({"errorMessage": "no such\nmodule", "errorType": "x"}), "UsageError: no such module"),
        ("States.Timeout", None, "States.Timeout"),
        ("NotGreen", "1 failed", "NotGreen: 1 failed"),
        (None, "stopped", "stopped"),
        ("E", "[1]", "E: [1]"),
        ("E", '{"a": 1}', 'E: {"a": 1}'),
        (None, None, ""),
    ],
)
def test_reasons_are_one_line(error: str | None, cause: str | None, line: str) -> None:
    """The function's own words where it raised."""
    assert explain(error, cause) == line


def test_execution_input_is_run_and_store_alone() -> None:
    """The run and its store, which are no secrets."""
    client = FakeSteps({"status": "RUNNING"})
    Execution(MACHINE, "nightly", client).start("nightly", "dynamodb:m,s")
    given = '{"run": "nightly", "store": "dynamodb:m,s"}'
    assert client.started == [{"stateMachineArn": MACHINE, "name": "nightly", "input": given}]


@pytest.mark.parametrize(
    ("description", "status"),
    [
        ({"status": "RUNNING"}, Status(False, None)),
        ({"status": "SUCCEEDED"}, Status(True, None)),
        ({"status": "TIMED_OUT"}, Status(True, "execution 'x' timed out")),
        ({"status": "ABORTED", "cause": "by hand"}, Status(True, "execution 'x' was aborted (by hand)")),
        ({"status": "FAILED", "error": "E", "cause": "why"}, Status(True, "execution 'x' failed (E: why)")),
    ],
)
def test_status_says_whether_and_why_it_ended(description: dict[str, str], status: Status) -> None:
    """Over or not, and why it did not succeed."""
    execution = Execution(MACHINE, "x", FakeSteps(description))
    execution.start("r", "dynamodb:m,s")
    assert execution.status() == status


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("StateMachineDoesNotExist", "does not exist in this account and region; deploy it, or name another"),
        ("AccessDeniedException", "no permission for states:StartExecution on state machine"),
    ],
)
def test_missing_or_foreign_state_machine_is_one_line(code: str, message: str) -> None:
    """One line that says what to do."""
    client = FakeSteps({"status": "RUNNING"})
    client.refusal = refusal(code, operation="StartExecution")
    execution = Execution(MACHINE, "x", client)
    with pytest.raises(ExecutorError, match=message):
        execution.start("r", "dynamodb:m,s")
    execution.stop("nothing has begun")
    assert client.stopped == []


def test_taken_name_is_a_usage_error() -> None:
    """Bad input: another run had it."""
    client = FakeSteps({"status": "RUNNING"})
    client.refusal = ExecutionAlreadyExists({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")
    with pytest.raises(UsageError, match="give the run another name with --run-id"):
        Execution(MACHINE, "x", client).start("r", "dynamodb:m,s")
