"""Buildspecs run with the variables that their projects set; what they called of AWS, against their roles' policies.

Real here: the command, its workers, the handler in Lambda's runtime client, every request they send. Not covered: what
AWS does in a role's name (policies named ``service`` and the managed ones: logs, reports, images, artifacts, the state
machine's own calls), which nothing outside AWS makes. Docker and the AWS command line are stand-ins that say what they
were asked for.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.e2e.conftest import HELPERS, OURS
from tests.pipeline.test_templates import whole
from tests.support.builds import Build, build
from tests.support.policies import Call, allowed
from tests.support.processes import eventually
from tests.support.recorder import Recorder, arn
from tests.support.servers import FAKE_AWS, fake_client, interpreter
from tests.support.stack import FOLDER, Stack
from tests.support.state_machine import deploy
from uitest.local_aws.emulator import emulator
from uitest.local_aws.endpoint import Endpoint
from uitest.local_aws.process import Image, ProcessEnvironment
from uitest.local_aws.service import Function, Service
from uitest.model import Module
from uitest.stores.dynamodb import DynamoStore, create_tables
from uitest.web import SiteServer

CASES = """
from helpers import *
def test_title(driver, base_url):
    driver.get(base_url)
    assert driver.title == "Shop"
def test_wrong(driver, base_url):
    driver.get(base_url)
    assert driver.title == "Bank"
"""


@dataclass
class Account:
    """What the stack deploys, as far as emulators go, and a repository to build."""

    stack: Stack
    folder: Path
    store: DynamoStore
    bucket: Any
    recorder: Recorder
    clean: dict[str, str]
    """Variables of this machine."""
    overridden: dict[str, str] = field(default_factory=dict)

    def build(self, project: str, build_id: str, *cases: str) -> Build:
        """Run a project's buildspec with its variables, for a module of these tests."""
        self.store.delete_modules([module.name for module in self.store.modules()])
        self.store.put_modules([Module("m", tuple(f"test_it::test_{case}" for case in cases))])
        about = self.stack.find("AWS::CodeBuild::Project")[f"Builds.{project}"]
        role = about["ServiceRole"].rpartition("/buildroles-")[2]
        environ = {**self.clean, **variables(about), **self.overridden}
        environ |= {"AWS_ACCESS_KEY_ID": role, "CODEBUILD_BUILD_ID": build_id}
        return build(about["Source"]["BuildSpec"].rpartition("/")[2], self.folder, environ)

    def called(self, role: str) -> set[Call]:
        """What a role called since it was asked for last."""
        return self.recorder.calls.pop(role, set())


def variables(project: dict[str, Any]) -> dict[str, str]:
    """What a project sets."""
    return {one["Name"]: one["Value"] for one in project["Environment"]["EnvironmentVariables"]}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """With the functions, and a site to test."""
    folder, site = tmp_path_factory.mktemp("repository"), tmp_path_factory.mktemp("site")
    (site / "index.html").write_text("<!doctype html><title>Shop</title>")
    (folder / "cases").mkdir()
    (folder / "cases" / "helpers.py").write_text(HELPERS)
    (folder / "cases" / "test_it.py").write_text(CASES)
    stack = whole()
    tables = stack.find("AWS::DynamoDB::Table")
    names = [tables[f"Storage.{one}"]["TableName"] for one in ("ModuleTable", "StatusTable")]
    clean = {n: v for n, v in os.environ.items() if not n.startswith(OURS)}
    quick = {"UITEST_OFFLINE": "1", "UITEST_WORKERS": "1", "PYTEST_ADDOPTS": "-p no:hypothesispytest"}
    with ExitStack() as cleanup:
        aws = cleanup.enter_context(emulator(("dynamodb", "s3", "sns", "sqs")))
        dynamodb, s3 = fake_client("dynamodb", aws), fake_client("s3", aws)
        cleanup.callback(dynamodb.close)
        cleanup.callback(s3.close)
        create_tables(dynamodb, *names)
        s3.create_bucket(
            Bucket=stack.outputs["ResultsBucket"], CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        recorder = cleanup.enter_context(Recorder(aws))
        account = {**FAKE_AWS, "AWS_ENDPOINT_URL": recorder.url}
        topics = fake_client("sns", aws)
        cleanup.callback(topics.close)
        topic = {"UITEST_TOPIC": topics.create_topic(Name="shop")["TopicArn"]}
        functions = stack.find("AWS::Lambda::Function")
        case = {**quick, **account, "AWS_ACCESS_KEY_ID": "caserole", "UITEST_CASES": str(folder / "cases")}
        steps = functions["Runner.RunFunction"]["Environment"]["Variables"]
        step = {**quick, **account, **steps, **topic, "AWS_ACCESS_KEY_ID": "runrole"}
        images = [Image("shop-cases", environ=case), Image("shop-steps", environ=step)]
        service = Service(Function(one.function, partial(ProcessEnvironment, one), concurrency=2) for one in images)
        cleanup.callback(service.close)
        recorder.functions = cleanup.enter_context(Endpoint(service)).url
        url = cleanup.enter_context(SiteServer(site)).url
        yield Account(
            stack, folder, DynamoStore(names[0], names[1], dynamodb), s3, recorder, {**clean, **account, **quick},
            {"WebURL": url, **topic},
        )  # fmt: skip


def within(account: Account, role: str, calls: set[Call], policy: str = "code") -> None:
    """Every call is allowed."""
    may = allowed(account.stack, role, policy)
    missing = {call for call in calls if not any(one.covers(call) for one in may)}
    assert calls
    assert not missing, f"{role} may not: {sorted(missing)}"


def compare(account: Account, role: str, calls: set[Call]) -> None:
    """Every call is allowed, and everything that is allowed was called."""
    within(account, role, calls)
    may = allowed(account.stack, role)
    spare = {one for one in may if not any(one.covers(call) for call in calls)}
    assert not spare, f"{role} need not: {sorted(spare)}"


def test_a_browser_of_the_pipeline(account: Account) -> None:
    """A green build, and one that a case fails; files where they belong."""
    green = account.build("TestOnChrome", "shop-TestOnChrome:1", "title")
    assert green.code == 0, green.said
    assert "\nUITEST: green\n" in green.said
    assert green.exported == {"UITEST_SUMMARY": "1 passed"}
    report = ElementTree.parse(account.folder / ".uitest" / "junit.xml").getroot()  # noqa: S314  our own file
    assert [case.get("name") for case in report.iter("testcase")] == ["test_it::test_title"]
    red = account.build("TestOnChrome", "shop-TestOnChrome:2", "title", "wrong")
    assert red.code == 1, red.said
    assert "UITEST: a case failed" in red.said
    assert "test_it::test_wrong" in (account.folder / ".uitest" / "run.html").read_text()
    keys = {found["Key"] for found in account.bucket.list_objects_v2(Bucket="results-bucket")["Contents"]}
    assert "index.html" in keys
    assert any(key.startswith("artifacts/") and key.endswith("screenshot.png") for key in keys)
    compare(account, "BuildRoles.TestRole", account.called("testrole"))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0, "UITEST: green"),
        (1, "UITEST: a case failed"),
        (2, "UITEST: set up wrong"),
        (3, "UITEST: the run broke (exit code 3)"),
        (130, "UITEST: the run broke (exit code 130)"),
    ],
)
def test_whose_fault_it_is(code: int, said: str, tmp_path: Path) -> None:
    """The last line of a build tells a case that failed from a run that broke."""
    (tmp_path / "uitest").write_text(f"#!/bin/sh\nexit {code}\n")
    (tmp_path / "uitest").chmod(0o755)
    done = build("matrix.yml", tmp_path, {}, (tmp_path,))
    assert done.code == code
    assert done.said.splitlines()[-1].startswith(said)


def test_a_fan_out(account: Account) -> None:
    """Cases run in the function with a role that can do less, the build only plans, watches and reports."""
    account.called("caserole")
    done = account.build("FanOut", "shop-FanOut:1", "title", "wrong")
    assert done.code == 1, done.said
    assert account.store.run("shop-FanOut:1").counts == {"passed": 1, "failed": 1}
    compare(account, "BuildRoles.FanOutRole", account.called("fanoutrole"))
    compare(account, "Runner.CaseRole", account.called("caserole"))


def test_the_action_without_a_build(account: Account, tmp_path: Path) -> None:
    """What the pipeline gives the state machine is understood by its steps, each of which works with its own role."""
    pipeline = account.stack.find("AWS::CodePipeline::Pipeline")["Delivery.Pipeline"]
    action = next(a for stage in pipeline["Stages"] for a in stage["Actions"] if a["Name"] == "TestOnLambda")
    given = json.loads(action["Configuration"]["Input"].replace("#{Source.CommitId}", "c0ffee"))
    about = account.stack.find("AWS::StepFunctions::StateMachine")["StateMachine.StateMachine"]
    replaced = about["DefinitionSubstitutions"]
    text = (FOLDER / about["DefinitionS3Location"]).read_text()
    assert set(re.findall(r"\$\{(\w+)\}", json.dumps(json.loads(text)["States"]))) == set(replaced)
    for name, function in replaced.items():
        text = text.replace(f"${{{name}}}", function)
    account.store.put_modules([Module("m", ("test_it::test_title", "test_it::test_wrong"))])
    for role in ("caserole", "runrole", "test"):
        account.called(role)
    with interpreter(account.recorder.url, account.recorder.url) as url:
        client = fake_client("stepfunctions", url)
        try:
            machine = deploy(client, about["StateMachineName"], json.loads(text))
            given["url"] = account.overridden["WebURL"]
            started = client.start_execution(stateMachineArn=machine, name="r1", input=json.dumps(given))
            execution = started["executionArn"]
            eventually(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING", "it ends")
            ended = client.describe_execution(executionArn=execution)
        finally:
            client.close()
    run = account.store.run("r1")
    assert (ended["status"], run.counts) == ("FAILED", {"passed": 1, "failed": 1}), ended
    assert run.settings["commit"] == "c0ffee"
    compare(account, "Runner.RunRole", account.called("runrole"))
    within(account, "Runner.CaseRole", account.called("caserole"))
    within(account, "StateMachine.Role", account.called("test"), "service")


PUSH = {
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
}
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html (read 2026-11)."""

STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> "$ASKED"
case "$*" in
    *describe-images*) echo sha256:1 ;;
    *inspect*) echo 1450000000 ;;
    *login*--password-stdin*) cat >/dev/null ;;
esac
"""


def test_the_image(account: Account, tmp_path: Path) -> None:
    """Built, shown, pushed, and given to each function by digest; the role may do that and nothing else."""
    for program in ("aws", "docker"):
        (tmp_path / program).write_text(STAND_IN)
        (tmp_path / program).chmod(0o755)
    about = account.stack.find("AWS::CodeBuild::Project")["Builds.Image"]
    asked = tmp_path / "asked"
    environ = {**account.clean, **variables(about), "ASKED": str(asked)}
    done = build("image.yml", account.folder, environ, (tmp_path,))
    assert done.code == 0, done.said
    assert "image of 1450000000 bytes, built in " in done.said
    lines = asked.read_text().splitlines()
    docker = [line.split()[1] for line in lines if line.startswith("docker ")]
    assert docker == ["login", "build", "run", "image", "push"]
    repository = arn("ecr", "repository/shop")
    calls = {Call(action, repository) for action in PUSH - {"ecr:BatchCheckLayerAvailability"}}
    for line in lines:
        words = line.split()
        if words[:3] == ["aws", "lambda", "update-function-code"]:
            assert words[words.index("--image-uri") + 1].endswith("/shop@sha256:1")
        if words[:2] == ["aws", "lambda"]:
            action = {"update-function-code": "UpdateFunctionCode", "wait": "GetFunction"}[words[2]]
            calls.add(Call(f"lambda:{action}", arn("lambda", f"function:{words[words.index('--function-name') + 1]}")))
        if words[:3] == ["aws", "ecr", "describe-images"]:
            calls.add(Call("ecr:DescribeImages", repository))
    assert {line.split()[2] for line in lines if line.startswith("aws ecr")} == {
        "get-login-password",
        "describe-images",
    }
    compare(account, "BuildRoles.ImageRole", calls)


def test_a_pull_request(account: Account, tmp_path: Path) -> None:
    """Changed files first, then every module, against its own site, without AWS."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<!doctype html><title>Shop</title>")
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "test_old.py").write_text("def test_old(driver): pass\n")
    (tmp_path / "cases" / "modules.json").write_text(json.dumps({"m": ["test_old::test_old", "test_new::test_new"]}))
    _run(tmp_path, "git", "init", "-q", "-b", "main")
    _run(tmp_path, "git", "add", ".")
    _run(tmp_path, *git, "commit", "-qm", "base")
    _run(tmp_path, "git", "update-ref", "refs/remotes/origin/main", "HEAD")
    case = "def test_new(driver, base_url):\n    driver.get(base_url)\n    assert driver.title == 'Shop'\n"
    (tmp_path / "cases" / "test_new.py").write_text(case)
    _run(tmp_path, "git", "add", ".")
    _run(tmp_path, *git, "commit", "-qm", "change")
    about = account.stack.find("AWS::CodeBuild::Project")["Builds.PullRequest"]
    without_aws = {name: text for name, text in account.clean.items() if not name.startswith("AWS_")}
    environ = {
        **without_aws,
        **variables(about),
        "SITE_FOLDER": "site",
        "BROWSER": "chrome",  # of the buildspec's two, for the test's time
        "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main",
        "CODEBUILD_BUILD_ID": "shop-PullRequest:1",
    }
    done = build("pull-request.yml", tmp_path, environ)
    assert done.code == 0, done.said
    assert "changed case files first: cases/test_new.py\n" in done.said
    assert done.said.rstrip().endswith("UITEST: green")
    assert (tmp_path / ".uitest" / "site" / "index.html").exists()


def _run(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
