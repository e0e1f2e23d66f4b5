"""A small web server for static files: the status site, local or in S3, and the sample shop that the cases visit.

It uses only the standard library, and has no ranges, compression or listings of folders. It listens on loopback by
default, because screenshots and page sources may be private. A site in S3 is served with the permissions of the user
who started the server, so that the bucket can stay private.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

from uitest.errors import PlaceError, UsageError
from uitest.storage.files import S3Place, check_name, content_type
from uitest.system import http_server

IDLE_S = 60
"""Seconds after which an idle connection is closed."""


def find(root: Path, target: str) -> Path | None:
    """The file or folder below ``root`` that a request target names, None if there is none.

    ``root`` must be resolved. Neither ``..`` nor a symbolic link leads out of it.
    """
    try:
        name = unquote(target.partition("?")[0])
        path = (root / name.lstrip("/")).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):  # missing, too long, a NUL byte, a loop of links
        return None
    if ".." in name.split("/") or not path.is_relative_to(root):
        return None
    return None if name.endswith("/") and not path.is_dir() else path


def etag(stat: os.stat_result) -> str:
    """A validator that changes when the file does."""
    return f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether the header names the validator (RFC 9110, 13.1.2)."""
    known = [other.strip().removeprefix("W/") for other in if_none_match.split(",")]
    return "*" in known or tag in known


def is_unchanged(stat: os.stat_result, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """Whether the copy that these request headers describe is still valid (RFC 9110, 13.2.2)."""
    if if_none_match is not None:
        return is_known(etag(stat), if_none_match)
    if if_modified_since is None:
        return False
    try:
        return int(stat.st_mtime) <= parsedate_to_datetime(if_modified_since).timestamp()
    except (ValueError, OverflowError):
        return False


class _Handler(http_server.Handler):
    """Answers GET and HEAD from the folder of its server, everything else with 501."""

    server: "_Server"
    timeout = IDLE_S

    def do_GET(self) -> None:  # noqa: N802 - the name http.server looks for
        root: Path = self.server.source
        file = find(root, self.path)
        if file and file.is_dir():
            path, question, query = self.path.partition("?")
            if not path.endswith("/"):
                # Relative, so that it holds behind a proxy's prefix and cannot name another host.
                self._send_text(
                    HTTPStatus.MOVED_PERMANENTLY,
                    {"Location": f"./{path.rpartition('/')[2]}/{question}{query}"},
                )
                return
            file = find(root, f"{path}index.html")
        if file is None or not file.is_file():
            self._send_text(HTTPStatus.NOT_FOUND)
            return
        try:
            self._send(file)
        except PermissionError:
            self._send_text(HTTPStatus.FORBIDDEN)

    do_HEAD = do_GET  # noqa: N815 - the name http.server looks for

    def _send(self, path: Path) -> None:
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            # no-cache makes browsers revalidate each time: pages change during a run.
            headers = {
                "ETag": etag(stat),
                "Last-Modified": formatdate(stat.st_mtime, usegmt=True),
                "Cache-Control": "no-cache",
            }
            if is_unchanged(stat, self.headers["If-None-Match"], self.headers["If-Modified-Since"]):
                self._head(HTTPStatus.NOT_MODIFIED, headers)
                return
            self._head(
                HTTPStatus.OK,
                {**headers, "Content-Type": content_type(path.name), "Content-Length": str(stat.st_size)},
            )
            if self.command != "HEAD":
                shutil.copyfileobj(file, self.wfile)

    def _send_text(self, status: HTTPStatus, headers: dict[str, str] | None = None, text: str = "") -> None:
        """A short text, on a connection that stays open (``send_error`` would close it)."""
        body = f"{status.value} {text or status.phrase}\n".encode()
        kind = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
        self._head(status, {**kind, **(headers or {})})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.server.policy:
            self.send_header("Content-Security-Policy", self.server.policy)
            self.send_header("Referrer-Policy", "no-referrer")
        if self.headers["Transfer-Encoding"] or self.headers.get("Content-Length", "0") != "0":
            # The body of such a request is not read, so it must not be parsed as the next request.
            self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        if self.server.log:
            self.server.log(f"{self.address_string()} {format % args}")


class _PlaceHandler(_Handler):
    """Answers GET and HEAD from an S3 prefix, with ``index.html`` for names that end with a slash."""

    def do_GET(self) -> None:  # noqa: N802 - the name http.server looks for
        place: S3Place = self.server.source
        name = unquote(self.path.partition("?")[0]).lstrip("/")
        name += "index.html" if not name or name.endswith("/") else ""
        try:
            check_name(name)
        except PlaceError:
            self._send_text(HTTPStatus.NOT_FOUND)
            return
        try:
            data = place.read(name)
        except PlaceError as exc:
            self._send_text(HTTPStatus.BAD_GATEWAY, text=str(exc))
            return
        if data is None:
            self._send_text(HTTPStatus.NOT_FOUND)
            return
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "Cache-Control": "no-cache"}
        if is_known(headers["ETag"], self.headers["If-None-Match"] or ""):
            self._head(HTTPStatus.NOT_MODIFIED, headers)
            return
        self._head(HTTPStatus.OK, {**headers, "Content-Type": content_type(name), "Content-Length": str(len(data))})
        if self.command != "HEAD":
            self.wfile.write(data)

    do_HEAD = do_GET  # noqa: N815 - the name http.server looks for


class _Server(http_server.Server):
    """The server of a folder or a place, its ``source``."""

    def __init__(
        self,
        handler: type[_Handler],
        source: Any,
        address: tuple[str, int],
        log: Callable[[str], None] | None,
        policy: str | None,
    ) -> None:
        self.source = source
        self.log = log
        self.policy = policy
        super().__init__(handler, *address)


class SiteServer:
    """A context manager that serves a folder or a place in S3::

        with SiteServer(Path("cases/site")) as server:
            print(server.url)  # http://127.0.0.1:40123

    Port 0 means any free port. ``log`` is called with a line for every request. ``policy`` is the
    Content-Security-Policy of every response. Entering raises UsageError if the folder does not exist or the address
    cannot be used.
    """

    def __init__(
        self,
        root: Path | str | S3Place,
        host: str = "127.0.0.1",
        port: int = 0,
        log: Callable[[str], None] | None = None,
        policy: str | None = None,
    ) -> None:
        self.root = root if isinstance(root, S3Place) else Path(root)
        self.host = host
        self.port = port
        self._log = log
        self._policy = policy

    @property
    def url(self) -> str:
        """The address of the site, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def __enter__(self) -> Self:
        if isinstance(self.root, Path) and not self.root.is_dir():
            raise UsageError(f"the folder {str(self.root)!r} to serve does not exist; name an existing one")
        address = self.host, self.port
        try:
            if isinstance(self.root, Path):
                self._server = _Server(_Handler, self.root.resolve(), address, self._log, self._policy)
            else:
                self._server = _Server(_PlaceHandler, self.root, address, self._log, self._policy)
        except (OSError, OverflowError) as exc:
            reason = getattr(exc, "strerror", None) or exc
            raise UsageError(
                f"cannot listen on {self.host}:{self.port}: {reason}; choose another with --port N (0: any free one)"
            ) from exc
        self._server.__enter__()
        self.port = self._server.port
        return self

    def wait(self) -> None:
        """Block until the server is closed or the user interrupts (KeyboardInterrupt)."""
        self._server.wait()

    def __exit__(self, *exc_info: object) -> None:
        self._server.__exit__(*exc_info)
