"""Makes a bucket hold a site: ``python -m uitest.deploy.site_files FOLDER BUCKET``, for the pipeline's build of that.

Everything is uploaded, pages last, so that no page refers to a file that is not there yet; then what the folder does
not have is removed. Files are uploaded without a comparison: a build's folder has other times than the bucket.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from uitest import aws
from uitest.errors import DeployError, UitestError
from uitest.storage.files import content_type

BATCH = 1000
"""Objects that S3 deletes with one call."""

CACHE_CONTROL = "no-cache"
"""A browser asks again each time: the next deployment may have changed the file."""


def put_site(folder: Path, bucket: str, client: Any) -> tuple[int, int]:
    """Upload a folder and remove all else in the bucket; the numbers of files that were uploaded and removed.

    Raises DeployError.
    """
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    if not files:
        raise DeployError(f"the folder {str(folder)!r} of the site has no files; nothing is changed")
    with aws.translating(DeployError, aws.Resource("s3", f"bucket {bucket!r}", "create it, or name another")):
        for name in pages_last(files):
            with files[name].open("rb") as content:
                client.put_object(
                    Bucket=bucket, Key=name, Body=content, ContentType=content_type(name), CacheControl=CACHE_CONTROL
                )
        old = sorted(name for name in _names(bucket, client) if name not in files)
        for start in range(0, len(old), BATCH):
            objects = [{"Key": name} for name in old[start : start + BATCH]]
            answer = client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            for error in answer.get("Errors", ()):
                raise DeployError(f"{error['Key']} in the bucket {bucket} is not deleted: {error['Message']}")
    return len(files), len(old)


def pages_last(names: Iterable[str]) -> list[str]:
    """The names of files, HTML pages after all else."""
    return sorted(names, key=lambda name: (name.lower().endswith((".html", ".htm")), name))


def _names(bucket: str, client: Any) -> Iterator[str]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (item["Key"] for item in page.get("Contents", ()))


def main(arguments: list[str]) -> int:
    """Upload the folder to the bucket."""
    folder, bucket = arguments
    try:
        client = aws.client("s3")
        try:
            uploaded, removed = put_site(Path(folder), bucket, client)
        finally:
            client.close()
    except UitestError as exc:
        print(f"uitest: {exc}", file=sys.stderr)
        return exc.exit_code
    print(f"{uploaded} files uploaded to the bucket {bucket}, {removed} removed that the site no longer has")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
