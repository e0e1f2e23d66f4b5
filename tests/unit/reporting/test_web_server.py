"""The static file server, over real sockets."""

import http.client
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from tests.support.aws.servers import fake_client
from uitest.errors import UsageError
from uitest.reporting.web_server import SiteServer
from uitest.storage.files import S3Place


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    (root / "tools").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "index.html").write_text("<h1>Home</h1>")
    (root / "tools" / "index.html").write_text("<h1>Tools</h1>")
    (root / "style.css").write_text("body {}")
    (root / "two words.txt").write_text("hello")
    (tmp_path / "secret.txt").write_text("secret")
    return root


@pytest.fixture
def connection(site: Path) -> Iterator[http.client.HTTPConnection]:
    with SiteServer(site) as server:
        client = http.client.HTTPConnection(server.host, server.port, timeout=10)
        yield client
        client.close()


def ask(
    connection: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/", "text/html; charset=utf-8", b"<h1>Home</h1>"),
        ("/index.html?x=1", "text/html; charset=utf-8", b"<h1>Home</h1>"),
        ("/tools/", "text/html; charset=utf-8", b"<h1>Tools</h1>"),
        ("/style.css", "text/css; charset=utf-8", b"body {}"),
        ("/two%20words.txt", "text/plain; charset=utf-8", b"hello"),
        ("//style.css", "text/css; charset=utf-8", b"body {}"),
    ],
)
def test_files_have_type_length_and_nosniff(
    connection: http.client.HTTPConnection, path: str, kind: str, body: bytes
) -> None:
    """A file has its type, its length and nosniff; a folder responds with its index."""
    status, headers, got = ask(connection, path)
    assert (status, headers["Content-Type"], got) == (200, kind, body)
    assert headers["Content-Length"] == str(len(body))
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/nothing.html",
        "/empty/",
        "/index.html/",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/tools/..%2f..%2fsecret.txt",
        "/../site/index.html",
        "/..%5csecret.txt",
        "/%00",
        "/" + "x" * 5000,
        "/loop",
        "/pipe",
    ],
)
def test_everything_else_is_404_on_an_open_connection(
    connection: http.client.HTTPConnection, site: Path, path: str
) -> None:
    """Missing, outside and unlisted paths are 404, and the connection stays open."""
    (site / "loop").symlink_to(site / "loop")
    os.mkfifo(site / "pipe")
    status, headers, _ = ask(connection, path)
    assert (status, headers["X-Content-Type-Options"], headers["Connection"]) == (404, "nosniff", None)
    assert ask(connection, "/")[0] == 200


def test_symbolic_links_do_not_lead_out(connection: http.client.HTTPConnection, site: Path) -> None:
    """A link inside the folder is followed, one to a file or folder outside is not."""
    (site / "inside.css").symlink_to(site / "style.css")
    (site / "file.txt").symlink_to(site.parent / "secret.txt")
    (site / "up").symlink_to(site.parent)
    paths = ("/inside.css", "/file.txt", "/up/secret.txt")
    assert [ask(connection, path)[0] for path in paths] == [200, 404, 404]


def test_unreadable_file_is_403(
    connection: http.client.HTTPConnection, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file this user may not read is 403, not a broken connection."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, who may read everything
    assert ask(connection, "/style.css")[0] == 403


@pytest.mark.parametrize(
    ("path", "location"), [("/tools", "./tools/"), ("/tools?a=b", "./tools/?a=b"), ("//tools", "./tools/")]
)
def test_folder_without_slash_is_redirected(connection: http.client.HTTPConnection, path: str, location: str) -> None:
    """Without the slash the relative links of the index would lead elsewhere."""
    status, headers, _ = ask(connection, path)
    assert (status, headers["Location"]) == (301, location)


def test_head_has_no_body(connection: http.client.HTTPConnection) -> None:
    """HEAD answers as GET does, without the file."""
    status, headers, body = ask(connection, "/style.css", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, "7", b"")
    assert ask(connection, "/nothing", "HEAD")[::2] == (404, b"")


def test_unchanged_file_is_304(connection: http.client.HTTPConnection, site: Path) -> None:
    """The tag or the date of a good copy gives 304, those of an old one the file."""
    _, headers, _ = ask(connection, "/style.css")
    tag, date = headers["ETag"], headers["Last-Modified"]
    good: list[dict[str, str]] = [
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", W/{tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": date},
    ]
    for request in good:
        status, headers, body = ask(connection, "/style.css", **request)
        assert (status, headers["ETag"], body) == (304, tag, b"")
    os.utime(site / "style.css", (2_000_000_000, 2_000_000_000))
    old: list[dict[str, str]] = [
        {"If_None_Match": tag},
        {"If_None_Match": tag, "If_Modified_Since": "Wed, 18 May 2033 03:33:20 GMT"},
        {"If_Modified_Since": date},
        {"If_Modified_Since": "yesterday"},
    ]
    for request in old:
        assert ask(connection, "/style.css", **request)[::2] == (200, b"body {}")


def test_connection_is_kept_for_further_requests(connection: http.client.HTTPConnection) -> None:
    """HTTP/1.1 keeps the connection, so a page and its files need one."""
    ask(connection, "/")
    first = connection.sock
    ask(connection, "/style.css")
    assert connection.sock is first


def test_request_with_a_body_closes_the_connection(connection: http.client.HTTPConnection) -> None:
    """A body nobody reads is never taken for the next request."""
    connection.request("GET", "/style.css", body=b"GET /index.html HTTP/1.1\r\n\r\n")
    answer = connection.getresponse()
    assert (answer.headers["Connection"], answer.read()) == ("close", b"body {}")
    connection.request("POST", "/style.css", body=b"x")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Connection"]) == (501, "close")
    answer.read()


def test_slow_client_does_not_block_another(site: Path) -> None:
    """Each connection has its own thread."""
    with SiteServer(site) as server, socket.create_connection((server.host, server.port)) as slow:
        slow.sendall(b"GET / HT")
        client = http.client.HTTPConnection(server.host, server.port, timeout=10)
        assert ask(client, "/")[0] == 200
        client.close()


def test_client_that_disconnects_prints_nothing(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A connection that breaks in the middle of an answer prints nothing, and the server goes on."""
    (site / "big.bin").write_bytes(b"x" * 20_000_000)
    with SiteServer(site) as server:
        with socket.create_connection((server.host, server.port)) as client:
            client.sendall(b"GET /big.bin HTTP/1.1\r\n\r\n")
            client.recv(10)
        other = http.client.HTTPConnection(server.host, server.port, timeout=10)
        assert ask(other, "/")[0] == 200
        other.close()
    assert capfd.readouterr() == ("", "")


def test_log_gets_a_line_for_each_request(site: Path) -> None:
    """The log is a callback; nothing is printed."""
    lines: list[str] = []
    with SiteServer(site, log=lines.append) as server:
        client = http.client.HTTPConnection(server.host, server.port, timeout=10)
        ask(client, "/")
        client.close()
    assert lines == ['127.0.0.1 "GET / HTTP/1.1" 200 -']


def test_leaving_frees_the_port_and_ends_connections(site: Path) -> None:
    """After the with block nobody listens, open connections end, and the port can be taken again."""
    with SiteServer(site) as server:
        idle = http.client.HTTPConnection(server.host, server.port, timeout=10)
        ask(idle, "/")
    assert idle.sock.recv(1) == b""
    idle.close()
    with SiteServer(site, port=server.port) as again:
        assert again.url == f"http://127.0.0.1:{server.port}"
        client = http.client.HTTPConnection(again.host, again.port, timeout=10)
        assert ask(client, "/")[0] == 200
        client.close()
    again.wait()


def test_unusable_address_is_a_usage_error(site: Path) -> None:
    """A port in use, a wrong port and a missing folder are each one line that says what to do."""
    with (
        SiteServer(site) as server,
        pytest.raises(UsageError, match=r"^cannot listen on .*; choose another with --port N"),
    ):
        SiteServer(site, port=server.port).__enter__()
    with pytest.raises(UsageError, match="choose another with --port N"):
        SiteServer(site, port=70_000).__enter__()
    with pytest.raises(UsageError, match="does not exist"):
        SiteServer(site / "index.html").__enter__()


@pytest.fixture
def bucket() -> Iterator[http.client.HTTPConnection]:
    """A server of pages in S3, under a prefix."""
    client = fake_client("s3")
    with mock_aws():
        client.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client.put_object(Bucket="files", Key="secret.txt", Body=b"secret")
        place = S3Place("files", "pages", client)
        place.write("index.html", b"<h1>Home</h1>")
        place.write("runs/r 1/shot.png", b"png")
        with SiteServer(place) as server:
            connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
            yield connection
            connection.close()
    client.close()


def test_serves_a_place_in_s3(bucket: http.client.HTTPConnection) -> None:
    """Pages by their names, a folder's index, and nothing that lies elsewhere in the bucket."""
    status, headers, body = ask(bucket, "/index.html?x=1")
    assert (status, headers["Content-Type"], body) == (200, "text/html; charset=utf-8", b"<h1>Home</h1>")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ask(bucket, "/")[2] == body
    assert ask(bucket, "/runs/r%201/shot.png")[2] == b"png"
    assert ask(bucket, "/", "HEAD")[::2] == (200, b"")
    for path in ("/nothing.html", "/runs/", "/../secret.txt", "/%2e%2e/secret.txt", "/a//b", "/%00"):
        assert ask(bucket, path)[0] == 404


def test_unchanged_object_is_304(bucket: http.client.HTTPConnection) -> None:
    """Its tag gives 304, another one the page."""
    tag = ask(bucket, "/")[1]["ETag"]
    assert ask(bucket, "/", If_None_Match=tag)[::2] == (304, b"")
    assert ask(bucket, "/", If_None_Match='"other"')[0] == 200


def test_refusal_of_the_bucket_is_shown() -> None:
    """The reader sees why, and the connection lives on."""
    client = fake_client("s3")
    with mock_aws(), SiteServer(S3Place("nowhere", "", client)) as server:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
        status, headers, body = ask(connection, "/")
        assert (status, headers["Content-Type"]) == (502, "text/plain; charset=utf-8")
        assert b"S3 bucket 'nowhere' does not exist" in body
        assert ask(connection, "/")[0] == 502
        connection.close()
    client.close()


def test_every_response_has_the_content_policy(site: Path) -> None:
    """Pages, other files, errors and unchanged files; without one there is no such header."""
    with SiteServer(site, policy="default-src 'none'") as server:
        client = http.client.HTTPConnection(server.host, server.port, timeout=10)
        _, headers, _ = ask(client, "/")
        for path, more in (("/style.css", {}), ("/nothing", {}), ("/", {"If_None_Match": headers["ETag"]})):
            assert ask(client, path, **more)[1]["Content-Security-Policy"] == "default-src 'none'"
        client.close()
    with SiteServer(site) as server:
        client = http.client.HTTPConnection(server.host, server.port, timeout=10)
        assert ask(client, "/")[1]["Content-Security-Policy"] is None
        client.close()
