"""A folder and an S3 prefix behave the same, and nothing leaves its place."""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from tests.support.aws.servers import FAKE_AWS, fake_client
from tests.support.properties import quick
from uitest.errors import PlaceError, UsageError
from uitest.storage.files import PROBE, FolderPlace, Place, S3Place, check_name, content_type, open_place

BAD_NAMES = ["", "/etc/passwd", "../up", "a/../b", "a//b", "a/", ".", "a/./b", "a\\b", "a\0b", ".."]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client that reaches nothing but moto."""
    client = fake_client("s3")
    yield client
    client.close()


@pytest.fixture
def bucket(client: Any) -> Iterator[Any]:
    """The client, with a bucket ``files`` in moto."""
    with mock_aws():
        client.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield client


@pytest.fixture(params=["folder", "s3", "s3 with prefix"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Every kind of place, empty."""
    if request.param == "folder":
        return FolderPlace(tmp_path / "place")
    return S3Place("files", "a/b" if "prefix" in request.param else "", request.getfixturevalue("bucket"))


def test_written_files_are_read_back(place: Place) -> None:
    """Written files are read back, replaced by the next write, and None if missing."""
    place.write("run/shot 1 \N{FOX FACE}.png", b"\x89one")
    place.write("run/shot 1 \N{FOX FACE}.png", b"\x89two")
    place.write("empty.txt", b"")
    assert place.read("run/shot 1 \N{FOX FACE}.png") == b"\x89two"
    assert place.read("empty.txt") == b""
    assert place.read("run") is None
    assert place.read("empty.txt/below") is None
    assert place.read("missing/file.txt") is None


def test_names_start_with_the_prefix(place: Place) -> None:
    """A prefix is the beginning of names, not a folder; names are sorted."""
    for name in ("r1/b.txt", "r1/a/c.txt", "r10/a.txt", "top.txt"):
        place.write(name, b"x")
    assert place.names("") == ["r1/a/c.txt", "r1/b.txt", "r10/a.txt", "top.txt"]
    assert place.names("r1") == ["r1/a/c.txt", "r1/b.txt", "r10/a.txt"]
    assert place.names("r1/") == ["r1/a/c.txt", "r1/b.txt"]
    assert place.names("r1/a/c") == ["r1/a/c.txt"]
    assert place.names("nothing/here") == []


def test_delete_removes_only_the_prefix(place: Place) -> None:
    """Only names with the prefix are deleted; deleting nothing is no error."""
    for name in ("r1/b.txt", "r1/a/c.txt", "r10/a.txt"):
        place.write(name, b"x")
    place.delete("r1/")
    place.delete("r1/")
    assert place.names("") == ["r10/a.txt"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_outside_of_the_place_are_rejected(place: Place, name: str) -> None:
    """Absolute, climbing and unusual names are rejected for reading and writing."""
    with pytest.raises(PlaceError, match="is not a file name inside a place"):
        place.write(name, b"x")
    with pytest.raises(PlaceError):
        place.read(name)
    assert place.names("") == []


def test_check_of_a_writable_place_passes(place: Place) -> None:
    """A writable place passes its check repeatedly."""
    place.check()
    place.check()
    assert set(place.names("")) <= {PROBE}


@quick
@given(st.text("ab./\\\0 ~", max_size=12) | st.text(max_size=12))
def test_accepted_names_stay_inside(name: str) -> None:
    """Every name that is accepted is already in its simplest form, below its place."""
    try:
        check_name(name)
    except PlaceError:
        return
    assert posixpath.normpath(posixpath.join("/place", name)) == f"/place/{name}"
    assert name != ""


@quick
@given(st.lists(st.text("abc-_ ~é.", min_size=1, max_size=5).filter(lambda p: p not in (".", "..")), min_size=1))
def test_plain_names_are_accepted(parts: list[str]) -> None:
    """Ordinary parts joined by slashes are a name."""
    assert check_name("/".join(parts)) == "/".join(parts)


def test_links_do_not_lead_out(tmp_path: Path) -> None:
    """Symbolic links in a folder are neither followed out of it nor listed; writing replaces the link."""
    outside, root = tmp_path / "outside", tmp_path / "place"
    outside.mkdir()
    root.mkdir()
    (outside / "secret.txt").write_text("secret")
    (root / "folder").symlink_to(outside)
    (root / "file.txt").symlink_to(outside / "secret.txt")
    (root / "loop").symlink_to(root / "loop")
    place = FolderPlace(root)
    for call in (place.read, lambda name: place.write(name, b"x")):
        with pytest.raises(PlaceError, match="symbolic link"):
            call("folder/secret.txt")
    assert place.read("file.txt") is None
    assert place.read("loop") is None
    assert place.names("") == []
    assert place.names("folder/") == []
    place.delete("")
    place.write("file.txt", b"mine")
    assert place.read("file.txt") == b"mine"
    assert (outside / "secret.txt").read_text() == "secret"


def test_folder_may_be_a_link(tmp_path: Path) -> None:
    """A place that is itself reached through a link is fine."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    place = FolderPlace(tmp_path / "link")
    place.write("a/b.txt", b"x")
    assert place.names("") == ["a/b.txt"]
    assert (tmp_path / "real" / "a" / "b.txt").read_bytes() == b"x"


def test_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    """A failed write keeps the old file and leaves no temporary one."""
    place = FolderPlace(tmp_path)
    place.write("a/file.txt", b"old")
    with pytest.raises(PlaceError, match="cannot write 'a'"):
        place.write("a", b"a folder is in the way")
    with pytest.raises(PlaceError, match=r"cannot write 'a/file.txt/below'"):
        place.write("a/file.txt/below", b"a file is in the way")
    with pytest.raises(PlaceError, match="cannot write 'x"):
        place.write("x" * 300, b"too long")
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "file.txt"]
    assert place.read("a/file.txt") == b"old"


def test_unfinished_files_are_not_listed(tmp_path: Path) -> None:
    """What another process is writing has no name yet."""
    (tmp_path / ".0123456789abcdef.uitest-tmp").write_bytes(b"half")
    assert FolderPlace(tmp_path).names("") == []


def test_deleting_leaves_no_empty_folders(tmp_path: Path) -> None:
    """Folders that a deletion empties go, the place itself stays."""
    place = FolderPlace(tmp_path / "place")
    place.write("r1/a/b/c.txt", b"x")
    place.delete("r1/")
    assert list((tmp_path / "place").iterdir()) == []


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A place below a file fails its check in one line that names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(PlaceError, match=r"cannot write .*file.place.*name another place"):
        FolderPlace(tmp_path / "file" / "place").check()


def test_s3_objects_have_prefix_and_content_type(bucket: Any) -> None:
    """Objects have the prefix and a content type, and must be revalidated."""
    place = S3Place("files", "/site/", bucket)
    place.write("index.html", b"x")
    place.write("data", b"{}", "application/json")
    page = bucket.head_object(Bucket="files", Key="site/index.html")
    assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")
    assert bucket.head_object(Bucket="files", Key="site/data")["ContentType"] == "application/json"


def test_s3_has_more_than_a_page(client: Any) -> None:
    """Listing goes on after the first page, deleting after the thousand that one request takes."""
    names = [f"{n:05}" for n in range(1_005)]
    pages = [
        {"Contents": [{"ETag": "x", "Key": f"p/{name}"} for name in part]} for part in (names[:1_000], names[1_000:])
    ]
    with Stubber(client) as stub:
        stub.add_response("list_objects_v2", {**pages[0], "IsTruncated": True, "NextContinuationToken": "t"})
        stub.add_response("list_objects_v2", pages[1])
        for page in pages:
            request = {"Objects": [{"Key": item["Key"]} for item in page["Contents"]], "Quiet": True}
            stub.add_response("delete_objects", {}, {"Bucket": "files", "Delete": request})
        S3Place("files", "p", client).delete("0")
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_versions_change_with_the_file(kind: str, tmp_path: Path, bucket: Any) -> None:
    """A version stays while its file does, and changes with it."""
    place = FolderPlace(tmp_path) if kind == "folder" else S3Place("files", "p", bucket)
    for name in ("index/a", "index/b", "other"):
        place.write(name, b"1")
    before = place.versions("index/")
    assert sorted(before) == place.names("index/") == ["index/a", "index/b"]
    place.write("index/a", b"2")
    after = place.versions("index/")
    assert after["index/a"] != before["index/a"]
    assert after["index/b"] == before["index/b"]


def test_missing_bucket_names_the_create_command(bucket: Any) -> None:
    """The message for a missing bucket names it and the command that creates it."""
    with pytest.raises(PlaceError, match=r"S3 bucket 'nowhere' does not exist .*aws s3 mb s3://nowhere"):
        S3Place("nowhere", "", bucket).check()
    with pytest.raises(PlaceError, match="does not exist"):
        S3Place("nowhere", "", bucket).read("a")


def test_missing_permission_names_the_action(client: Any) -> None:
    """The message names the missing action."""
    place = S3Place("files", "", client)
    with Stubber(client) as stub:
        stub.add_client_error("put_object", "AccessDenied", "Access Denied", 403)
        with pytest.raises(PlaceError, match="no permission for s3:PutObject on S3 bucket 'files'"):
            place.check()
        stub.add_client_error("list_objects_v2", "AccessDenied", "Access Denied", 403)
        with pytest.raises(PlaceError, match="s3:ListBucket"):
            place.names("")


def test_refused_deletion_of_an_object_is_an_error(client: Any) -> None:
    """An object that S3 does not delete is an error."""
    place = S3Place("files", "", client)
    with Stubber(client) as stub:
        stub.add_response("list_objects_v2", {"Contents": [{"ETag": "x", "Key": "a"}]})
        stub.add_response("delete_objects", {"Errors": [{"Key": "a", "Message": "Access Denied"}]})
        with pytest.raises(PlaceError, match="cannot delete 'a' in S3 bucket 'files': Access Denied"):
            place.delete("")


@pytest.mark.parametrize("spec", ["s3://files", "s3://files/a/b", "some/folder", "/abs", "~/x"])
def test_spec_opens_the_place_again(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``spec`` is what ``open_place`` understands, of the same kind."""
    for name, value in FAKE_AWS.items():
        monkeypatch.setenv(name, value)
    place = open_place(spec)
    assert place.spec == spec
    assert isinstance(place, S3Place if spec.startswith("s3:") else FolderPlace)


@pytest.mark.parametrize("spec", ["", " ", "s3://", "s3:///x", "http://host/x", "gs://b"])
def test_unknown_place_is_rejected_with_both_forms(spec: str) -> None:
    """A text that is not a place is rejected with the two valid forms."""
    with pytest.raises(UsageError, match="neither a folder nor s3://BUCKET/PREFIX"):
        open_place(spec)


def test_content_types_do_not_depend_on_the_machine() -> None:
    """Types are the same on every machine; unknown ones are bytes."""
    assert content_type("a/B.HTML") == "text/html; charset=utf-8"
    assert content_type("run.json") == "application/json"
    assert content_type("no suffix") == "application/octet-stream"
