"""The state machine, deployed to an interpreter."""

import json
from pathlib import Path
from typing import Any

import lambda_runner

FILE = Path(lambda_runner.__file__).with_name("state_machine.asl.json")
ROLE = "arn:aws:iam::123456789012:role/uitest"


def definition(case_function: str, run_function: str) -> dict[str, Any]:
    """The state machine with its placeholders replaced, as CloudFormation does."""
    text = FILE.read_text().replace("${Partition}", "aws")
    text = text.replace("${CaseFunction}", case_function).replace("${RunFunction}", run_function)
    machine: dict[str, Any] = json.loads(text)
    return machine


def quick(machine: dict[str, Any]) -> dict[str, Any]:
    """The state machine with pauses of a second at first, where it waits longer for a function that is not ready."""
    again: dict[str, Any] = json.loads(json.dumps(machine).replace('"IntervalSeconds": 5', '"IntervalSeconds": 1'))
    return again


def deploy(client: Any, name: str, machine: dict[str, Any]) -> str:
    """Create it; its ARN."""
    answer = client.create_state_machine(name=name, definition=json.dumps(machine), roleArn=ROLE)
    return str(answer["stateMachineArn"])


def redriven(machine: dict[str, Any], execution: dict[str, Any]) -> dict[str, Any]:
    """The state machine as its first step sees it when an execution (as it is described) that failed there is redriven.

    A redriven execution keeps name and input, and counts.
    """
    seen = {"Name": execution["name"], "Input": json.loads(execution["input"]), "RedriveCount": 1}
    again: dict[str, Any] = json.loads(json.dumps(machine))
    payload = again["States"]["Plan"]["Parameters"]["Payload"]
    del payload["execution.$"]
    payload["execution"] = seen
    return again
