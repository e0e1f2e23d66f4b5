"""The check of an address: what browsers can open is not refused, and what nobody can open is told in one line."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.certificates import make_certificate
from uitest.cli.checks import preflight
from uitest.cli.checks.preflight import check_file, check_url, reach
from uitest.errors import PlaceError, UsageError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def answering(answer: bytes, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers every request with these bytes: its port, and what it was asked."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection = server.accept()[0]
                except OSError:
                    return
                try:
                    with context.wrap_socket(connection, server_side=True) if context else connection as ready:
                        requests.append(ready.recv(65_536))
                        ready.sendall(answer)
                except OSError:
                    continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], requests
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://[::1", "Invalid IPv6 URL"),
        ("http://127.0.0.1:abc", "Port could not be cast"),
        ("http://127.0.0.1:99999", "Port out of range"),
        ("http://a b/", "contains a space"),
        ("http://a/\n", "contains a space"),
        ("http://me:s3cr3t@", "must start with http://"),
        ("https:///path", "must start with http://"),
        ("mailto:me@shop.example", "must start with http://"),
    ],
)
def test_invalid_address_is_one_line_without_its_password(url: str, expected: str) -> None:
    """One line, without a password."""
    with pytest.raises(UsageError, match=expected) as raised:
        check_url(url)
    assert "s3cr3t" not in str(raised.value)


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1:1/\r\n\r\n",
        b"HTTP/1.1 401 Unauthorized\r\n\r\n",
        b"HTTP/1.1 500 No\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(300)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
    ids=["ok", "redirect to no address", "redirect to nobody", "401", "500", "300 headers", "a long header"],
)
def test_any_answer_will_do(answer: bytes) -> None:
    """Whoever answers is there."""
    with answering(answer) as (port, _):
        reach(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("127.0.0.1:{}/caf\xe9?q=\xfc&a=%20b", b"GET /caf%C3%A9?q=%C3%BC&a=%20b HTTP/1.1"),
        ("127.0.0.1:{}", b"GET / HTTP/1.1"),
        ("me:p%40ss@127.0.0.1:{}/a#b", b"Authorization: Basic bWU6cEBzcw=="),
        ("shop.localhost:{}/a", b"GET /a HTTP/1.1"),
    ],
)
def test_site_is_asked_as_a_browser_asks(place: str, line: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a browser asks: encoded, with name and password in a header, and a site on this machine without a proxy."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with answering(OK) as (port, requests):
        reach(f"http://{place.format(port)}")
    assert line in requests[0].split(b"\r\n")
    assert f"Host: {place.format(port).partition('/')[0].rpartition('@')[2]}".encode() in requests[0].split(b"\r\n")


def test_site_whose_name_begins_like_this_machine_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the whole name or address counts."""
    with answering(OK) as (port, requests):
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        for host in ("localhost.example", "127.example"):
            reach(f"http://{host}/a")
            assert requests.pop().startswith(f"GET http://{host}/a HTTP/1.1\r\n".encode())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP: SSH-2.0"), (b"", "does not answer")],
)
def test_server_that_speaks_no_http_is_reported(answer: bytes, expected: str) -> None:
    """Another program at that port."""
    with answering(answer) as (port, _), pytest.raises(UsageError, match=expected) as raised:
        reach(f"http://me:s3cr3t-word@127.0.0.1:{port}/")
    assert "s3cr3t-word" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_self_signed_certificate_needs_the_option(tmp_path: Path) -> None:
    """Refused with the option that accepts it; accepted with that option."""
    with answering(OK, make_certificate(tmp_path)) as (port, _):
        with pytest.raises(UsageError, match="--insecure"):
            reach(f"https://127.0.0.1:{port}/")
        reach(f"https://127.0.0.1:{port}/", insecure=True)


@pytest.mark.parametrize("spoil", [Path.mkdir, lambda path: path.parent.joinpath("file").touch()])
def test_unwritable_file_is_refused(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """A folder of that name, or a file where its folder should be."""
    path = tmp_path / "junit.xml"
    spoil(path)
    target = path if path.is_dir() else tmp_path / "file" / "junit.xml"
    with pytest.raises(PlaceError, match="--junit"):
        check_file("--junit", str(target))


def test_sample_page_that_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the command that serves it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setattr(preflight, "SAMPLE_URL", url)
    with pytest.raises(UsageError, match=r"does not answer .*; serve it with: uitest serve --sample$"):
        reach(url)
