"""What stays of a stack, and removing it."""

from typing import Any

import pytest
from botocore.stub import Stubber

from tests.support.aws.servers import fake_client
from uitest.deploy import emptying
from uitest.deploy.account import Account
from uitest.deploy.emptying import Kept
from uitest.errors import DeployError, DeployFailed

OURS = {"Bucket": "b", "ExpectedBucketOwner": "1"}


def account(**clients: Any) -> Account:
    """With these clients."""
    return Account("eu-west-1", "1", clients)


def test_kept_resources_are_found() -> None:
    """Buckets, tables and the repository, wherever they are."""
    kept = emptying.kept_of(
        [
            ("Site/Bucket", "AWS::S3::Bucket", "b"),
            ("Storage/ModuleTable", "AWS::DynamoDB::Table", "t"),
            ("Storage/Repository", "AWS::ECR::Repository", "r"),
            ("Runner/Queue", "AWS::SQS::Queue", "q"),
            ("Other/Bucket", "AWS::S3::Bucket", "b"),
        ]
    )
    assert kept == [Kept("bucket", "b"), Kept("repository", "r"), Kept("table", "t")]
    assert [str(resource) for resource in kept] == ["bucket b", "repository r", "table t"]


def test_bucket_is_emptied_with_its_versions() -> None:
    """Versions and delete markers go, a page at a time, then the bucket."""
    s3, messages = fake_client("s3"), list[str]()
    with Stubber(s3) as stub:
        listed = {**OURS, "MaxKeys": 1000}
        page = {"Versions": [{"Key": "a", "VersionId": "1"}], "DeleteMarkers": [{"Key": "a", "VersionId": "2"}]}
        more = {"IsTruncated": True, "NextKeyMarker": "a", "NextVersionIdMarker": "2"}
        stub.add_response("list_object_versions", {**page, **more}, listed)
        doomed = [{"Key": "a", "VersionId": "1"}, {"Key": "a", "VersionId": "2"}]
        stub.add_response("delete_objects", {}, {**OURS, "Delete": {"Objects": doomed, "Quiet": True}})
        stub.add_response("list_object_versions", {}, {**listed, "KeyMarker": "a", "VersionIdMarker": "2"})
        stub.add_response("delete_bucket", {}, OURS)
        emptying.remove(account(s3=s3), Kept("bucket", "b"), messages.append)
        stub.assert_no_pending_responses()
    assert messages == ["removed bucket b"]


def test_bucket_that_cannot_be_emptied_is_named_and_stays() -> None:
    """Is named, and the bucket stays."""
    s3 = fake_client("s3")
    with Stubber(s3) as stub:
        stub.add_response("list_object_versions", {"Versions": [{"Key": "a", "VersionId": "1"}]})
        stub.add_response("delete_objects", {"Errors": [{"Key": "a", "Code": "AccessDenied", "Message": "no"}]})
        with pytest.raises(DeployFailed, match=r"a in the bucket b is not deleted \(AccessDenied: no\)"):
            emptying.remove(account(s3=s3), Kept("bucket", "b"), print)


@pytest.mark.parametrize(
    ("kind", "service", "call", "code"),
    [
        ("bucket", "s3", "list_object_versions", "NoSuchBucket"),
        ("table", "dynamodb", "delete_table", "ResourceNotFoundException"),
        ("repository", "ecr", "delete_repository", "RepositoryNotFoundException"),
    ],
)
def test_missing_resource_is_no_error(kind: str, service: str, call: str, code: str) -> None:
    """Is no error; anything else is, on one line."""
    client, messages = fake_client(service), list[str]()
    with Stubber(client) as stub:
        stub.add_client_error(call, code)
        emptying.remove(account(**{service: client}), Kept(kind, "xxx"), messages.append)
        stub.add_client_error(call, "AccessDeniedException", "no")
        with pytest.raises(DeployError, match="no permission for"):
            emptying.remove(account(**{service: client}), Kept(kind, "xxx"), messages.append)
    assert messages == []
