"""What must hold of the infrastructure, asked of the whole stack with every intrinsic function resolved.

An emulator's silence would prove little: several say that a stack is complete and leave out what they do not know.
"""

import json
import re
from dataclasses import replace
from typing import Any

import botocore.session
import pytest

from lambda_runner.steps.execution_input import read
from tests.support.aws.policies import Call, allowed, statements
from tests.support.aws.stack import FOLDER, IMAGE, PULL_REQUESTS, SOURCES, WORDS, Stack, deploy, load, whole
from tests.support.builders import make_run
from tests.support.samples import attempt, row
from uitest.config import RETENTION_DAYS
from uitest.deploy.templates import SET_HERE
from uitest.reporting.metrics import UNITS, metric_lines
from uitest.reporting.notify import BRIEF_LIMIT
from uitest.reporting.site import index
from uitest.reporting.site.links import run_folder
from uitest.reporting.site.page import policy
from uitest.storage.stores.tables import MODULE_KEYS, STATUS_KEYS

TEXTS = {".py", ".json", ".yaml", ".yml", ".sh", ".js", ".html", ".txt", ".toml"}
"""Suffixes of files that could name an ARN."""


@pytest.fixture(scope="module")
def stack() -> Stack:
    """With a repository on GitHub."""
    return whole()


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


def test_tables_are_as_the_store_needs_them(stack: Stack) -> None:
    """Keys and time to live agree; tables are on demand, encrypted, recoverable and kept."""
    tables = stack.find("AWS::DynamoDB::Table")
    for name, keys in (("Storage.ModuleTable", MODULE_KEYS), ("Storage.StatusTable", STATUS_KEYS)):
        table = tables[name]
        assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == list(keys)
        assert {(a["AttributeName"], a["AttributeType"]) for a in table["AttributeDefinitions"]} == {
            (key, "S") for key, _ in keys
        }
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["SSESpecification"] == {"SSEEnabled": True}
    assert tables["Storage.StatusTable"]["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert len(tables) == 2


def test_buckets_are_private_encrypted_and_kept(stack: Stack) -> None:
    """They refuse plain HTTP and stay when the stack goes."""
    buckets, policies = stack.find("AWS::S3::Bucket"), stack.find("AWS::S3::BucketPolicy")
    assert len(buckets) == 4
    for name, bucket in buckets.items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4, name
        assert "BucketEncryption" in bucket, name
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}], name
        policy = next(p for p in policies.values() if p["Bucket"] == name.replace(".", "-").lower())
        first = policy["PolicyDocument"]["Statement"][0]
        assert (first["Effect"], first["Principal"], first["Action"]) == ("Deny", "*", "s3:*"), name
        assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, name
        assert len(first["Resource"]) == 2, name
    versions = {name: bucket["VersioningConfiguration"]["Status"] for name, bucket in buckets.items()}
    assert versions.pop("Results.Bucket") == "Suspended"
    assert set(versions.values()) == {"Enabled"}


def test_retained_resources_survive_the_stack() -> None:
    """Tables, buckets and images: a mistaken click must not take results along.

    What a first deployment made before it failed is deleted: with fixed names it would block the second.
    """
    for path in FOLDER.glob("*.yaml"):
        for name, body in load(path.name)["Resources"].items():
            if not isinstance(body, dict):
                continue
            if body["Type"] in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::ECR::Repository"):
                assert (body["DeletionPolicy"], body["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain"), name


def test_bucket_is_read_by_its_distribution_only(stack: Stack) -> None:
    """It has origin access control; pages and artifacts come from the same distribution."""
    distributions = stack.find("AWS::CloudFront::Distribution")
    assert len(distributions) == 3
    for name, about in distributions.items():
        config = about["DistributionConfig"]
        (origin,) = config["Origins"]
        assert origin["OriginAccessControlId"], name
        assert origin["S3OriginConfig"] == {"OriginAccessIdentity": ""}, name
        for behaviour in (config["DefaultCacheBehavior"], *config.get("CacheBehaviors", ())):
            assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https", name
            assert behaviour["ResponseHeadersPolicyId"], name
        allowed = [
            statement
            for policy in stack.find("AWS::S3::BucketPolicy").values()
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Allow" and policy["Bucket"] == f"{name.partition('.')[0].lower()}-bucket"
        ]
        assert [s["Principal"] for s in allowed] == [{"Service": "cloudfront.amazonaws.com"}] * 2, name
        assert [s["Action"] for s in allowed] == ["s3:GetObject", "s3:ListBucket"], name
        for statement in allowed:
            assert "AWS:SourceArn".lower() in json.dumps(statement["Condition"]).lower(), name


def test_missing_pages_are_404(stack: Stack) -> None:
    """S3 tells who may list a bucket that a file is missing, others that it is denied; neither is kept by CloudFront.

    The address of a folder must not become a list of files.
    """
    for about in stack.find("AWS::CloudFront::Distribution").values():
        config = about["DistributionConfig"]
        assert config["DefaultRootObject"] == "index.html"
        kept = {response["ErrorCode"]: response["ErrorCachingMinTTL"] for response in config["CustomErrorResponses"]}
        assert kept == {403: 0, 404: 0}
    for name, about in stack.find("AWS::S3::BucketPolicy").items():
        listed = [s for s in statements(about["PolicyDocument"]) if s["Action"] == ["s3:ListBucket"]]
        assert bool(listed) == (name != "Exchange.PipelineBucketPolicy"), name
        assert all(not resource.endswith("/*") for statement in listed for resource in statement["Resource"])


def test_pages_have_strict_headers_and_artifacts_a_sandbox(stack: Stack) -> None:
    """Artifacts hold what other people's pages left behind."""
    policies = {
        name: about["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        for name, about in stack.find("AWS::CloudFront::ResponseHeadersPolicy").items()
    }
    assert set(policies) == {
        "Results.PageHeaders", "Results.ArtifactHeaders", "TestSite.PageHeaders", "ProductionSite.PageHeaders",
    }  # fmt: skip
    for name, about in policies.items():
        assert about["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000, name
        assert {"ContentTypeOptions", "FrameOptions", "ReferrerPolicy"} <= set(about), name
    pages = policies["Results.PageHeaders"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert "default-src 'none'" in pages
    assert "unsafe" not in pages
    artifacts = policies["Results.ArtifactHeaders"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert artifacts.startswith("sandbox;")
    (behaviour,) = stack.find("AWS::CloudFront::Distribution")["Results.Distribution"]["DistributionConfig"][
        "CacheBehaviors"
    ]
    assert behaviour["PathPattern"] == "artifacts/*"
    assert behaviour["ResponseHeadersPolicyId"] == "results-artifactheaders"


def test_content_policy_is_that_of_the_pages(stack: Stack) -> None:
    """Only the server can say who may frame them; artifacts come from the same distribution."""
    header = stack.find("AWS::CloudFront::ResponseHeadersPolicy")["Results.PageHeaders"]
    given = header["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    assert given["ContentSecurityPolicy"] == f"{policy()}; frame-ancestors 'self'"


def test_rows_files_and_logs_expire_at_the_same_age(stack: Stack) -> None:
    """`uitest prune` has that age as its default."""
    rules = stack.find("AWS::S3::Bucket")["Results.Bucket"]["LifecycleConfiguration"]["Rules"]
    ages = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    runs = run_folder("r").removesuffix("r")
    assert ages == dict.fromkeys(("artifacts/", runs, index.FOLDER), RETENTION_DAYS)
    logs = {about["LogGroupName"]: about["RetentionInDays"] for about in stack.find("AWS::Logs::LogGroup").values()}
    assert set(logs.values()) == {RETENTION_DAYS}
    used = {about["LoggingConfig"]["LogGroup"] for about in stack.find("AWS::Lambda::Function").values()}
    used |= {
        about["LogsConfig"]["CloudWatchLogs"]["GroupName"] for about in stack.find("AWS::CodeBuild::Project").values()
    }
    assert used | {"/aws/vendedlogs/states/shop"} == set(logs)


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


def test_alarms_reach_the_topic_and_name_a_runbook_section(stack: Stack) -> None:
    """Each alarm tells the topic, which lets alarms of this account in, and its section of the runbook exists."""
    runbook = (FOLDER.parent / "docs" / "operations.md").read_text()
    titles = re.findall(r"^#+ (.*)$", runbook, re.MULTILINE)
    headings = {re.sub(r"[^a-z0-9]+", "-", title.lower()) for title in titles}
    alarms = stack.find("AWS::CloudWatch::Alarm")
    own = {"Alarms.LostJobs", "Alarms.Throttles", "Alarms.FailedSteps", "Alarms.StuckRuns"}
    assert set(alarms) == {*own, "Monitoring.TooFewPass"}
    for name, about in alarms.items():
        assert about["AlarmActions"] == about["OKActions"] == ["arn:aws:sns:eu-west-1:123456789012:shop"], name
        section = re.search(r"docs/operations\.md#([a-z-]+)", about["AlarmDescription"])
        assert section, name
        assert section[1] in headings, name
    (policy,) = stack.find("AWS::SNS::TopicPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_monitoring_starts_runs_whose_metrics_its_alarm_watches(stack: Stack) -> None:
    """The schedule's input is one that the state machine accepts, and the alarm's metric is one of such a run."""
    (timer,) = stack.find("AWS::Scheduler::Schedule").values()
    (alarm,) = (about for name, about in stack.find("AWS::CloudWatch::Alarm").items() if name.startswith("Monitoring."))
    places = {"store": "dynamodb:m,s", "site": "s3://b", "artifacts": "s3://b/artifacts"}
    options = read({**json.loads(timer["Target"]["Input"]), **places}, timer["Target"]["Arn"])
    assert (options.url, options.modules, options.browsers) == ("https://shop.example/start", (), ("chrome",))
    run = replace(make_run("r"), url=options.url)
    line = json.loads(next(metric_lines(str(options.settings.metrics), run, [row("a", attempt())], 0.0)))
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert alarm["Namespace"] == directive["Namespace"]
    assert alarm["MetricName"] in {metric["Name"] for metric in directive["Metrics"]}
    assert [[part["Name"] for part in alarm["Dimensions"]]] == directive["Dimensions"]
    assert all(line[part["Name"]] == part["Value"] for part in alarm["Dimensions"])
    assert alarm["TreatMissingData"] == "breaching"


@pytest.mark.parametrize(
    ("source", "pattern"),
    [
        ("codepipeline", {"pipeline": ["site"], "state": ["SUCCEEDED"]}),
        ("codedeploy", {"application": ["site"], "state": ["SUCCESS"]}),
        ("custom", None),
    ],
)
def test_monitoring_rule_starts_what_the_schedule_would(source: str, pattern: dict[str, list[str]] | None) -> None:
    """Without a schedule no metric is missing when nothing runs."""
    more = {"MonitoringAfter": source, "MonitoringDeployment": "site"}
    scheduled, followed = whole(**more), whole(**more, MonitoringSchedule="none")
    (rule,) = followed.find("AWS::Events::Rule").values()
    assert rule["EventPattern"].get("detail") == pattern
    (timer,) = scheduled.find("AWS::Scheduler::Schedule").values()
    assert [target["Input"] for target in rule["Targets"]] == [timer["Target"]["Input"]]
    assert not followed.find("AWS::Scheduler::Schedule")
    assert followed.find("AWS::CloudWatch::Alarm")["Monitoring.TooFewPass"]["TreatMissingData"] == "notBreaching"


def test_runbook_has_a_section_for_each_task() -> None:
    """Operations explains each thing that somebody may have to do."""
    runbook = (FOLDER.parent / "docs" / "operations.md").read_text()
    titles = set(re.findall(r"^## (.*)$", runbook, re.MULTILINE))
    wanted = {"Lost jobs", "Throttles", "Stuck run", "Cost", "Rotating the image", "Upgrading browsers"}
    assert wanted <= titles


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
    assert _variables(result)["TestOnChrome"]["WebURL"] == "https://preview.example/"
    assert set(result.find("AWS::S3::Bucket")) == {"Exchange.PipelineBucket", "Results.Bucket"}
    assert not [call for call in allowed(result, "Delivery.Role", "service") if call.resource.endswith(":::/*")]
    assert "Builds.PullRequest" not in result.find("AWS::CodeBuild::Project"), "which serves the site of its source"


def test_builds_are_told_the_folder_of_cases() -> None:
    """Functions have the cases in the image."""
    names = {name: variables.get("UITEST_CASES") for name, variables in _variables(whole(CasesFolder="ui")).items()}
    assert {name for name, value in names.items() if value == "ui"} == {
        "TestOnChrome", "TestOnFirefox", "TestOnWebKit", "FanOut", "Matrix", "PullRequest",
    }  # fmt: skip
    assert _variables(whole(CasesFolder="ui"))["Image"]["CASES_FOLDER"] == "ui"


def test_builds_are_told_the_section_of_the_configuration_file() -> None:
    """All that run cases; empty where the file has none, which chooses none."""
    sections = {name: variables.get("UITEST_SECTION") for name, variables in _variables(whole(Section="ci")).items()}
    assert {name for name, value in sections.items() if value == "ci"} == {
        "TestOnChrome", "TestOnFirefox", "TestOnWebKit", "FanOut", "Matrix", "PullRequest",
    }  # fmt: skip
    assert _variables(whole())["FanOut"]["UITEST_SECTION"] == ""


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


def test_pull_requests_are_built_when_opened_and_updated(stack: Stack) -> None:
    """Those of forks are built when somebody who may push says so; the result is the commit's status."""
    project = stack.find("AWS::CodeBuild::Project")["Builds.PullRequest"]
    (group,) = project["Triggers"]["FilterGroups"]
    (events,) = group
    assert set(events["Pattern"].split(",")) == {
        "PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED",
    }  # fmt: skip
    assert project["Triggers"]["PullRequestBuildPolicy"]["RequiresCommentApproval"] == "FORK_PULL_REQUESTS"
    assert project["Source"]["ReportBuildStatus"] is True


def test_pull_request_reads_outcomes_and_writes_its_artifacts_only(stack: Stack) -> None:
    """It may use no table, page or error."""
    role = stack.find("AWS::IAM::Role")["BuildRoles.PullRequestRole"]
    code, service = (policy["PolicyDocument"]["Statement"] for policy in role["Policies"])
    assert code == [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": ["arn:aws:s3:::results-bucket/index/*", "arn:aws:s3:::results-bucket/runs/*/outcomes.json"],
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::results-bucket",
            "Condition": {"StringEquals": {"s3:prefix": index.FOLDER}},
        },
    ]
    assert index.outcomes_name("r") == "runs/r/outcomes.json"
    *common, source, put, _ = statements({"Statement": service})
    bucket = "exchange-pipelinebucket"
    assert source["Resource"] == [PULL_REQUESTS]
    assert not [action for action in source["Action"] if "UseConnection" in action]
    assert "ManagedPolicyArns" not in role, "log and reports of its own"
    written = {resource for statement in common for resource in statement["Resource"]}
    assert {resource for resource in written if ":log-group:" in resource or ":report-group/" in resource} == {
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/codebuild/shop-pull-requests:*",
        "arn:aws:codebuild:eu-west-1:123456789012:report-group/shop-PullRequest-uitest",
    }
    assert (put["Action"], put["Resource"]) == (["s3:PutObject"], [f"arn:aws:s3:::{bucket}/pull-requests/*"])
    project = stack.find("AWS::CodeBuild::Project")["Builds.PullRequest"]
    assert (project["Artifacts"]["Location"], project["Artifacts"]["Path"]) == (bucket, "pull-requests")
    assert project["Source"]["Auth"]["Resource"] == PULL_REQUESTS
    assert project["LogsConfig"]["CloudWatchLogs"]["GroupName"] == "/aws/codebuild/shop-pull-requests"


def test_no_pull_requests_without_a_connection_of_their_own() -> None:
    """There is neither project nor role, as code that is built could take the pipeline's connection."""
    result = whole(PullRequestConnectionArn="")
    assert "Builds.PullRequest" not in result.find("AWS::CodeBuild::Project")
    assert "BuildRoles.PullRequestRole" not in result.find("AWS::IAM::Role")


def test_tests_replace_their_own_artifacts_only(stack: Stack) -> None:
    """They cannot write the source or the site on its way to production."""
    service = allowed(stack, "BuildRoles.TestRole", "service")
    pipeline = "arn:aws:s3:::exchange-pipelinebucket/shop"
    for artifact, may in (("Source", False), ("Site", False), ("Chrome", True), ("WebKit", True)):
        wanted = Call("s3:PutObject", f"{pipeline}/{artifact}/x1")
        assert any(item.covers(wanted) for item in service) is may, artifact
    image = allowed(stack, "BuildRoles.ImageRole", "service")
    assert any(item.covers(Call("s3:PutObject", f"{pipeline}/Site/x1")) for item in image)


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


def test_tables_and_images_of_an_earlier_stack_are_used_again() -> None:
    """They have the same names and are not created."""
    earlier, result = whole(), whole(ExistingStorage="true")
    assert not result.find("AWS::DynamoDB::Table")
    assert not result.find("AWS::ECR::Repository")
    assert result.nested["Storage"].outputs == earlier.nested["Storage"].outputs


def test_artifacts_of_builds_are_kept_where_the_role_may_write(stack: Stack) -> None:
    """Every build whose buildspec has artifacts keeps them."""
    for name, project in stack.find("AWS::CodeBuild::Project").items():
        about = project["Artifacts"]
        if about["Type"] == "NO_ARTIFACTS":
            continue
        if name == "Builds.Site":  # what a pipeline starts must have the type, and this one hands nothing on
            continue
        assert "artifacts:" in (FOLDER.parent / project["Source"]["BuildSpec"]).read_text(), name
        if about["Type"] == "CODEPIPELINE":
            continue
        role = f"BuildRoles.{project['ServiceRole'].rpartition('/buildroles-')[2]}".lower()
        known = next(item for item in stack.find("AWS::IAM::Role") if item.lower() == role)
        wanted = Call("s3:PutObject", f"arn:aws:s3:::{about['Location']}/{about['Path']}/id/{project['Name']}")
        assert any(item.covers(wanted) for item in allowed(stack, known, "service")), name


def test_tests_of_a_commit_are_told_its_branch(stack: Stack) -> None:
    """Runs are compared and shown by branch."""
    for name in ("TestOnChrome", "TestOnFirefox", "TestOnWebKit"):
        assert _variables(stack)[name]["UITEST_BRANCH"] == "main"
        assert _variables(whole("s3"))[name]["UITEST_BRANCH"] == ""
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


def _variables(stack: Stack) -> dict[str, dict[str, str]]:
    projects = stack.find("AWS::CodeBuild::Project")
    return {
        name.partition(".")[2]: {item["Name"]: item["Value"] for item in about["Environment"]["EnvironmentVariables"]}
        for name, about in projects.items()
    }


def test_each_project_that_reports_has_a_report_group(stack: Stack) -> None:
    """CodeBuild looks for it by this name."""
    groups = {about["Name"] for about in stack.find("AWS::CodeBuild::ReportGroup").values()}
    reporting = {
        about["Name"]
        for about in stack.find("AWS::CodeBuild::Project").values()
        if "reports:" in (FOLDER.parent / about["Source"]["BuildSpec"]).read_text()
    }
    assert groups == {f"{name}-uitest" for name in reporting}


def test_builds_that_no_pipeline_starts_take_its_branch() -> None:
    """They take its cases, and its name for the pages; a source in S3 has no branch."""
    for source, branch in (("github", "next"), ("codecommit", "next"), ("s3", None)):
        result = whole(source, SourceBranch="next")
        projects, variables = result.find("AWS::CodeBuild::Project"), _variables(result)
        for name in ("FanOut", "Matrix"):
            assert projects[f"Builds.{name}"].get("SourceVersion") == branch, (source, name)
            assert variables[name]["UITEST_BRANCH"] == (branch or ""), (source, name)


def test_values_of_pipeline_actions_are_not_too_long() -> None:
    """CodePipeline takes 1 to 1,000 characters for each; the longest parameters are the worst case."""
    shape = botocore.session.Session().get_service_model("codepipeline").shape_for("ActionConfigurationValue")
    limits = shape.metadata
    declared = load("pipeline.yaml")["Parameters"]
    longest = {name: about["MaxLength"] for name, about in declared.items() if "MaxLength" in about}
    assert set(longest) == {"SourceBranch", "Url", "Modules"}
    url = "https://" + "u" * (longest["Url"] - len("https://"))
    for source in SOURCES:
        more = {"Modules": "m" * longest["Modules"], "SourceBranch": "b" * longest["SourceBranch"], "Url": url}
        (about,) = whole(source, **more).find("AWS::CodePipeline::Pipeline").values()
        for stage in about["Stages"]:
            for action in stage["Actions"]:
                for name, value in action["Configuration"].items():
                    resolved = re.sub(r"#\{Source\.\w+\}", "v" * 40, str(value))  # a commit, or a version in S3
                    assert limits["min"] <= len(resolved) <= limits["max"], (source, action["Name"], name)


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
