"""The bucket of artifacts: whose it is, and what it is made with."""

import json
import re
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tests.support.aws.servers import fake_client
from uitest.deploy import artifacts
from uitest.deploy.account import Account
from uitest.deploy.templates import Upload
from uitest.errors import DeployError

NUMBER = "123456789012"
BUCKET = f"shop-artifacts-{NUMBER}-eu-west-1"
OURS = {"Bucket": BUCKET, "ExpectedBucketOwner": NUMBER}


@pytest.fixture
def s3() -> Any:
    """A client that is not connected to anything."""
    client = fake_client("s3")
    yield client
    client.close()


def account(s3: Any, region: str = "eu-west-1") -> Account:
    """With this client."""
    return Account(region, NUMBER, {"s3": s3})


def test_longest_bucket_name_has_63_characters() -> None:
    """63 characters, in every region that botocore knows."""
    session = boto3.Session()
    regions = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("s3", partition)
    ]
    longest = max((artifacts.bucket_name("n" * 20, Account(region, NUMBER)) for region in regions), key=len)
    assert len(longest) <= 63


def _settings(stub: Stubber) -> None:
    """What is applied every time."""
    stub.add_response("put_public_access_block", {}, {**OURS, "PublicAccessBlockConfiguration": ANY})
    stub.add_response("put_bucket_encryption", {}, {**OURS, "ServerSideEncryptionConfiguration": ANY})
    stub.add_response("put_bucket_policy", {}, {**OURS, "Policy": ANY})


@pytest.mark.parametrize("code", [None, "BucketAlreadyOwnedByYou"])
def test_it_is_created_once(s3: Any, code: str | None) -> None:
    """In the region; another command may have been faster."""
    with Stubber(s3) as stub:
        stub.add_client_error("head_bucket", "404", http_status_code=404, expected_params=OURS)
        place = {"LocationConstraint": "eu-west-1"}
        words = {"Bucket": BUCKET, "ObjectOwnership": "BucketOwnerEnforced", "CreateBucketConfiguration": place}
        if code:
            stub.add_client_error("create_bucket", code, expected_params=words)
        else:
            stub.add_response("create_bucket", {}, words)
        _settings(stub)
        assert artifacts.make_bucket(account(s3), BUCKET) is (code is None)
        stub.add_response("head_bucket", {}, OURS)
        _settings(stub)
        assert artifacts.make_bucket(account(s3), BUCKET) is False
        stub.assert_no_pending_responses()


def test_bucket_of_another_account_is_not_used(s3: Any) -> None:
    """Neither one that exists under this name, nor one that another account has just taken."""
    message = re.escape(f"the bucket {BUCKET!r} belongs to another account, or")
    with Stubber(s3) as stub:
        stub.add_client_error("head_bucket", "403", http_status_code=403, expected_params=OURS)
        with pytest.raises(DeployError, match=message):
            artifacts.make_bucket(account(s3), BUCKET)
        stub.add_client_error("head_bucket", "404", http_status_code=404)
        stub.add_client_error("create_bucket", "BucketAlreadyExists")
        with pytest.raises(DeployError, match=message):
            artifacts.make_bucket(account(s3), BUCKET)
        stub.assert_no_pending_responses()


def test_uploads_name_the_owner(s3: Any) -> None:
    """S3 refuses what would go into a bucket that has changed hands meanwhile."""
    with Stubber(s3) as stub:
        stub.add_response("put_object", {}, {**OURS, "Key": "a/b", "Body": b"x"})
        artifacts.upload(account(s3), BUCKET, [Upload("a/b", b"x")])
        stub.add_client_error("put_object", "AccessDenied", "no")
        with pytest.raises(DeployError, match="no permission for s3:PutObject on bucket"):
            artifacts.upload(account(s3), BUCKET, [Upload("a/b", b"x")])


def test_bucket_refuses_requests_without_tls() -> None:
    """In every partition."""
    policy = json.loads(json.dumps(artifacts._policy("b", "aws-cn")))
    assert policy["Statement"][0]["Resource"] == ["arn:aws-cn:s3:::b", "arn:aws-cn:s3:::b/*"]
    assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
