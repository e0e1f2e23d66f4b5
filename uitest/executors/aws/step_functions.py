"""One execution of a state machine: started, looked at, stopped.

It is no Executor: the state machine makes attempts, counts retries and ends the run by itself, as it does for a
pipeline that starts it without any machine of ours. Whoever started one from the command line only follows it (see
``execution_watcher``). A run that is taken up again gets a new execution, though Step Functions can redrive the old
one: that works after fourteen days, with a new definition, and for a rerun of cases that ended. The first step finds
in the store what is left to do either way.
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
"""Characters of an execution's name; letters, digits, ``-`` and ``_``
(https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html, read 2026-11)."""


def execution_name(run_id: str, *, again: bool) -> str:
    """The run's id where it can be an execution's name, else one made of it; another one each time ``again``.

    A name is taken for 90 days.
    """
    name = run_id
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{NAME_LIMIT}}}", run_id):
        stem = re.sub(r"[^A-Za-z0-9_]+", "-", run_id).strip("-")[:50]
        name = f"{stem}-{hashlib.sha256(run_id.encode()).hexdigest()[:16]}"
    return f"{name[: NAME_LIMIT - 9]}-{secrets.token_hex(4)}" if again else name


def explain(error: object, cause: object) -> str:
    """Why a state failed, in one line: what a function raised is in its cause, as JSON."""
    text = str(cause or "")
    try:
        told: Any = json.loads(text)
        said = told.get("errorMessage") if isinstance(told, dict) else None
    except ValueError:
        said = None
    return " ".join(": ".join(str(part) for part in (error, said or text) if part).split())


@dataclass(frozen=True, slots=True)
class Status:
    """Where an execution stands."""

    is_over: bool
    problem: str | None
    """Why it did not succeed; None while it goes on, or if it did."""


class Execution:
    """An execution by its name.

    Every method raises ExecutorError, with the reason and what to do, for a state machine that is missing or not ours.
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
        """Have the state machine run what the store says of the run. Raises UsageError if the name is taken."""
        given = json.dumps({"run": run_id, "store": store})
        with aws.translating(ExecutorError, self._resource):
            try:
                answer = self._client.start_execution(stateMachineArn=self._machine, name=self.name, input=given)
            except self._client.exceptions.ExecutionAlreadyExists as exc:
                raise UsageError(
                    f"{self._resource.name} had an execution {self.name!r} in the last 90 days; "
                    "give the run another name with --run-id"
                ) from exc
        self._arn = answer["executionArn"]

    def status(self) -> Status:
        """Ask for it."""
        with aws.translating(ExecutorError, self._resource):
            found = self._client.describe_execution(executionArn=self._arn)
        state = found["status"]
        if state in ("RUNNING", "SUCCEEDED"):
            return Status(state == "SUCCEEDED", None)
        word = {"FAILED": "failed", "TIMED_OUT": "timed out", "ABORTED": "was aborted"}.get(state, state)
        why = explain(found.get("error"), found.get("cause"))
        return Status(True, f"execution {self.name!r} {word}{f' ({why})' if why else ''}")

    def stop(self, why: str) -> None:
        """End it at once, if it was started. Invocations under way are finished by Lambda."""
        if self._arn:
            with aws.translating(ExecutorError, self._resource):
                self._client.stop_execution(executionArn=self._arn, cause=why)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()
