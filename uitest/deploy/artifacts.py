"""The bucket that templates and image sources are uploaded to: private, encrypted, and certainly this account's."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from uitest.deploy.account import Account, error_code, translating
from uitest.deploy.templates import Upload
from uitest.errors import DeployError


def bucket_name(name: str, account: Account) -> str:
    """Its name, which no other stack, account or region uses; 63 characters at most."""
    return f"{name}-artifacts-{account.number}-{account.region}"


def make_bucket(account: Account, bucket: str) -> bool:
    """Create the bucket unless it exists, and apply its settings; whether it was created. Raises DeployError.

    Settings are applied every time: an earlier command may have been interrupted before it came to them.
    """
    s3, created = account.client("s3"), False
    with translating(f"bucket {bucket!r}", "s3"):
        if not exists(account, bucket):
            place = {} if account.region == "us-east-1" else {
                "CreateBucketConfiguration": {"LocationConstraint": account.region}
            }  # fmt: skip
            try:
                s3.create_bucket(Bucket=bucket, ObjectOwnership="BucketOwnerEnforced", **place)
                created = True
            except Exception as exc:
                if error_code(exc) == "BucketAlreadyExists":
                    raise DeployError(_foreign(bucket)) from exc
                if error_code(exc) != "BucketAlreadyOwnedByYou":
                    raise
        owned = {"Bucket": bucket, "ExpectedBucketOwner": account.number}
        everything = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
        s3.put_public_access_block(**owned, PublicAccessBlockConfiguration=dict.fromkeys(everything, True))
        encryption = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_encryption(**owned, ServerSideEncryptionConfiguration={"Rules": [encryption]})
        s3.put_bucket_policy(**owned, Policy=json.dumps(_policy(bucket, account.partition)))
    return created


def exists(account: Account, bucket: str) -> bool:
    """Whether the bucket exists in this account. Raises DeployError if it may belong to another account."""
    try:
        account.client("s3").head_bucket(Bucket=bucket, ExpectedBucketOwner=account.number)
    except Exception as exc:
        if error_code(exc) in ("404", "NoSuchBucket", "NotFound"):
            return False
        if error_code(exc) in ("403", "AccessDenied"):
            raise DeployError(_foreign(bucket)) from exc
        raise
    return True


@contextmanager
def uploaded_for_now(account: Account, bucket: str, files: Sequence[Upload]) -> Iterator[None]:
    """Have the files in the bucket during the block, and remove afterwards what was not there before.

    Raises DeployError.
    """
    missing = [file for file in files if not _holds(account, bucket, file.key)]
    try:
        upload(account, bucket, missing)
        yield
    finally:
        with translating(f"bucket {bucket!r}", "s3"):
            for file in missing:
                account.client("s3").delete_object(Bucket=bucket, Key=file.key, ExpectedBucketOwner=account.number)


def _holds(account: Account, bucket: str, key: str) -> bool:
    with translating(f"bucket {bucket!r}", "s3"):
        listing = account.client("s3").list_objects_v2(
            Bucket=bucket, Prefix=key, MaxKeys=1, ExpectedBucketOwner=account.number
        )
    return bool(listing.get("Contents"))


def upload(account: Account, bucket: str, files: Iterable[Upload]) -> None:
    """Upload the files. Raises DeployError."""
    with translating(f"bucket {bucket!r}", "s3"):
        for file in files:
            account.client("s3").put_object(
                Bucket=bucket, Key=file.key, Body=file.body, ExpectedBucketOwner=account.number
            )


def _foreign(bucket: str) -> str:
    return (
        f"the bucket {bucket!r} belongs to another account, or these credentials lack s3:ListBucket on it; "
        "nothing is uploaded there: choose another NAME, or allow it in the IAM policy"
    )


def _policy(bucket: str, partition: str) -> dict[str, object]:
    arn = f"arn:{partition}:s3:::{bucket}"
    deny = {
        "Sid": "NobodyWithoutTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [deny]}
