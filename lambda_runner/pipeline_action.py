"""A Lambda action of CodePipeline that starts the state machine and reports its state until it has ended.

CodePipeline calls the function for a job and waits for its result. While the execution runs, the result is a
continuation token, with which CodePipeline calls again, for up to a day. CodePipeline's action for Step Functions does
the same without a function; this one also checks the input, reports the reason of a failure, and starts one execution
per job even if the event is delivered twice, because the execution's name is the job's id.

A job's event has credentials for the pipeline's artifacts, so only the job's id is ever logged. No exception is raised,
because Lambda would deliver the event again and CodePipeline wait for its timeout; errors are reported as the job's
failure.

Trade-off: the execution does not stop when the pipeline is stopped, because CodePipeline does not announce that.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from lambda_runner import image_log
from uitest import aws, log
from uitest.errors import UitestError, UsageError

LOGGER = logging.getLogger(f"uitest.{__name__}")

TOKEN_LIMIT = 2048
MESSAGE_LIMIT = 5000
"""Characters (https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_FailureDetails.html, read 2026-11)."""

MACHINE = re.compile(r"arn:[a-z-]+:states:[a-z0-9-]+:\d{12}:stateMachine:[A-Za-z0-9_-]+")
EXECUTION = re.compile(r"arn:[a-z-]+:states:[a-z0-9-]+:\d{12}:execution:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+")

ENDED = {"FAILED": "failed", "TIMED_OUT": "timed out", "ABORTED": "was aborted"}
OVER = {"InvalidJobStateException", "JobNotFoundException"}
"""Error codes of CodePipeline for a job that it no longer waits for."""


class PipelineError(UitestError):
    """A request to CodePipeline or Step Functions failed."""


@dataclass(frozen=True)
class Services:
    """Clients of the AWS services."""

    codepipeline: Any
    states: Any


@dataclass(frozen=True)
class Wanted:
    """The action's user parameters."""

    machine: str
    given: Mapping[str, Any]

    @classmethod
    def from_text(cls, text: object) -> Self:
        """Parse ``{"state_machine": ARN, "input": {...}}``. Raises UsageError."""
        try:
            data: Any = json.loads(str(text or ""))
        except ValueError:
            data = None
        if not isinstance(data, dict) or set(data) - {"state_machine", "input"}:
            raise UsageError('the user parameters must be JSON: {"state_machine": "arn:...", "input": {...}}')
        machine, input_data = data.get("state_machine"), data.get("input", {})
        if not isinstance(machine, str) or not MACHINE.fullmatch(machine):
            raise UsageError("state_machine in the user parameters must be the ARN of a state machine")
        if not isinstance(input_data, dict):
            raise UsageError("input in the user parameters must be an object")
        return cls(machine, input_data)

    def execution(self, job: str) -> str:
        """ARN of a job's execution."""
        return f"{self.machine.replace(':stateMachine:', ':execution:')}:{job}"


def handle(event: object, _context: object, client: Callable[[str], Any] = aws.client) -> None:
    """Handle one event of CodePipeline; ``client`` creates the client of a service. Never raises."""
    image_log.start()
    job = _job_id(event)
    if job is None:
        LOGGER.error("the event is not from CodePipeline; this function is an action of a pipeline")
        return
    try:
        clients = Services(client("codepipeline"), client("stepfunctions"))
    except Exception as exc:
        _say(job, f"{type(exc).__name__}, cannot create a client")
        return
    try:
        _handle_job(job, event, clients)
    except UitestError as exc:
        kind = "ConfigurationError" if isinstance(exc, UsageError) else "JobFailed"
        _fail(clients, job, kind, str(exc))
    except Exception as exc:  # its text is not logged, as it may contain parts of the event
        _fail(clients, job, "JobFailed", f"{type(exc).__name__} in the pipeline's action")


def _handle_job(job: str, event: Any, clients: Services) -> None:
    data = event["CodePipeline.job"].get("data") or {}
    token = data.get("continuationToken")
    if token is not None:
        _poll(job, _from_token(token), clients)
        return
    configuration = (data.get("actionConfiguration") or {}).get("configuration") or {}
    wanted = Wanted.from_text(configuration.get("UserParameters"))
    _start(job, wanted, clients)
    arn = wanted.execution(job)
    _say(job, f"started {arn}")
    _continue(clients, job, arn)


def _start(job: str, wanted: Wanted, clients: Services) -> None:
    with aws.translating(PipelineError, _machine(wanted.machine)):
        try:
            clients.states.start_execution(stateMachineArn=wanted.machine, name=job, input=json.dumps(wanted.given))
        except clients.states.exceptions.ExecutionAlreadyExists:
            _say(job, "this event was delivered before")


def _poll(job: str, arn: str, clients: Services) -> None:
    with aws.translating(PipelineError, aws.Resource("states", f"execution {arn!r}", "it is kept for 90 days")):
        execution = clients.states.describe_execution(executionArn=arn)
    state = execution["status"]
    if state in ("RUNNING", "PENDING_REDRIVE"):
        _continue(clients, job, arn)
    elif state == "SUCCEEDED":
        details = {"summary": f"execution {arn} succeeded", "externalExecutionId": arn, "percentComplete": 100}
        _respond(clients, job, "put_job_success_result", executionDetails=details)
        _say(job, "succeeded")
    else:
        cause = ": ".join(text for text in (execution.get("error"), execution.get("cause")) if text)
        why = f"the execution {ENDED.get(state, state)}{f' ({cause})' if cause else ''}; see {arn}"
        _fail(clients, job, "JobFailed", why, arn)


def _continue(clients: Services, job: str, arn: str) -> None:
    """Make CodePipeline call again with a continuation token."""
    token = json.dumps({"execution": arn})
    if len(token) > TOKEN_LIMIT:
        raise UsageError(
            f"the state machine's ARN is too long: the token has {len(token)} characters, at most {TOKEN_LIMIT} fit"
        )
    _respond(clients, job, "put_job_success_result", continuationToken=token)


def _from_token(token: object) -> str:
    try:
        arn = json.loads(str(token))["execution"]
    except (ValueError, TypeError, KeyError):
        arn = None
    if not isinstance(arn, str) or not EXECUTION.fullmatch(arn):
        raise UsageError("the continuation token is not from this function; start the action again")
    return arn


def _fail(clients: Services, job: str, kind: str, message: str, arn: str | None = None) -> None:
    _say(job, f"{message}")
    details = {"type": kind, "message": message[:MESSAGE_LIMIT], **({"externalExecutionId": arn} if arn else {})}
    try:
        _respond(clients, job, "put_job_failure_result", failureDetails=details)
    except Exception as exc:  # the action then ends with its timeout
        _say(job, f"{type(exc).__name__}, cannot report to CodePipeline")


def _say(job: str, text: str) -> None:
    """Log what becomes of a job, without a traceback, which may hold parts of the event."""
    LOGGER.info("%s", text, extra={log.EXTRA: {"pipeline_job": job}})


def _respond(clients: Services, job: str, operation: str, **answer: Any) -> None:
    """Report a result to CodePipeline; it is no error if CodePipeline no longer waits for it."""
    with aws.translating(PipelineError, aws.Resource("codepipeline", f"job {job!r}")):
        try:
            getattr(clients.codepipeline, operation)(jobId=job, **answer)
        except clients.codepipeline.exceptions.ClientError as exc:
            if exc.response["Error"]["Code"] not in OVER:
                raise
            _say(job, "is over already")


def _machine(arn: str) -> aws.Resource:
    return aws.Resource("states", f"state machine {arn!r}", "deploy it, or name another in the user parameters")


def _job_id(event: object) -> str | None:
    job = event.get("CodePipeline.job") if isinstance(event, dict) else None
    job_id = job.get("id") if isinstance(job, dict) else None
    return job_id if isinstance(job_id, str) and re.fullmatch(r"[A-Za-z0-9-]{1,80}", job_id) else None
