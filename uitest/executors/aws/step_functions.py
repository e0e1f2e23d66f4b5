"""Starts, polls and stops one execution of a state machine.

It is not an ``Executor``: the state machine makes attempts, counts retries and ends the run itself, as it also does for
a pipeline. The command line only watches it (see ``execution_watcher``). A run that is resumed gets a new execution
instead of a redrive of the old one, which also works after fourteen days, with a new definition, and for a rerun of
ended cases. In both cases the first step finds the remaining jobs in the store.
"""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from uitest import aws
from uitest.errors import ExecutorError, UsageError

NAME_LIMIT = 80
"""Maximum length of an execution's name, of letters, digits, ``-`` and ``_``
(https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html, read 2026-11)."""


def execution_name(run_id: str, *, again: bool) -> str:
    """An execution's name for a run: its id if allowed, else one derived from it; with ``again`` a new one each time.

    A name cannot be used again for 90 days.
    """
    name = run_id
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{NAME_LIMIT}}}", run_id):
        stem = re.sub(r"[^A-Za-z0-9_]+", "-", run_id).strip("-")[:50]
        name = f"{stem}-{hashlib.sha256(run_id.encode()).hexdigest()[:16]}"
    return f"{name[: NAME_LIMIT - 9]}-{secrets.token_hex(4)}" if again else name


def explain(error: object, cause: object) -> str:
    """The error of a failed state in one line; for an exception in a function, its message from the JSON cause."""
    text = str(cause or "")
    try:
        data: Any = json.loads(text)
        message = data.get("errorMessage") if isinstance(data, dict) else None
    except ValueError:
        message = None
    return " ".join(": ".join(str(part) for part in (error, message or text) if part).split())


@dataclass(frozen=True, slots=True)
class Status:
    """The state of an execution."""

    is_over: bool
    problem: str | None
    """Why it did not succeed; None while it runs, or if it did."""


class Execution:
    """An execution by its name.

    Every method raises ExecutorError, with the reason and what to do, for a state machine that is missing or forbidden.
    """

    def __init__(self, machine: str, name: str, client: Any = None) -> None:
        """``machine`` is the ARN of the state machine."""
        self.name = name
        self._machine = machine
        self._arn = ""
        self._resource = aws.Resource(
            "states", f"state machine {machine!r}", "deploy it, or name another with --state-machine"
        )
        with aws.translating(ExecutorError, self._resource):
            self._client = client or aws.client("stepfunctions")

    def start(self, run_id: str, store: str) -> None:
        """Start the execution for a run in the store. Raises UsageError if the name is in use."""
        input_text = json.dumps({"run": run_id, "store": store})
        with aws.translating(ExecutorError, self._resource):
            try:
                response = self._client.start_execution(stateMachineArn=self._machine, name=self.name, input=input_text)
            except self._client.exceptions.ExecutionAlreadyExists as exc:
                raise UsageError(
                    f"{self._resource.name} had an execution {self.name!r} in the last 90 days; "
                    "give the run another name with --run-id"
                ) from exc
        self._arn = response["executionArn"]

    def status(self) -> Status:
        """The current state."""
        with aws.translating(ExecutorError, self._resource):
            execution = self._client.describe_execution(executionArn=self._arn)
        state = execution["status"]
        if state in ("RUNNING", "SUCCEEDED"):
            return Status(state == "SUCCEEDED", None)
        word = {"FAILED": "failed", "TIMED_OUT": "timed out", "ABORTED": "was aborted"}.get(state, state)
        why = explain(execution.get("error"), execution.get("cause"))
        return Status(True, f"execution {self.name!r} {word}{f' ({why})' if why else ''}")

    def stop(self, why: str) -> None:
        """Stop the execution at once, if it was started; Lambda finishes running invocations."""
        if self._arn:
            with aws.translating(ExecutorError, self._resource):
                self._client.stop_execution(executionArn=self._arn, cause=why)

    def close(self) -> None:
        """Close connections."""
        self._client.close()
