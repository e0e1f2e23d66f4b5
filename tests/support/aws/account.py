"""What the stack deploys, as far as emulators go, and builds of its projects.

Real here: the command, its workers, the handler in Lambda's runtime client, and every request they send, by role.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.aws.policies import Call
from tests.support.aws.recorder import Recorder
from tests.support.aws.servers import FAKE_AWS, fake_client
from tests.support.aws.stack import Stack, whole
from tests.support.builds.buildspecs import Build, Shell, build
from uitest.local_aws.emulator import emulator
from uitest.local_aws.endpoint import Endpoint
from uitest.local_aws.service import Function, Service
from uitest.model import Module
from uitest.storage.stores.dynamodb import DynamoStore, create_tables

BUCKET = "results-bucket"


@dataclass(frozen=True)
class Account:
    """The account, and where builds run."""

    stack: Stack
    store: DynamoStore
    bucket: Any
    """A client of S3."""
    recorder: Recorder
    topic: str
    shell: Shell
    environ: Mapping[str, str]
    """What every process needs to reach the account."""

    def build(self, project: str, build_id: str, folder: Path, **changed: str) -> Build:
        """Run a project's buildspec with its variables; ``changed`` are those that are known to AWS only."""
        about = self.stack.find("AWS::CodeBuild::Project")[f"Builds.{project}"]
        role = about["ServiceRole"].rpartition("/buildroles-")[2]
        given = variables(about)
        topic = {"UITEST_TOPIC": self.topic} if "UITEST_TOPIC" in given else {}
        ours = {"AWS_ACCESS_KEY_ID": role, "CODEBUILD_BUILD_ID": build_id}
        environ = {**self.environ, **given, **topic, **ours, **changed}
        return build(about["Source"]["BuildSpec"].rpartition("/")[2], folder, environ, self.shell)

    def modules(self, *cases: str) -> None:
        """Have these cases, in one module, be all there are."""
        self.store.delete_modules([module.name for module in self.store.modules()])
        self.store.put_modules([Module("m", cases)])

    def called(self, role: str) -> set[Call]:
        """What a role called since it was asked for last."""
        return self.recorder.calls.pop(role, set())

    def files(self) -> set[str]:
        """Names in the bucket of results."""
        return {entry["Key"] for entry in self.bucket.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def variables(project: dict[str, Any]) -> dict[str, str]:
    """What a project sets."""
    return {variable["Name"]: variable["Value"] for variable in project["Environment"]["EnvironmentVariables"]}


@contextmanager
def deployed(
    shell: Shell, environ: Mapping[str, str], functions: Callable[[Stack, dict[str, str]], Iterable[Function]]
) -> Iterator[Account]:
    """An account with these functions, which are given what they need to reach it and the topic's ARN."""
    stack = whole()
    tables = stack.find("AWS::DynamoDB::Table")
    names = [tables[f"Storage.{table}"]["TableName"] for table in ("ModuleTable", "StatusTable")]
    with ExitStack() as cleanup:
        aws = cleanup.enter_context(emulator(("dynamodb", "s3", "sns", "sqs")))
        dynamodb, s3, sns = (fake_client(service, aws) for service in ("dynamodb", "s3", "sns"))
        for client in (dynamodb, s3, sns):
            cleanup.callback(client.close)
        create_tables(dynamodb, *names)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        topic = sns.create_topic(Name="shop")["TopicArn"]
        recorder = cleanup.enter_context(Recorder(aws))
        reached = {**environ, **FAKE_AWS, "AWS_ENDPOINT_URL": recorder.url}
        service = Service(functions(stack, {**reached, "UITEST_TOPIC": topic}))
        cleanup.callback(service.close)
        recorder.functions = cleanup.enter_context(Endpoint(service)).url
        store = DynamoStore(names[0], names[1], dynamodb)
        yield Account(stack, store, s3, recorder, topic, shell, reached)
