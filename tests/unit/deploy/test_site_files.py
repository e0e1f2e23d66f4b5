"""A bucket that is made to hold a site."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.support.aws.servers import FAKE_AWS
from uitest.deploy import site_files
from uitest.deploy.site_files import main, pages_last, put_site
from uitest.errors import DeployError

BUCKET = "site"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of S3, with an empty bucket."""
    for name, value in FAKE_AWS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client
        client.close()


def write(folder: Path, *names: str) -> None:
    """Files with their names as content."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def keys(s3: Any) -> set[str]:
    """Everything in the bucket."""
    return {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def test_files_that_a_site_has_no_more_are_removed(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that are like others, and more than S3 deletes at once."""
    monkeypatch.setattr(site_files, "BATCH", 2)
    write(tmp_path, "index.html", "css/a.css", "old/1", "old/2", "old/3", "index.html.bak", "b c.txt")
    assert put_site(tmp_path, BUCKET, s3) == (7, 0)
    for name in ("old/1", "old/2", "old/3", "index.html.bak"):
        (tmp_path / name).unlink()
    (tmp_path / "index.html").write_text("index.htmL")
    assert put_site(tmp_path, BUCKET, s3) == (3, 4)
    assert keys(s3) == {"index.html", "css/a.css", "b c.txt"}
    page = s3.get_object(Bucket=BUCKET, Key="index.html")
    assert page["Body"].read() == b"index.htmL", "uploaded again, though it has the size it had"
    assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")


def test_pages_are_uploaded_after_what_they_refer_to() -> None:
    """So that nobody sees a page without its style."""
    assert pages_last(["index.html", "z.css", "a/b.HTM", "a.js"]) == ["a.js", "z.css", "a/b.HTM", "index.html"]


def test_site_without_files_is_not_deployed(s3: Any, tmp_path: Path) -> None:
    """Nothing is removed either."""
    write(tmp_path, "index.html")
    put_site(tmp_path, BUCKET, s3)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DeployError, match="has no files"):
        put_site(tmp_path / "empty", BUCKET, s3)
    assert keys(s3) == {"index.html"}


def test_build_ends_with_what_was_done(s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Or with one line that says what is wrong."""
    write(tmp_path, "index.html")
    assert main([str(tmp_path), BUCKET]) == 0
    assert "1 files uploaded to the bucket site, 0 removed" in capsys.readouterr().out
    assert main([str(tmp_path), "missing"]) == 2
    assert capsys.readouterr().err.startswith("uitest: bucket 'missing'")
