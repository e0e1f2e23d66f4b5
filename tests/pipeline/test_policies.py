"""No policy of the stack allows more than it names."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.aws.policies import statements
from tests.support.aws.stack import ACCOUNT, SOURCES, Stack, whole

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


@pytest.mark.parametrize("source", SOURCES)
def test_roles_are_assumed_by_the_service_that_uses_them(source: str) -> None:
    """Each role is assumed by one service only."""
    services = {
        "Monitoring.ScheduleRole": "scheduler",
        "Monitoring.RuleRole": "events",
        "ImageBuild": "codebuild",
        "Runner": "lambda",
        "StateMachine": "states",
        "BuildRoles": "codebuild",
        "Delivery": "codepipeline",
    }
    for name, role in whole(source).find("AWS::IAM::Role").items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        service = services.get(name) or services[name.partition(".")[0]]
        assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}, name
        if service != "lambda":  # which passes no such key
            assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}, name
        assert "PermissionsBoundary" not in role
        assert not [arn for arn in role.get("ManagedPolicyArns", ()) if arn.startswith("arn:aws:iam::aws:")], name
