"""Templates deployed to an emulator: its own engine resolves them, and the store works on the tables that come of it.

Only those of whose resources the emulator knows all: it has no headers of CloudFront, no report groups, no pipelines.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws.policies import Call, allowed, statements
from tests.support.aws.recorder import EMULATED
from tests.support.aws.servers import fake_client
from tests.support.aws.stack import ACCOUNT, CONNECTION, FOLDER, IMAGE, PULL_REQUESTS, whole
from tests.support.builders import make_run
from tests.support.processes import eventually
from uitest.local_aws.emulator import emulator as running_emulator
from uitest.model import Job, Module
from uitest.storage.stores.dynamodb import DynamoStore

SERVICES = (
    "cloudformation", "dynamodb", "s3", "sns", "sqs", "lambda", "iam", "logs", "monitoring", "states", "ecr",
)  # fmt: skip
NO_NETWORK = {"Subnets": "", "SecurityGroups": ""}
DEFINITION = "DefinitionS3Location: ../lambda_runner/state_machine.asl.json"


class Emulator:
    """Clients of one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """One for a service, kept."""
        return self._clients.setdefault(service, fake_client(service, self._url))

    def close(self) -> None:
        """Let go of connections."""
        for client in self._clients.values():
            client.close()

    def deploy(self, name: str, **parameters: str) -> dict[str, str]:
        """A stack of a template, as "aws cloudformation package" would have it; its outputs."""
        body = (
            (FOLDER / name).read_text().replace(DEFINITION, "DefinitionS3Location: {Bucket: templates, Key: machine}")
        )
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        stack, formation = name.removesuffix(".yaml"), self.client("cloudformation")
        formation.create_stack(StackName=stack, TemplateBody=body, Parameters=given, Capabilities=["CAPABILITY_IAM"])

        def described() -> Any:
            return formation.describe_stacks(StackName=stack)["Stacks"][0]

        eventually(lambda: not described()["StackStatus"].endswith("IN_PROGRESS"), f"{name} is deployed")
        assert described()["StackStatus"] == "CREATE_COMPLETE", described()
        return {item["OutputKey"]: item["OutputValue"] for item in described().get("Outputs", ())}


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """With the state machine's definition where packaging puts it."""
    with running_emulator(SERVICES) as url:
        result = Emulator(url)
        bucket = result.client("s3")
        bucket.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        machine = (FOLDER.parent / "lambda_runner" / "state_machine.asl.json").read_bytes()
        bucket.put_object(Bucket="templates", Key="machine", Body=machine)
        yield result
        result.close()


def test_stacks_can_be_created_in_an_emulator(emulator: Emulator) -> None:
    """The store can use the tables, policies are as we resolve them, and the state machine has no placeholders."""
    exchange = emulator.deploy(
        "exchange.yaml", Name="shop", SourceKind="s3", SourceRepository="b", SourceBranch="k", ConnectionArn="",
    )  # fmt: skip
    topic = exchange["Topic"]
    assert exchange["SourceArn"] == "arn:aws:s3:::b/k"
    storage = emulator.deploy("storage.yaml", Name="shop")
    tables = {name: storage[name] for name in ("ModuleTable", "StatusTable")}
    runner = emulator.deploy(
        "runner.yaml", Name="shop", **IMAGE, **tables,
        ResultsBucket="results-bucket", ResultsUrl="https://results.example", Topic=topic, **NO_NETWORK,
    )  # fmt: skip
    machine = emulator.deploy(
        "state-machine.yaml", Name="shop", ResultsBucket="results-bucket",
        CaseFunction=runner["CaseFunctionArn"], RunFunction=runner["RunFunctionArn"],
    )  # fmt: skip
    emulator.deploy(
        "alarms.yaml", Topic=topic, StateMachine=machine["StateMachine"],
        **{name: runner[name] for name in ("CaseFunction", "RunFunction", "LostInvocations")},
    )  # fmt: skip
    roles = emulator.deploy(
        "build-roles.yaml", Name="shop", RepositoryName=storage["RepositoryName"], **tables,
        ResultsBucket="results-bucket", Topic=topic,
        PipelineBucket=exchange["PipelineBucket"], TestBucket="test-bucket", ProductionBucket="production-bucket",
        SourceKind="github", SourceArn=CONNECTION, PullRequestConnectionArn=PULL_REQUESTS,
    )  # fmt: skip

    store = DynamoStore(tables["ModuleTable"], tables["StatusTable"], emulator.client("dynamodb"))
    store.put_modules([Module("m", ("a",))])
    store.create_run(make_run("r", planned=1), [Job("m", "a", "chrome")])
    assert [row.job.case for row in store.jobs("r")] == ["a"]

    result = emulator.client("stepfunctions").describe_state_machine(stateMachineArn=machine["StateMachine"])
    states = json.dumps(json.loads(result["definition"])["States"])
    assert runner["CaseFunctionArn"] in states
    assert "${" not in states

    ours = whole()
    for name in ("TestRole", "FanOutRole", "ImageRole", "PullRequestRole"):
        theirs = _policy(emulator, roles[name].rpartition("/")[2])
        assert theirs == allowed(ours, f"BuildRoles.{name}"), name
    functions = emulator.client("lambda")
    for function, role in (("CaseFunction", "CaseRole"), ("RunFunction", "RunRole"), ("ActionFunction", "ActionRole")):
        about = functions.get_function_configuration(FunctionName=runner[function])
        assert _policy(emulator, about["Role"].rpartition("/")[2]) == allowed(ours, f"Runner.{role}"), role


def _policy(emulator: Emulator, role: str) -> set[Call]:
    """What the emulator made of a role's policy of our own calls."""
    document = emulator.client("iam").get_role_policy(RoleName=role, PolicyName="code")["PolicyDocument"]
    parsed = json.loads(document) if isinstance(document, str) else document
    return {
        Call(action, resource.replace(EMULATED, ACCOUNT))
        for statement in statements(parsed)
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
