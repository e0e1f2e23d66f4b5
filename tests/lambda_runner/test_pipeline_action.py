"""The Lambda action of CodePipeline, for every answer that it can get; botocore's Stubber gives them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from lambda_runner.pipeline_action import MESSAGE_LIMIT, TOKEN_LIMIT, handle
from tests.support.aws.policies import Call, allowed
from tests.support.aws.servers import fake_client
from tests.support.aws.stack import whole

JOB = "11111111-2222-3333-4444-555555555555"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:shop"
EXECUTION = f"arn:aws:states:eu-west-1:123456789012:execution:shop:{JOB}"
SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCY"
INPUT = {"url": "https://shop.example"}


class Cloud:
    """Both services, with what they are to be asked and will answer; every call is written down."""

    def __init__(self, clients: dict[str, Any]) -> None:
        self.clients = clients
        self.stubs = {name: Stubber(client) for name, client in self.clients.items()}
        self.calls: set[Call] = set()
        for name, stub in self.stubs.items():
            clients[name].meta.events.register("provide-client-params.*.*", self._note)
            stub.activate()

    def end(self) -> None:
        """Everything that was expected must have been asked."""
        for name, stub in self.stubs.items():
            stub.deactivate()
            self.clients[name].meta.events.unregister("provide-client-params.*.*", self._note)
            stub.assert_no_pending_responses()

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        resource = params.get("stateMachineArn") or params.get("executionArn") or "*"
        self.calls.add(Call(f"{model.service_model.signing_name}:{model.name}", resource))

    def states(self, operation: str, answer: dict[str, Any], expected: dict[str, Any]) -> None:
        """Step Functions answers."""
        self.stubs["stepfunctions"].add_response(operation, answer, expected)

    def refuse(self, service: str, operation: str, code: str, message: str = "no") -> None:
        """A service answers with an error."""
        self.stubs[service].add_client_error(operation, code, message)

    def reported(self, operation: str, **answer: Any) -> None:
        """CodePipeline is to be told."""
        self.stubs["codepipeline"].add_response(operation, {}, {"jobId": JOB, **answer})

    def failed(self, kind: str = "JobFailed", **more: Any) -> None:
        """CodePipeline is to be told of a failure."""
        self.reported("put_job_failure_result", failureDetails={"type": kind, "message": ANY, **more})


@pytest.fixture(autouse=True)
def _logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "uitest")


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, Any]]:
    """Real ones; making them takes longer than all these tests."""
    clients = {name: fake_client(name) for name in ("codepipeline", "stepfunctions")}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def cloud(clients: dict[str, Any]) -> Iterator[Cloud]:
    """With nothing expected yet."""
    cloud = Cloud(clients)
    yield cloud
    cloud.end()


def take(cloud: Cloud, caplog: pytest.LogCaptureFixture, token: object = None, user: object = "default") -> str:
    """Handle an event; what was logged, in which nothing of the event's credentials may be."""
    user = json.dumps({"state_machine": MACHINE, "input": INPUT}) if user == "default" else user
    data = {
        "actionConfiguration": {"configuration": {"FunctionName": "shop-action", "UserParameters": user}},
        "artifactCredentials": {"accessKeyId": "ASIA", "secretAccessKey": SECRET, "sessionToken": SECRET},
        **({} if token is None else {"continuationToken": token}),
    }
    handle(
        {"CodePipeline.job": {"id": JOB, "accountId": "123456789012", "data": data}}, None, cloud.clients.__getitem__
    )
    assert SECRET not in caplog.text
    return caplog.text


def running(cloud: Cloud, status: str, **more: Any) -> None:
    """What Step Functions says of the execution."""
    answer = {"executionArn": EXECUTION, "stateMachineArn": MACHINE, "status": status, "startDate": 1_700_000_000}
    cloud.states("describe_execution", {**answer, **more}, {"executionArn": EXECUTION})


TOKEN = json.dumps({"execution": EXECUTION})


def test_first_event_starts_one_execution(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    """One execution for each job, by its name; CodePipeline is to ask again."""
    answer = {"executionArn": EXECUTION, "startDate": 1_700_000_000}
    request = {"stateMachineArn": MACHINE, "name": JOB, "input": json.dumps(INPUT)}
    cloud.states("start_execution", answer, request)
    cloud.reported("put_job_success_result", continuationToken=TOKEN)
    assert "started" in take(cloud, caplog)
    assert len(TOKEN) <= TOKEN_LIMIT


def test_second_delivery_follows_the_first_execution(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    """The execution of the first is looked after."""
    cloud.refuse("stepfunctions", "start_execution", "ExecutionAlreadyExists")
    cloud.reported("put_job_success_result", continuationToken=TOKEN)
    assert "delivered before" in take(cloud, caplog)


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE"])
def test_running_execution_keeps_its_token(cloud: Cloud, caplog: pytest.LogCaptureFixture, status: str) -> None:
    """The same token again."""
    running(cloud, status)
    cloud.reported("put_job_success_result", continuationToken=TOKEN)
    take(cloud, caplog, TOKEN)


def test_succeeded_execution_is_reported_with_its_address(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    """Success, with where to look."""
    running(cloud, "SUCCEEDED")
    details = {"summary": ANY, "externalExecutionId": EXECUTION, "percentComplete": 100}
    cloud.reported("put_job_success_result", executionDetails=details)
    take(cloud, caplog, TOKEN)


@pytest.mark.parametrize(
    ("status", "message"), [("FAILED", "failed"), ("TIMED_OUT", "timed out"), ("ABORTED", "was aborted")]
)
def test_failed_execution_is_reported_with_its_reason(
    cloud: Cloud, caplog: pytest.LogCaptureFixture, status: str, message: str
) -> None:
    """Failure, with the execution's own reason."""
    running(cloud, status, error="NotGreen", cause="1 failed")
    cloud.failed(externalExecutionId=EXECUTION)
    assert f"the execution {message} (NotGreen: 1 failed)" in take(cloud, caplog, TOKEN)


def test_long_reason_is_cut(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    """Cut to what CodePipeline takes."""
    running(cloud, "FAILED", cause="x" * 30_000)
    details = {"type": "JobFailed", "message": f"the execution failed ({'x' * 30_000}"[:MESSAGE_LIMIT]}
    cloud.reported("put_job_failure_result", failureDetails={**details, "externalExecutionId": EXECUTION})
    take(cloud, caplog, TOKEN)


@pytest.mark.parametrize(
    "user",
    [
        None,
        "",
        "no JSON",
        "[]",
        "{}",
        '{"state_machine": "shop"}',
        json.dumps({"state_machine": MACHINE, "input": "text"}),
        json.dumps({"state_machine": MACHINE, "more": 1}),
    ],
)
def test_bad_parameters_fail_the_job_and_start_nothing(
    cloud: Cloud, caplog: pytest.LogCaptureFixture, user: object
) -> None:
    """A mistake in the pipeline, told as one; nothing is started."""
    cloud.failed("ConfigurationError")
    assert "user parameters must be" in take(cloud, caplog, user=user)


@pytest.mark.parametrize("token", ["", "no JSON", "{}", "[]", '{"execution": 1}', '{"execution": "arn:aws:s3:::x"}'])
def test_foreign_token_is_not_followed(cloud: Cloud, caplog: pytest.LogCaptureFixture, token: str) -> None:
    """Not followed anywhere."""
    cloud.failed("ConfigurationError")
    assert "continuation token" in take(cloud, caplog, token)


def test_too_long_token_fails_the_job(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    """No execution has such a name; CodePipeline would refuse it."""
    machine = MACHINE + "x" * TOKEN_LIMIT
    cloud.refuse("stepfunctions", "start_execution", "ExecutionAlreadyExists")
    cloud.failed("ConfigurationError")
    take(cloud, caplog, user=json.dumps({"state_machine": machine}))


def test_expired_token_fails_the_job(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    """Its execution is not kept any more."""
    cloud.refuse("stepfunctions", "describe_execution", "ExecutionDoesNotExist")
    cloud.failed()
    take(cloud, caplog, TOKEN)


@pytest.mark.parametrize("code", ["StateMachineDoesNotExist", "AccessDeniedException", "ExpiredTokenException"])
def test_machine_that_cannot_be_started_fails_the_job(
    cloud: Cloud, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    """Missing, not ours, or our credentials are over: told, not raised."""
    cloud.refuse("stepfunctions", "start_execution", code)
    cloud.failed()
    take(cloud, caplog)


@pytest.mark.parametrize("code", ["InvalidJobStateException", "JobNotFoundException"])
def test_job_that_is_over_is_not_reported(cloud: Cloud, caplog: pytest.LogCaptureFixture, code: str) -> None:
    """Somebody stopped the pipeline: there is nobody to tell."""
    running(cloud, "SUCCEEDED")
    cloud.refuse("codepipeline", "put_job_success_result", code)
    assert "is over already" in take(cloud, caplog, TOKEN)


def test_failure_to_report_is_logged(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    """Not even of the failure: the log says so, and nothing is raised."""
    running(cloud, "SUCCEEDED")
    cloud.refuse("codepipeline", "put_job_success_result", "AccessDeniedException")
    cloud.refuse("codepipeline", "put_job_failure_result", "AccessDeniedException")
    assert "cannot report to CodePipeline" in take(cloud, caplog, TOKEN)


@pytest.mark.parametrize(
    "event", [None, [], {}, {"CodePipeline.job": None}, {"CodePipeline.job": {"id": "../x", "data": {"s": SECRET}}}]
)
def test_foreign_event_calls_nothing(event: object, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is called, nothing of it is logged."""
    handle(event, None, {}.__getitem__)
    assert "not from CodePipeline" in caplog.text
    assert SECRET not in caplog.text


def test_incomplete_event_fails_the_job(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    """A defect in what we take an event to be ends as a failure of the job."""
    cloud.failed()
    handle({"CodePipeline.job": {"id": JOB, "data": [SECRET]}}, None, cloud.clients.__getitem__)
    assert "AttributeError" in caplog.text
    assert SECRET not in caplog.text


def test_missing_region_or_credentials_raise_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Without a region or credentials nobody can be told; nothing is raised."""
    handle({"CodePipeline.job": {"id": JOB, "data": {}}}, None, {}.__getitem__)
    assert "cannot create a client" in caplog.text


def test_role_allows_exactly_what_is_called(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    """May do what is called, and nothing else."""
    cloud.states("start_execution", {"executionArn": EXECUTION, "startDate": 1}, {
        "stateMachineArn": MACHINE, "name": JOB, "input": json.dumps(INPUT),
    })  # fmt: skip
    cloud.reported("put_job_success_result", continuationToken=TOKEN)
    take(cloud, caplog)
    running(cloud, "FAILED")
    cloud.failed(externalExecutionId=EXECUTION)
    take(cloud, caplog, TOKEN)
    may = allowed(whole(), "Runner.ActionRole")
    assert cloud.calls
    assert all(any(statement.covers(call) for statement in may) for call in cloud.calls)
    assert all(any(statement.covers(call) for call in cloud.calls) for statement in may)
