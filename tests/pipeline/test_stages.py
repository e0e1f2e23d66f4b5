"""The pipeline of the templates: its stages, artifacts and variables, and what its actions say."""

import json
import re
from typing import Any

import botocore.session

from tests.support.aws.policies import Call, allowed
from tests.support.aws.stack import FOLDER, SOURCES, Stack, load, whole
from uitest.reporting.notify import BRIEF_LIMIT


def test_four_tests_run_at_once_before_the_approval(stack: Stack) -> None:
    """Four tests at once of the commit's own image and test site, then the person who approves production.

    Stages are what CodePipeline locks: the next execution must not replace image or site while this one is tested.
    """
    pipeline = stack.find("AWS::CodePipeline::Pipeline")["Delivery.Pipeline"]
    stages = {stage["Name"]: stage["Actions"] for stage in pipeline["Stages"]}
    assert list(stages) == ["Source", "UITest", "Approve", "Production"]
    providers = {action["Name"]: action["ActionTypeId"]["Provider"] for action in stages["UITest"]}
    assert providers == {
        "Image": "CodeBuild",
        "DeployTestSite": "CodeBuild",
        "TestOnChrome": "CodeBuild",
        "TestOnFirefox": "CodeBuild",
        "TestOnWebKit": "CodeBuild",
        "TestOnLambda": "StepFunctions",
    }
    order = [action["RunOrder"] for action in stages["UITest"]]
    assert order == [1, 2, 3, 3, 3, 3]
    given = json.loads(next(a for a in stages["UITest"] if a["Name"] == "TestOnLambda")["Configuration"]["Input"])
    assert given["url"] == stack.outputs["Test"]
    (approval,) = stages["Approve"]
    assert approval["Configuration"]["NotificationArn"] == stack.outputs["Topic"]
    assert approval["Configuration"]["ExternalEntityLink"] == stack.outputs["Results"]
    assert _site_bucket(stages["UITest"][1]) == "testsite-bucket"
    assert _site_bucket(stages["Production"][0]) == "productionsite-bucket"


def _site_bucket(action: dict[str, Any]) -> str:
    """Where an action uploads the site to."""
    (variable,) = json.loads(action["Configuration"]["EnvironmentVariables"])
    assert variable["name"] == "SITE_BUCKET"
    return str(variable["value"])


def test_site_buckets_are_written_by_one_project_only(stack: Stack) -> None:
    """That project runs no code of the repository; the pipeline's own role may not write there."""
    may = [
        name.partition(".")[2]
        for name in stack.find("AWS::IAM::Role")
        if any(
            statement.covers(Call("s3:PutObject", "arn:aws:s3:::productionsite-bucket/index.html"))
            for policy in ("code", "service")
            for statement in allowed(stack, name, policy)
        )
    ]
    assert may == ["SiteRole"]


def test_site_that_something_else_deploys_gets_no_buckets_or_stages() -> None:
    """It is tested where it is, and no role may deploy it."""
    result = whole(Url="https://preview.example/")
    pipeline = result.find("AWS::CodePipeline::Pipeline")["Delivery.Pipeline"]
    assert [stage["Name"] for stage in pipeline["Stages"]] == ["Source", "UITest"]
    assert "Builds.Site" not in result.find("AWS::CodeBuild::Project")
    given = next(a for a in pipeline["Stages"][1]["Actions"] if a["Name"] == "TestOnLambda")["Configuration"]["Input"]
    assert json.loads(given)["url"] == "https://preview.example/"
    assert result.variables["TestOnChrome"]["WebURL"] == "https://preview.example/"
    assert set(result.find("AWS::S3::Bucket")) == {"Exchange.PipelineBucket", "Results.Bucket"}
    assert not [call for call in allowed(result, "Delivery.Role", "service") if call.resource.endswith(":::/*")]
    assert "Builds.PullRequest" not in result.find("AWS::CodeBuild::Project"), "which serves the site of its source"


def test_artifacts_and_variables_are_made_before_they_are_used(stack: Stack) -> None:
    """An earlier stage, or an earlier action of the stage, makes each of them."""
    pipeline = stack.find("AWS::CodePipeline::Pipeline")["Delivery.Pipeline"]
    projects = {about["Name"] for about in stack.find("AWS::CodeBuild::Project").values()}
    artifacts: set[str] = set()
    namespaces: set[str] = set()
    for stage in pipeline["Stages"]:
        for order in sorted({action.get("RunOrder", 1) for action in stage["Actions"]}):
            actions = [action for action in stage["Actions"] if action.get("RunOrder", 1) == order]
            for action in actions:
                assert {item["Name"] for item in action.get("InputArtifacts", ())} <= artifacts, action["Name"]
                used = set(re.findall(r"#\{(\w+)\.", json.dumps(action["Configuration"])))
                assert used <= namespaces, action["Name"]
                assert action["Configuration"].get("ProjectName", "shop-Image") in projects, action["Name"]
            artifacts |= {item["Name"] for action in actions for item in action.get("OutputArtifacts", ())}
            namespaces |= {action["Namespace"] for action in actions if "Namespace" in action}


def test_tests_replace_their_own_artifacts_only(stack: Stack) -> None:
    """They cannot write the source or the site on its way to production."""
    service = allowed(stack, "BuildRoles.TestRole", "service")
    pipeline = "arn:aws:s3:::exchange-pipelinebucket/shop"
    for artifact, may in (("Source", False), ("Site", False), ("Chrome", True), ("WebKit", True)):
        wanted = Call("s3:PutObject", f"{pipeline}/{artifact}/x1")
        assert any(item.covers(wanted) for item in service) is may, artifact
    image = allowed(stack, "BuildRoles.ImageRole", "service")
    assert any(item.covers(Call("s3:PutObject", f"{pipeline}/Site/x1")) for item in image)


def test_tests_of_a_commit_are_told_its_branch(stack: Stack) -> None:
    """Runs are compared and shown by branch."""
    for name in ("TestOnChrome", "TestOnFirefox", "TestOnWebKit"):
        assert stack.variables[name]["UITEST_BRANCH"] == "main"
        assert whole("s3").variables[name]["UITEST_BRANCH"] == ""
    for source, branch in (("github", "main"), ("s3", "")):
        pipeline = whole(source).find("AWS::CodePipeline::Pipeline")["Delivery.Pipeline"]
        action = next(a for stage in pipeline["Stages"] for a in stage["Actions"] if a["Name"] == "TestOnLambda")
        assert json.loads(action["Configuration"]["Input"])["branch"] == branch


def test_message_of_the_approval_fits_into_1000_characters(stack: Stack) -> None:
    """CodePipeline takes no more, with variables filled in, whatever the tests have to say."""
    pipeline = stack.find("AWS::CodePipeline::Pipeline")["Delivery.Pipeline"]
    approval = next(a for stage in pipeline["Stages"] for a in stage["Actions"] if a["Name"] == "Approve")
    longest = {
        "UITEST_SUMMARY": "x" * BRIEF_LIMIT,
        "ExecutionArn": f"arn:aws-us-gov:states:ap-southeast-1:{'1' * 12}:execution:{'n' * 20}:{'0' * 36}",
    }
    text, times = re.subn(r"#\{\w+\.(\w+)\}", lambda match: longest[match[1]], approval["Configuration"]["CustomData"])
    assert times == 4
    assert len(text) <= 1000


def test_each_project_that_reports_has_a_report_group(stack: Stack) -> None:
    """CodeBuild looks for it by this name."""
    groups = {about["Name"] for about in stack.find("AWS::CodeBuild::ReportGroup").values()}
    reporting = {
        about["Name"]
        for about in stack.find("AWS::CodeBuild::Project").values()
        if "reports:" in (FOLDER.parent / about["Source"]["BuildSpec"]).read_text()
    }
    assert groups == {f"{name}-uitest" for name in reporting}


def test_values_of_pipeline_actions_are_not_too_long() -> None:
    """CodePipeline takes 1 to 1,000 characters for each; the longest parameters are the worst case."""
    shape = botocore.session.Session().get_service_model("codepipeline").shape_for("ActionConfigurationValue")
    limits = shape.metadata
    declared = load("pipeline.yaml")["Parameters"]
    longest = {name: about["MaxLength"] for name, about in declared.items() if "MaxLength" in about}
    assert set(longest) == {"SourceBranch", "Url", "Modules", "Section"}
    url = "https://" + "u" * (longest["Url"] - len("https://"))
    for source in SOURCES:
        more = {
            "Modules": "m" * longest["Modules"],
            "Section": "s" * longest["Section"],
            "SourceBranch": "b" * longest["SourceBranch"],
            "Url": url,
        }
        (about,) = whole(source, **more).find("AWS::CodePipeline::Pipeline").values()
        for stage in about["Stages"]:
            for action in stage["Actions"]:
                for name, value in action["Configuration"].items():
                    resolved = re.sub(r"#\{Source\.\w+\}", "v" * 40, str(value))  # a commit, or a version in S3
                    assert limits["min"] <= len(resolved) <= limits["max"], (source, action["Name"], name)
