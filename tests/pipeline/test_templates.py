"""What must hold of the infrastructure, asked of the whole stack with every intrinsic function resolved.

An emulator's silence would prove little: several say that a stack is complete and leave out what they do not know.
"""

import json
import re

import pytest

from tests.support.aws.policies import allowed
from tests.support.aws.stack import FOLDER, IMAGE, SOURCES, WORDS, Stack, deploy, load, whole
from uitest.deploy.templates import SET_HERE
from uitest.reporting.metrics import UNITS

TEXTS = {".py", ".json", ".yaml", ".yml", ".sh", ".js", ".html", ".txt", ".toml"}
"""Suffixes of files that could name an ARN."""


@pytest.mark.parametrize("source", SOURCES)
def test_references_resolve_for_every_kind_of_source(source: str) -> None:
    """Only GitHub has pull requests."""
    result = whole(source)
    assert set(result.nested) == set(result.template["Resources"])
    assert ("Builds.PullRequest" in result.find("AWS::CodeBuild::Project")) == (source == "github")


def test_nothing_needs_an_image_before_there_is_one() -> None:
    """Only the image's repository exists until then."""
    result = deploy("pipeline.yaml", {**WORDS, "SourceKind": "s3"})
    assert result.find("AWS::ECR::Repository")
    assert not result.find("AWS::Lambda::Function")
    assert set(result.find("AWS::CodeBuild::Project")) == {"ImageBuild.Base"}, "which builds the first"


def test_every_parameter_is_explained() -> None:
    """The documentation names each, except for those that the command sets."""
    docs = FOLDER.parent / "docs"
    pages = (docs / "pipeline.md").read_text().split("## What is in it")[0] + (docs / "monitoring.md").read_text()
    explained = set(re.findall(r"^\| `([A-Z][a-z]+[A-Z]?\w*)` \|", pages, re.MULTILINE)) - set(UNITS)
    assert explained == set(load("pipeline.yaml")["Parameters"]) - set(SET_HERE)


def test_every_template_is_used(stack: Stack) -> None:
    """The template that is deployed uses each of them."""
    used = {nested.template["Description"] for nested in stack.nested.values()} | {stack.template["Description"]}
    assert used == {load(path.name)["Description"] for path in FOLDER.glob("*.yaml")}


def test_functions_are_of_the_image_and_never_retried_by_lambda(stack: Stack) -> None:
    """What Lambda gives up on is kept."""
    functions = stack.find("AWS::Lambda::Function")
    assert {about["FunctionName"] for about in functions.values()} == {"shop-cases", "shop-steps", "shop-action"}
    for about in functions.values():
        assert about["PackageType"] == "Image"
        assert about["Code"] == {"ImageUri": IMAGE["ImageUri"]}
    queue = "arn:aws:sqs:eu-west-1:123456789012:shop-lost-invocations"
    invocations = stack.find("AWS::Lambda::EventInvokeConfig")
    assert {about["FunctionName"] for about in invocations.values()} == {"shop-cases", "shop-action"}
    for about in invocations.values():
        assert about["MaximumRetryAttempts"] == 0
        assert 60 <= about["MaximumEventAgeInSeconds"] <= 3600
        assert about["DestinationConfig"]["OnFailure"]["Destination"] == queue


def test_builds_are_told_the_folder_of_cases() -> None:
    """Functions have the cases in the image."""
    names = {name: variables.get("UITEST_CASES") for name, variables in whole(CasesFolder="ui").variables.items()}
    assert {name for name, value in names.items() if value == "ui"} == {
        "TestOnChrome", "TestOnFirefox", "TestOnWebKit", "FanOut", "Matrix", "PullRequest",
    }  # fmt: skip
    assert whole(CasesFolder="ui").variables["Image"]["CASES_FOLDER"] == "ui"


def test_builds_are_told_the_section_of_the_configuration_file() -> None:
    """All that run cases; empty where the file has none, which chooses none."""
    sections = {name: variables.get("UITEST_SECTION") for name, variables in whole(Section="ci").variables.items()}
    assert {name for name, value in sections.items() if value == "ci"} == {
        "TestOnChrome", "TestOnFirefox", "TestOnWebKit", "FanOut", "Matrix", "PullRequest",
    }  # fmt: skip
    assert whole().variables["FanOut"]["UITEST_SECTION"] == ""


def test_executions_are_told_the_section_of_the_configuration_file() -> None:
    """Those of the pipeline, and those of the schedule and the rule that watch production."""
    stack = whole(Section="ci")
    (pipeline,) = stack.find("AWS::CodePipeline::Pipeline").values()
    actions = [action for stage in pipeline["Stages"] for action in stage["Actions"]]
    (timer,) = stack.find("AWS::Scheduler::Schedule").values()
    inputs = [
        *(action["Configuration"]["Input"] for action in actions if action["Name"] == "TestOnLambda"),
        timer["Target"]["Input"],
        *(t["Input"] for rule in stack.find("AWS::Events::Rule").values() for t in rule["Targets"] if "Input" in t),
    ]
    assert len(inputs) > 1
    assert {json.loads(text)["section"] for text in inputs} == {"ci"}


def test_private_site_puts_cases_and_test_builds_into_the_vpc() -> None:
    """Their roles may have a network interface there."""
    network = {"VpcId": "vpc-1", "Subnets": "subnet-1,subnet-2", "SecurityGroups": "sg-1"}
    result = whole(**network)
    for name, project in result.find("AWS::CodeBuild::Project").items():
        within = name not in ("Builds.Image", "Builds.Site", "Builds.PullRequest", "ImageBuild.Base")
        assert ("VpcConfig" in project) is within, name
        if within:
            assert project["VpcConfig"]["Subnets"] == ["subnet-1", "subnet-2"]
    functions = result.find("AWS::Lambda::Function")
    assert [name for name, about in functions.items() if "VpcConfig" in about] == ["Runner.CaseFunction"]
    assert functions["Runner.CaseFunction"]["VpcConfig"]["SecurityGroupIds"] == ["sg-1"]
    assert any(item.action == "ec2:CreateNetworkInterface" for item in allowed(result, "Runner.CaseRole", "service"))
    assert not whole().find("AWS::IAM::ManagedPolicy").get("BuildRoles.NetworkPolicy")


def test_concurrency_is_reserved_only_on_request() -> None:
    """A new account could not reserve any."""
    for number, expected in ((0, None), (50, 50)):
        function = whole(ReservedConcurrency=number).find("AWS::Lambda::Function")["Runner.CaseFunction"]
        assert function.get("ReservedConcurrentExecutions") == expected


def test_builds_that_no_pipeline_starts_take_its_branch() -> None:
    """They take its cases, and its name for the pages; a source in S3 has no branch."""
    for source, branch in (("github", "next"), ("codecommit", "next"), ("s3", None)):
        result = whole(source, SourceBranch="next")
        projects, variables = result.find("AWS::CodeBuild::Project"), result.variables
        for name in ("FanOut", "Matrix"):
            assert projects[f"Builds.{name}"].get("SourceVersion") == branch, (source, name)
            assert variables[name]["UITEST_BRANCH"] == (branch or ""), (source, name)


def test_no_partition_is_written_out() -> None:
    """China and GovCloud have their own: every ARN takes it from the account, in templates, buildspecs and code."""
    root = FOLDER.parent
    folders = (FOLDER, root / "uitest", root / "lambda_runner", root / "status_site")
    texts = {path: path.read_text() for folder in folders for path in folder.rglob("*") if path.suffix in TEXTS}
    assert len(texts) > 200
    fixed = {path.relative_to(root).as_posix(): text for path, text in texts.items() if re.search(r"arn:aws\b", text)}
    assert set(fixed) == {"uitest/local_aws/runtime.py"}, "which stands for an account that does not exist"
    built = [arn for path in texts for arn in re.findall(r"arn:[^\s:]*:[a-z0-9-]+:", texts[path])]
    known = ("arn:${AWS::Partition}:", "arn:${Partition}:", "arn:{partition}:", "arn:[a-z-]+:", "arn:aws:")
    assert not [arn for arn in built if not arn.startswith(known)]
