"""No policy of the stack allows more than it names."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.support.aws.policies import statements
from tests.support.aws.stack import ACCOUNT, FOLDER, REGION, SOURCES, Stack, load, whole

NO_RESOURCES = {
    "codepipeline:PutJobFailureResult",
    "codepipeline:PutJobSuccessResult",
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:UnassignPrivateIpAddresses",
    "ecr:GetAuthorizationToken",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
"""Actions of which AWS's service authorization reference says that no ARN can be named.

And those on network interfaces, which Lambda and CodeBuild need on everything: one has no name before it exists.
"""
NETWORK = {"VpcId": "vpc-1", "Subnets": "subnet-1", "SecurityGroups": "sg-1"}


def policies(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy document of the stack, wherever it is attached."""
    for name, role in stack.find("AWS::IAM::Role").items():
        for policy in role.get("Policies", ()):
            yield f"{name}.{policy['PolicyName']}", policy["PolicyDocument"]
    for kind in ("AWS::IAM::ManagedPolicy", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy"):
        for name, about in stack.find(kind).items():
            yield name, about["PolicyDocument"]
    for name, about in stack.find("AWS::ECR::Repository").items():
        yield name, about["RepositoryPolicyText"]


@pytest.mark.parametrize("source", SOURCES)
def test_policies_name_actions_resources_and_principals(source: str) -> None:
    """No action is a pattern; no resource is everything, nor a whole service; nobody is everybody."""
    seen = 0
    for name, document in policies(whole(source, **NETWORK)):
        for statement in statements(document):
            if statement["Effect"] == "Deny":
                continue
            seen += 1
            assert statement["Action"], name
            assert not any("*" in action for action in statement["Action"]), name
            assert statement.get("Principal") not in ("*", {"AWS": "*"}), name
            assert not {"NotAction", "NotResource", "NotPrincipal"} & set(statement), name
            for resource in statement.get("Resource", ()):
                if resource == "*":
                    assert set(statement["Action"]) <= NO_RESOURCES, name
                else:
                    assert resource.startswith("arn:aws:"), name
                    assert resource.split(":", 5)[5].lstrip("*/"), name
    assert seen > 40


DOCS = "https://docs.aws.amazon.com"


class Trust(NamedTuple):
    """Who assumes a role, and what AWS documents of the condition."""

    service: str
    """It is the prefix of the resource's ARN, too."""
    resource: str
    """For which the role is assumed: the end of the ARN in aws:SourceArn; empty where only the account is asked for."""
    source: str
    """A page of AWS's documentation (read 2026-11)."""


# "The aws:SourceArn is the CodeBuild project ARN", not that of a build; a part of it may be a wildcard.
PROJECT = f"{DOCS}/codebuild/latest/userguide/setting-up-service-role.html"
TRUSTED = {
    "ImageBuild.Role": Trust("codebuild", "project/shop-Base", PROJECT),
    "BuildRoles": Trust("codebuild", "project/shop-*", PROJECT),
    # The page names the role of a batch and the actions that it needs, but no condition of its trust.
    "BuildRoles.BatchRole": Trust("codebuild", "", f"{DOCS}/codebuild/latest/userguide/batch-build.html"),
    # The example of the page. Child executions of a map have the ARN stateMachine:NAME/LABEL (see the page
    # state-map-distributed.html). None says which of the two is sent for them: a narrower condition could break them.
    "StateMachine": Trust(
        "states", "stateMachine:*", f"{DOCS}/step-functions/latest/dg/procedure-create-iam-role.html"
    ),
    # "The ARN you specify must be a schedule group", never a schedule.
    "Monitoring.ScheduleRole": Trust(
        "scheduler",
        "schedule-group/default",
        f"{DOCS}/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html",
    ),
    # "For EventBridge event bus rule targets, the value of aws:SourceArn must be the rule ARN."
    "Monitoring.RuleRole": Trust(
        "events",
        "rule/shop-after-deployment",
        f"{DOCS}/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html",
    ),
}
"""By the role, or by the template of several."""
UNCONDITIONAL = {
    "Runner.CaseRole": "lambda",
    "Runner.RunRole": "lambda",
    "Runner.ActionRole": "lambda",
    "Delivery.Role": "codepipeline",
}
"""Roles whose service is not documented to send aws:SourceAccount when it assumes one; docs/pipeline.md names them."""


@pytest.mark.parametrize("source", SOURCES)
def test_roles_are_assumed_by_the_service_that_uses_them(source: str) -> None:
    """By one service only, for this account, and for the stack's own resources where AWS documents their ARN."""
    roles = whole(source, MonitoringAfter="custom").find("AWS::IAM::Role")
    for name, role in roles.items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        if name in UNCONDITIONAL:
            service, expected = UNCONDITIONAL[name], None
        else:
            service, resource, _ = TRUSTED.get(name) or TRUSTED[name.partition(".")[0]]
            expected = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
            if resource:
                expected["ArnLike"] = {"aws:SourceArn": f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"}
        assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}, name
        assert statement.get("Condition") == expected, name
        assert "PermissionsBoundary" not in role
        assert not [arn for arn in role.get("ManagedPolicyArns", ()) if arn.startswith("arn:aws:iam::aws:")], name
    assert set(UNCONDITIONAL) <= set(roles)
    assert {"Monitoring.ScheduleRole", "Monitoring.RuleRole"} <= set(roles)


def test_every_trust_has_a_condition_or_is_a_named_exception() -> None:
    """In the files, so that no condition of the stack hides a role; exceptions have a source and are in the docs."""
    documented = (FOLDER.parent / "docs" / "pipeline.md").read_text()
    bare = set()
    for path in sorted(FOLDER.glob("*.yaml")):
        for name, resource in load(path.name)["Resources"].items():
            if not isinstance(resource, dict) or resource.get("Type") != "AWS::IAM::Role":
                continue
            statements_of_trust = resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            if all("aws:SourceAccount" in str(statement.get("Condition")) for statement in statements_of_trust):
                continue
            bare.add((path.name, name))
            body = path.read_text().split(f"\n  {name}:\n", 1)[1].split("sts:AssumeRole", 1)[0]
            assert "# https://docs.aws.amazon.com/" in body, f"{path.name}: {name} has no source for its exception"
            assert f"`{name}`" in documented, name
    assert bare == {("delivery.yaml", "Role"), *(("runner.yaml", f"{name}Role") for name in ("Case", "Run", "Action"))}
