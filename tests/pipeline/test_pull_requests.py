"""Builds of pull requests: when they begin, and what they may do."""

from tests.support.aws.policies import statements
from tests.support.aws.stack import PULL_REQUESTS, Stack, whole
from uitest.reporting.site import index


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
