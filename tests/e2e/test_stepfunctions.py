"""``uitest run --executor stepfunctions``: the state machine in an interpreter, the real handler for all its steps."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.e2e.cloud import Cloud, account
from tests.e2e.conftest import Project
from tests.support.processes import eventually
from tests.support.servers import fake_client, interpreter
from tests.support.state_machine import definition, deploy, redriven
from uitest.local_aws.process import Image
from uitest.model import RunState, Verdict

CASES = """
import signal
def kill_environment():
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)  # ended with it
def test_shop(driver, base_url):
    driver.get(base_url)
    assert driver.title == "Shop"
def test_wrong(): assert 1 == 2
def test_fine(): ran("fine")
def test_flaky():
    ran("flaky")
    assert (HERE / "ran.txt").read_text().count("flaky") > 1
def test_dies():
    ran("dies")
    if (HERE / "ran.txt").read_text().count("dies") == 1:
        kill_environment()
def test_kills(): kill_environment()
def test_wait():
    ran("wait")
    wait_for("go")
"""


class Steps:
    """The state machine of an account, and what it is asked for without the command line."""

    def __init__(self, cloud: Cloud, client: Any, machine: dict[str, Any]) -> None:
        self.cloud, self.client, self.machine = cloud, client, machine
        self.arn = deploy(client, "uitest", machine)
        self.environ = {**cloud.environ, "UITEST_STATE_MACHINE": self.arn}

    def start(self, name: str, **given: Any) -> str:
        """An execution, as a pipeline starts it; its ARN."""
        answer = self.client.start_execution(stateMachineArn=self.arn, name=name, input=json.dumps(given))
        return str(answer["executionArn"])

    def end(self, arn: str) -> dict[str, Any]:
        """Wait for its end; its description."""
        eventually(lambda: self.describe(arn)["status"] != "RUNNING", "the execution ends")
        return self.describe(arn)

    def describe(self, arn: str) -> dict[str, Any]:
        """What Step Functions says of it."""
        found: dict[str, Any] = self.client.describe_execution(executionArn=arn)
        return found

    def redrive(self, arn: str, redrives: int = 1) -> str:
        """A redrive of an execution that has failed at its first step, in a state machine of its own; its ARN."""
        machine = redriven(self.machine, self.describe(arn), redrives)
        other = deploy(self.client, f"redrive-{redrives}", machine)
        answer = self.client.start_execution(stateMachineArn=other, name="again", input="{}")
        return str(answer["executionArn"])

    def order(self, **more: Any) -> dict[str, Any]:
        """A pipeline's input."""
        places = {"artifacts": "s3://shots/artifacts", "site": "s3://shots"}
        return {
            "url": self.cloud.project.url, "store": "dynamodb:mods,stat", "max_concurrency": 2, **places, **more,
        }  # fmt: skip


@pytest.fixture
def make(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Steps]]:
    """Makes an account whose state machine uses these functions; ``cases`` has two environments, ``run`` as well."""
    with ExitStack() as cleanup:

        def make(cases: str = "cases", run: str = "run") -> Steps:
            project.cases(CASES)
            folder = tmp_path_factory.mktemp("aws")
            cloud = cleanup.enter_context(
                account(project, folder, Image("cases"), Image("run"), UITEST_EXECUTOR="stepfunctions")
            )
            steps = cleanup.enter_context(interpreter(folder, cloud.aws, cloud.functions))
            cloud.environ["AWS_ENDPOINT_URL_SFN"] = steps
            client = fake_client("stepfunctions", steps)
            cleanup.callback(client.close)
            return Steps(cloud, client, definition(cases, run))

        yield make


def test_a_run(make: Callable[..., Steps]) -> None:
    """Outcomes, retries, a lost environment, JUnit file and exit code as on this machine; pages by the machine."""
    steps = make()
    cloud = steps.cloud
    cloud.modules("shop", "wrong", "flaky", "dies", "fine")
    said = cloud.project.run("run", "--run-id", "r", "--retries", "1", code=1, environ=steps.environ).stderr
    assert "up to 2 at once in state machine uitest" in said
    run = cloud.store.run("r")
    assert (run.state, run.counts) == (RunState.FINISHED, {"passed": 3, "flaky": 1, "failed": 1})
    died, again = cloud.rows()["dies"].attempts
    assert (died.verdict, again.verdict) == (Verdict.ERROR, Verdict.PASSED)
    assert "the invocation died: Runtime.ExitError" in (died.error or "")
    assert {"index.html", "runs/r/index.html", "artifacts/r/junit.xml"} <= cloud.files()
    assert cloud.project.junit()["test_it::test_flaky"] == "passed"
    assert (
        steps.describe(steps.client.list_executions(stateMachineArn=steps.arn)["executions"][0]["executionArn"])[
            "status"
        ]
        == "FAILED"
    )
