"""What a stack leaves when it is removed (buckets, tables, images), and removing that too."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from uitest.deploy import artifacts
from uitest.deploy.account import Account, error_code, translating
from uitest.deploy.templates import Upload
from uitest.errors import DeployFailed

KINDS = {
    "AWS::S3::Bucket": "bucket",
    "AWS::DynamoDB::Table": "table",
    "AWS::ECR::Repository": "repository",
}
NOTE = "kept.json"
"""File in the bucket of artifacts that says what stayed of a removed stack: nothing else knows its buckets any more."""

GONE = {"NoSuchBucket", "404", "ResourceNotFoundException", "RepositoryNotFoundException"}
BATCH = 1000
"""Versions that S3 deletes with one call."""


@dataclass(frozen=True, order=True)
class Kept:
    """Something that stays when its stack is removed."""

    kind: str
    """``bucket``, ``table`` or ``repository``."""
    name: str

    def __str__(self) -> str:
        """As in messages."""
        return f"{self.kind} {self.name}"


def kept_of(resources: Iterable[tuple[str, str, str]]) -> list[Kept]:
    """Those of a stack's resources (path, type, physical id) that outlive it."""
    return sorted({Kept(KINDS[kind], name) for _, kind, name in resources if kind in KINDS})


def read_note(account: Account, bucket: str) -> list[Kept]:
    """What stayed of a stack that was removed earlier. Raises DeployError."""
    with translating(f"bucket {bucket!r}", "s3"):
        if not artifacts.exists(account, bucket):
            return []
        try:
            got = account.client("s3").get_object(Bucket=bucket, Key=NOTE, ExpectedBucketOwner=account.number)
        except Exception as exc:
            if error_code(exc) in ("NoSuchKey", "404"):
                return []
            raise
        return [Kept(**item) for item in json.loads(got["Body"].read())]


def write_note(account: Account, bucket: str, kept: Iterable[Kept]) -> None:
    """Remember what stays. Raises DeployError."""
    body = json.dumps([asdict(item) for item in kept], indent=1).encode()
    artifacts.upload(account, bucket, [Upload(NOTE, body)])


def remove(account: Account, kept: Kept, say: Callable[[str], None]) -> None:
    """Remove one with all that is in it; one that is gone already is no error. Raises DeployError, DeployFailed."""
    with translating(str(kept), {"bucket": "s3", "table": "dynamodb", "repository": "ecr"}[kept.kind]):
        try:
            if kept.kind == "bucket":
                _empty(account, kept.name)
                account.client("s3").delete_bucket(Bucket=kept.name, ExpectedBucketOwner=account.number)
            elif kept.kind == "table":
                account.client("dynamodb").delete_table(TableName=kept.name)
            else:
                account.client("ecr").delete_repository(repositoryName=kept.name, force=True)
        except Exception as exc:
            if error_code(exc) not in GONE:
                raise
            return
    say(f"removed {kept}")


def _empty(account: Account, bucket: str) -> None:
    s3, owned = account.client("s3"), {"Bucket": bucket, "ExpectedBucketOwner": account.number}
    for page in s3.get_paginator("list_object_versions").paginate(**owned, MaxKeys=BATCH):
        versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        identifiers = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
        if identifiers:
            answer = s3.delete_objects(**owned, Delete={"Objects": identifiers, "Quiet": True})
            for error in answer.get("Errors", ()):
                raise DeployFailed(
                    f"{error['Key']} in the bucket {bucket} is not deleted ({error['Code']}: {error['Message']}); "
                    "allow s3:DeleteObjectVersion, and repeat the command"
                )
