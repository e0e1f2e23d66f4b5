"""A Lambda action of CodePipeline: starts the state machine, and answers for it until it has ended.

CodePipeline calls a function for a job and waits for its word. While the execution runs the word is a continuation
token, and CodePipeline calls again with it, for up to a day. CodePipeline's own action for Step Functions does the same
without a function; this one is for pipelines that want the input checked, the reason in the action's words, and one
execution for each job however often the event is delivered: the execution bears the job's id as its name.

A job's event carries credentials of the pipeline's artifacts. Nothing of it is logged but the job's id, not even where
it cannot be understood. And nothing is ever raised: Lambda would deliver the event again, and CodePipeline wait until
its time is over. Whatever goes wrong is reported as the job's failure.

Given up: stopping the execution when the pipeline is stopped. CodePipeline tells nobody.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from uitest import aws
from uitest.errors import UitestError, UsageError

TOKEN_LIMIT = 2048
MESSAGE_LIMIT = 5000
"""Characters (https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_FailureDetails.html, read 2026-11)."""

MACHINE = re.compile(r"arn:[a-z-]+:states:[a-z0-9-]+:\d{12}:stateMachine:[A-Za-z0-9_-]+")
EXECUTION = re.compile(r"arn:[a-z-]+:states:[a-z0-9-]+:\d{12}:execution:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+")

ENDED = {"FAILED": "failed", "TIMED_OUT": "timed out", "ABORTED": "was aborted"}
OVER = {"InvalidJobStateException", "JobNotFoundException"}
"""What CodePipeline says of a job that it no longer waits for."""


class PipelineError(UitestError):
    """CodePipeline or Step Functions would not."""


@dataclass(frozen=True)
class Services:
    """Clients of what is called."""

    codepipeline: Any
    states: Any


@dataclass(frozen=True)
class Wanted:
    """What the action's user parameters ask for."""

    machine: str
    given: Mapping[str, Any]

    @classmethod
    def from_text(cls, text: object) -> Self:
        """From ``{"state_machine": ARN, "input": {...}}``. Raises UsageError."""
        try:
            found: Any = json.loads(str(text or ""))
        except ValueError:
            found = None
        if not isinstance(found, dict) or set(found) - {"state_machine", "input"}:
            raise UsageError('the user parameters must be JSON: {"state_machine": "arn:...", "input": {...}}')
        machine, given = found.get("state_machine"), found.get("input", {})
        if not isinstance(machine, str) or not MACHINE.fullmatch(machine):
            raise UsageError("state_machine in the user parameters must be the ARN of a state machine")
        if not isinstance(given, dict):
            raise UsageError("input in the user parameters must be an object")
        return cls(machine, given)

    def execution(self, job: str) -> str:
        """ARN of the execution that belongs to a job."""
        return f"{self.machine.replace(':stateMachine:', ':execution:')}:{job}"


def handle(event: object, _context: object, client: Callable[[str], Any] = aws.client) -> None:
    """Take one event of CodePipeline; ``client`` makes one for a service. Never raises."""
    job = _job_id(event)
    if job is None:
        print("the event is none of CodePipeline's; this function is an action of a pipeline")
        return
    try:
        clients = Services(client("codepipeline"), client("stepfunctions"))
    except Exception as exc:
        print(f"job {job}: {type(exc).__name__}, no client can be made")
        return
    try:
        _take(job, event, clients)
    except UitestError as exc:
        kind = "ConfigurationError" if isinstance(exc, UsageError) else "JobFailed"
        _fail(clients, job, kind, str(exc))
    except Exception as exc:  # its text may hold parts of the event
        _fail(clients, job, "JobFailed", f"{type(exc).__name__} in the pipeline's action")


def _take(job: str, event: Any, clients: Services) -> None:
    data = event["CodePipeline.job"].get("data") or {}
    token = data.get("continuationToken")
    if token is not None:
        _look(job, _from_token(token), clients)
        return
    configuration = (data.get("actionConfiguration") or {}).get("configuration") or {}
    wanted = Wanted.from_text(configuration.get("UserParameters"))
    _start(job, wanted, clients)
    arn = wanted.execution(job)
    print(f"job {job}: started {arn}")
    _go_on(clients, job, arn)


def _start(job: str, wanted: Wanted, clients: Services) -> None:
    with aws.translating(PipelineError, _machine(wanted.machine)):
        try:
            clients.states.start_execution(stateMachineArn=wanted.machine, name=job, input=json.dumps(wanted.given))
        except clients.states.exceptions.ExecutionAlreadyExists:
            print(f"job {job}: this event was delivered before")


def _look(job: str, arn: str, clients: Services) -> None:
    with aws.translating(PipelineError, aws.Resource("states", f"execution {arn!r}", "it is kept for 90 days")):
        found = clients.states.describe_execution(executionArn=arn)
    state = found["status"]
    if state in ("RUNNING", "PENDING_REDRIVE"):
        _go_on(clients, job, arn)
    elif state == "SUCCEEDED":
        details = {"summary": f"execution {arn} succeeded", "externalExecutionId": arn, "percentComplete": 100}
        _tell(clients, job, "put_job_success_result", executionDetails=details)
        print(f"job {job}: succeeded")
    else:
        said = ": ".join(text for text in (found.get("error"), found.get("cause")) if text)
        why = f"the execution {ENDED.get(state, state)}{f' ({said})' if said else ''}; see {arn}"
        _fail(clients, job, "JobFailed", why, arn)


def _go_on(clients: Services, job: str, arn: str) -> None:
    """Have CodePipeline ask again."""
    token = json.dumps({"execution": arn})
    if len(token) > TOKEN_LIMIT:
        raise UsageError(f"the state machine's ARN makes a token of {len(token)} characters, {TOKEN_LIMIT} fit")
    _tell(clients, job, "put_job_success_result", continuationToken=token)


def _from_token(token: object) -> str:
    try:
        arn = json.loads(str(token))["execution"]
    except (ValueError, TypeError, KeyError):
        arn = None
    if not isinstance(arn, str) or not EXECUTION.fullmatch(arn):
        raise UsageError("the continuation token is not of this function; start the action again")
    return arn


def _fail(clients: Services, job: str, kind: str, message: str, arn: str | None = None) -> None:
    print(f"job {job}: {message}")
    details = {"type": kind, "message": message[:MESSAGE_LIMIT], **({"externalExecutionId": arn} if arn else {})}
    try:
        _tell(clients, job, "put_job_failure_result", failureDetails=details)
    except Exception as exc:  # there is nobody else to tell; the action ends when its own time is over
        print(f"job {job}: {type(exc).__name__}, CodePipeline could not be told")


def _tell(clients: Services, job: str, operation: str, **answer: Any) -> None:
    """Give CodePipeline an answer; one that it no longer waits for is no error."""
    with aws.translating(PipelineError, aws.Resource("codepipeline", f"job {job!r}")):
        try:
            getattr(clients.codepipeline, operation)(jobId=job, **answer)
        except clients.codepipeline.exceptions.ClientError as exc:
            if exc.response["Error"]["Code"] not in OVER:
                raise
            print(f"job {job}: is over already")


def _machine(arn: str) -> aws.Resource:
    return aws.Resource("states", f"state machine {arn!r}", "deploy it, or name another in the user parameters")


def _job_id(event: object) -> str | None:
    job = event.get("CodePipeline.job") if isinstance(event, dict) else None
    found = job.get("id") if isinstance(job, dict) else None
    return found if isinstance(found, str) and re.fullmatch(r"[A-Za-z0-9-]{1,80}", found) else None
