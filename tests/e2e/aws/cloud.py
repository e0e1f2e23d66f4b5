"""An account for whole runs: tables and bucket of an emulator, the real handler in AWS's runtime client."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.e2e.conftest import Project
from tests.support.aws.servers import FAKE_AWS, fake_client
from tests.support.inner_pytest import FEW_PLUGINS
from uitest.local_aws.emulator import emulator
from uitest.local_aws.endpoint import Endpoint
from uitest.local_aws.faults import Faults
from uitest.local_aws.process import Image, ProcessEnvironment
from uitest.local_aws.service import Function, Service
from uitest.model import JobRow, Module, RunState
from uitest.storage.stores.dynamodb import DynamoStore, create_tables

BROKEN = "lambda_runner.nowhere.handle"
"""The handler of a function that cannot start."""


@dataclass
class Cloud:
    """What tests look at."""

    project: Project
    store: DynamoStore
    bucket: Any
    aws: str
    """Endpoint of everything but Lambda."""
    functions: str
    """Endpoint of Lambda."""
    service: Service
    """Lambda itself."""
    environ: dict[str, str]
    """For commands that use it, from a folder without case files."""

    def modules(self, *cases: str) -> None:
        """Fill the module table."""
        self.store.put_modules([Module("m", tuple(f"test_it::test_{case}" for case in cases))])

    def rows(self, run_id: str = "r") -> dict[str, JobRow]:
        """The rows by the cases' names."""
        return {row.job.case.removeprefix("test_it::test_"): row for row in self.store.jobs(run_id)}

    def files(self) -> set[str]:
        """Keys in the bucket."""
        return {entry["Key"] for entry in self.bucket.list_objects_v2(Bucket="shots").get("Contents", ())}

    def read(self, key: str) -> str:
        """The text of an object in the bucket."""
        with self.bucket.get_object(Bucket="shots", Key=key)["Body"] as body:
            text: str = body.read().decode()
            return text


@contextmanager
def account(project: Project, *images: Image, faults: Faults | None = None, **environ: str) -> Iterator[Cloud]:
    """One with these functions, two environments each; ``environ`` is for the commands."""
    with ExitStack() as cleanup:
        aws = cleanup.enter_context(emulator(("dynamodb", "s3", "sns", "sqs")))
        tables, bucket = fake_client("dynamodb", aws), fake_client("s3", aws)
        cleanup.callback(tables.close)
        cleanup.callback(bucket.close)
        create_tables(tables, "mods", "stat")
        bucket.create_bucket(Bucket="shots", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        inside = {
            **FAKE_AWS,
            "AWS_ENDPOINT_URL": aws,
            "UITEST_CASES": str(project.folder / "cases"),
            "UITEST_OFFLINE": "1",
            "PYTEST_ADDOPTS": FEW_PLUGINS,
        }
        functions = [
            Function(image.function, partial(ProcessEnvironment, _with(image, inside)), concurrency=2)
            for image in images
        ]
        service = Service(functions, faults)
        cleanup.callback(service.close)
        endpoint = cleanup.enter_context(Endpoint(service))
        outside = {
            **FAKE_AWS,
            "AWS_ENDPOINT_URL": aws,
            "AWS_ENDPOINT_URL_LAMBDA": endpoint.url,
            "UITEST_STORE": "dynamodb:mods,stat",
            "UITEST_ARTIFACTS": "s3://shots/artifacts",
            "UITEST_SITE": "s3://shots",
            "UITEST_MAX_CONCURRENCY": "2",
            "UITEST_CASES": "nowhere",
            **environ,
        }
        yield Cloud(project, DynamoStore("mods", "stat", tables), bucket, aws, endpoint.url, service, outside)


def run_with_unexplained_exit_status(cloud: Cloud, case: str, environ: Mapping[str, str]) -> None:
    """Run a case that passes in a session that ends with exit status 1 all the same, and check that the run is red."""
    (cloud.project.folder / "cases" / "conftest.py").write_text(
        "def pytest_sessionfinish(session):\n    if session.testscollected: session.exitstatus = 1\n"
    )
    cloud.modules(case)
    output = cloud.project.run("run", "--run-id", "r", code=3, environ=environ).stderr
    assert "pytest ended with exit status 1, which no case explains" in " ".join(output.split())
    run = cloud.store.run("r")
    assert (run.state, run.counts) == (RunState.FINISHED, {"passed": 1})
    assert "exit status 1" in (run.error or "")


def _with(image: Image, environ: dict[str, str]) -> Image:
    return Image(image.function, image.handler, environ={**environ, **image.environ})
