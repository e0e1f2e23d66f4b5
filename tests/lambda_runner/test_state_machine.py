"""The state machine's definition, without running it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from lambda_runner.steps.plan import LIST_LENGTH, STATE_LIMIT, split
from tests.support.aws.servers import fake_client, interpreter
from tests.support.aws.state_machine import FILE, ROLE, definition, deploy
from tests.support.processes import eventually
from uitest.executors.aws.client import NOT_READY, NOT_READY_S
from uitest.local_aws.emulator import emulator
from uitest.local_aws.endpoint import Endpoint
from uitest.local_aws.environments import Delivery, InProcess
from uitest.local_aws.service import Function, Service

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
    # Prove goes on without a proof after a few; nothing can go on without what the others return.
    assert (task["Retry"][1]["MaxAttempts"] == 100) is (name != "Prove")
    caught = {error for catch in task.get("Catch", ()) for error in catch["ErrorEquals"]}
    assert ("States.ALL" in caught) is (name not in ("Plan", "Discover", "Finalise"))


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
    cases = {"Discover", "Prove", "Attempt"}
    assert functions == {name: "${CaseFunction}" if name in cases else "${RunFunction}" for name in functions}
    assert "arn:aws" not in TEXT, "no partition is written out"


def test_map_is_distributed_over_a_list_in_s3() -> None:
    """Over lists in S3, each child a workflow that may last as long as an invocation, none of them the end of all."""
    lists, cases = [state for _, machine in MACHINES for state in machine["States"].values() if state["Type"] == "Map"]
    assert (lists["ItemProcessor"]["ProcessorConfig"], lists["MaxConcurrency"]) == ({"Mode": "INLINE"}, 1)
    assert cases["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert cases["ItemReader"]["Resource"] == "arn:aws:states:::s3:getObject"
    # States.ALL stands for every error but this one, and an execution that failed of it would end without Finalise.
    assert [catch["ErrorEquals"] for catch in lists["Catch"]] == [["States.DataLimitExceeded"], ["States.ALL"]]
    assert (cases["MaxConcurrencyPath"], cases["ToleratedFailurePercentage"]) == ("$.max_concurrency", 100)


def test_results_of_a_list_stay_below_the_limit_of_a_state() -> None:
    """As many as fit into 256 KB of the results that the children have by definition, and not one more."""
    [done] = [machine["States"]["Done"] for _, machine in MACHINES if "Done" in machine["States"]]
    size = len(json.dumps([done["Result"]] * LIST_LENGTH, separators=(",", ":")))
    assert size <= STATE_LIMIT < size + len(",0")


PROOF = {"tasks": []}
DISCOVERED = {"test_it": ["test_it::test_a"]}


class Scripted:
    """Functions whose plan has these lists, and whose cases need one attempt each."""

    def __init__(self, lists: list[dict[str, str]]) -> None:
        self._lists = lists
        self.made: list[Any] = []
        self.planned: list[Any] = []
        self.ended: list[Any] = []

    def cases(self, delivery: Delivery) -> dict[str, Any]:
        """An invocation; the proof has no task."""
        event = json.loads(delivery.payload)
        if event == {"uitest": 1, "step": "discover"}:
            return {"modules": DISCOVERED}
        if event != PROOF:
            self.made.append(event)
        return {"problem": None, "next": None, "wait_s": 0}

    def steps(self, delivery: Delivery) -> dict[str, Any]:
        """The steps of a run."""
        event = json.loads(delivery.payload)
        if event["step"] == "plan":
            self.planned.append(event["input"])
            if event["input"] == {"url": "https://shop.example"}:
                return {"discover": True}
            run = {"run": "r", "store": "s", "drive": "d", "max_concurrency": 5, "proof": PROOF}
            return {**run, "discover": False, "lists": self._lists, "error": {"Cause": None}}
        if event["step"] == "progress":
            return {"over": True, "wait_s": 0}
        self.ended.append(event)
        return {"unfinished": False, "exit_code": 0, "summary": "all is well"}


def test_lists_run_one_after_the_other_in_an_interpreter() -> None:
    """Each invocation of each list is made once, and the run is ended once; also with a list of nothing.

    Before that, the modules that the module table lacks are discovered by the function that runs cases.
    """
    with ExitStack() as cleanup:
        aws = cleanup.enter_context(emulator(("s3",)))
        bucket = fake_client("s3", aws)
        cleanup.callback(bucket.close)
        bucket.create_bucket(Bucket="shots", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        invocations = split(range(7), 3)
        for number, part in enumerate([*invocations, []]):
            bucket.put_object(Bucket="shots", Key=f"{number}", Body=json.dumps(list(part)).encode())
        scripted = Scripted([{"bucket": "shots", "key": f"{number}"} for number in range(len(invocations) + 1)])
        functions = [
            Function("cases", lambda: InProcess(scripted.cases)),
            Function("run", lambda: InProcess(scripted.steps)),
        ]
        service = Service(functions)
        cleanup.callback(service.close)
        endpoint = cleanup.enter_context(Endpoint(service))
        client = fake_client("stepfunctions", cleanup.enter_context(interpreter(aws, endpoint.url)))
        cleanup.callback(client.close)
        machine = deploy(client, "uitest", definition("cases", "run"))
        given = json.dumps({"url": "https://shop.example"})
        execution = client.start_execution(stateMachineArn=machine, name="r", input=given)["executionArn"]
        eventually(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING", "it ends")
        ended = client.describe_execution(executionArn=execution)
    assert ended["status"] == "SUCCEEDED", ended
    assert scripted.planned == [json.loads(given), {"discovered": DISCOVERED}]
    assert sorted(scripted.made) == list(range(7))
    assert [sorted(scripted.made[3 * n : 3 * n + 3]) for n in range(3)] == [list(part) for part in invocations]
    assert [(event["step"], event["error"]) for event in scripted.ended] == [("finalise", {"Cause": None})]


def test_plan_is_split_in_order() -> None:
    """Into parts of a size at most; nothing is one list of nothing."""
    assert [list(part) for part in split(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert [list(part) for part in split([], 2)] == [[]]
