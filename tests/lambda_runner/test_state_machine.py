"""The state machine's definition, without running it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tests.support.aws.state_machine import FILE, ROLE, definition
from uitest.executors.aws.client import NOT_READY, NOT_READY_S

TEXT = FILE.read_text()
PLACEHOLDERS = {"CaseFunction", "RunFunction"}
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:uitest"

Machine = tuple[str, dict[str, Any]]


def machines(name: str, definition: dict[str, Any]) -> Iterator[Machine]:
    """A machine and those inside its states."""
    yield name, definition
    for state, body in definition["States"].items():
        for inner in [*body.get("Branches", ()), *filter(None, [body.get("ItemProcessor")])]:
            yield from machines(f"{name}/{state}", inner)


MACHINES = list(machines("", definition(FUNCTION, FUNCTION)))
TASKS = {name: state for _, machine in MACHINES for name, state in machine["States"].items() if state["Type"] == "Task"}


def exits(state: dict[str, Any]) -> set[str]:
    """Where a state can go."""
    parts = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    return {part[word] for part in parts for word in ("Next", "Default") if word in part}


def test_linter_accepts_the_definition_and_refuses_a_broken_one() -> None:
    """cfn-lint's rules for state machines, in a template that replaces the placeholders; a broken one is told."""
    for text, sound in ((TEXT, True), (TEXT.replace('"StartAt": "Plan"', '"StartAt": "Nowhere"'), False)):
        properties = {
            "RoleArn": ROLE,
            "DefinitionString": text.replace("${Partition}", "aws"),  # the rule takes no placeholder there
            "DefinitionSubstitutions": dict.fromkeys(sorted(PLACEHOLDERS), FUNCTION),
        }
        template = {"Resources": {"Steps": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
        matches = lint(json.dumps(template), None, ["eu-west-1"], ManualArgs())
        assert (not matches) is sound, matches


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine[0] or "/")
def test_every_state_is_reached_and_leads_to_an_end(machine: Machine) -> None:
    """To states that exist, or to an end."""
    states = machine[1]["States"]
    reached, new = set(), {machine[1]["StartAt"]}
    while new:
        reached |= new
        new = {to for name in new for to in exits(states[name])} - reached
    assert reached == states.keys()
    for state in states.values():
        assert bool(exits(state)) != bool(state.get("End") or state["Type"] in ("Succeed", "Fail"))


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_retried_with_growing_pauses(name: str) -> None:
    """With growing pauses and jitter, throttles longest; only what a redrive goes on at is not caught."""
    task = TASKS[name]
    assert task["TimeoutSeconds"] > 900  # Lambda's own limit comes first
    assert "Lambda.TooManyRequestsException" in task["Retry"][1]["ErrorEquals"]
    for retry in task["Retry"]:
        assert (retry["BackoffRate"], retry["JitterStrategy"]) == (2, "FULL")
        assert retry["MaxDelaySeconds"] <= 30
    caught = {error for catch in task.get("Catch", ()) for error in catch["ErrorEquals"]}
    assert ("States.ALL" in caught) is (name not in ("Plan", "Finalise"))


@pytest.mark.parametrize("name", TASKS)
def test_every_task_waits_minutes_for_a_function_that_is_not_ready(name: str) -> None:
    """The error names are those that the executor waits for; the jitter halves the pauses, and 106 s were seen."""
    first = TASKS[name]["Retry"][0]
    assert set(first["ErrorEquals"]) == {f"Lambda.{code}" for code in NOT_READY}
    pauses = [min(first["MaxDelaySeconds"], first["IntervalSeconds"] * 2**n) for n in range(first["MaxAttempts"])]
    assert 2 * 106 < sum(pauses) / 2 < NOT_READY_S


def test_function_names_are_placeholders() -> None:
    """The cases' own code runs in one of them, and nothing else does."""
    text = json.loads(TEXT)
    functions = {
        name: state["Parameters"]["FunctionName"]
        for _, machine in machines("", text)
        for name, state in machine["States"].items()
        if state["Type"] == "Task"
    }
    cases = {"Prove", "Attempt"}
    assert functions == {name: "${CaseFunction}" if name in cases else "${RunFunction}" for name in functions}
    assert "arn:aws" not in TEXT, "no partition is written out"


def test_map_is_distributed_over_a_list_in_s3() -> None:
    """Over a list in S3, each child a workflow that may last as long as an invocation, none of them the end of all."""
    [cases] = [state for _, machine in MACHINES for state in machine["States"].values() if state["Type"] == "Map"]
    assert cases["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert cases["ItemReader"]["Resource"] == "arn:aws:states:::s3:getObject"
    assert (cases["MaxConcurrencyPath"], cases["ToleratedFailurePercentage"]) == ("$.max_concurrency", 100)
