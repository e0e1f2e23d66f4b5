"""Places for files: a folder or an S3 prefix, the same for artifacts and site.

Names are relative, with ``/`` between parts, and never leave their place: neither by their words nor through
a symbolic link that lies in a folder.
"""

import contextlib
import mimetypes
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from uitest import aws
from uitest.errors import PlaceError, UsageError

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".log": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
"""Stated here because the operating system's table differs between machines."""


class Place(Protocol):
    """Somewhere to write files to."""

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        """Put ``data`` at ``name``, whole or not at all. Raises PlaceError."""

    def read(self, name: str) -> bytes | None:
        """What is at ``name``, None if nothing is. Raises PlaceError."""

    def names(self, prefix: str) -> list[str]:
        """Every name that starts with ``prefix``, sorted. Raises PlaceError."""

    def versions(self, prefix: str) -> dict[str, str]:
        """The same names, each with a word that changes when its file does. Raises PlaceError."""

    def delete(self, prefix: str) -> None:
        """Remove every name that starts with ``prefix``. Raises PlaceError."""

    def check(self) -> None:
        """Prove that files can be written, before a run depends on it. Raises PlaceError."""

    @property
    def spec(self) -> str:
        """The words that open this place again."""


def content_type(name: str) -> str:
    """The content type for a file name."""
    suffix = Path(name).suffix.lower()
    return TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def check_name(name: str) -> str:
    """``name`` if it stays inside its place. Raises PlaceError."""
    if "\\" in name or "\0" in name or any(part in ("", ".", "..") for part in name.split("/")):
        raise PlaceError(f"{name!r} is not a file name inside a place; use relative names without '..'")
    return name


def open_place(spec: str) -> Place:
    """The place that ``DIR`` or ``s3://BUCKET/PREFIX`` names. Raises UsageError, PlaceError."""
    scheme, mark, rest = spec.partition("://")
    if mark and scheme == "s3" and not rest.startswith("/"):
        bucket, _, prefix = rest.partition("/")
        if bucket:
            return S3Place(bucket, prefix)
    if mark or not spec.strip():
        raise UsageError(f"place {spec!r} is neither a folder nor s3://BUCKET/PREFIX")
    return FolderPlace(spec)


PROBE = ".uitest-check"
"""Written by ``check``."""

UNFINISHED = re.compile(r"\.[0-9a-f]{16}\.uitest-tmp")
"""A file that is being written; it gets its name when it is whole."""


class FolderPlace:
    """A folder, made when something is written to it."""

    def __init__(self, folder: str | Path) -> None:
        self.spec = str(folder)
        self._root = Path(folder).expanduser().absolute()

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        """Put ``data`` at ``name``, whole or not at all; a folder keeps no content types."""
        path = self._path(name)
        temporary = path.with_name(f".{secrets.token_hex(8)}.uitest-tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_bytes(data)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as exc:
            raise self._broken("write", name, exc) from exc

    def read(self, name: str) -> bytes | None:
        """What is at ``name``, None if nothing is."""
        path = self._path(name)
        try:
            return path.read_bytes() if self._is_inside(path) else None
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as exc:
            raise self._broken("read", name, exc) from exc

    def names(self, prefix: str) -> list[str]:
        """Every name that starts with ``prefix``, sorted; links that lead out are not listed."""
        return sorted(self._found(prefix))

    def versions(self, prefix: str) -> dict[str, str]:
        """The same names, each with its time of change and size; a file that goes meanwhile is left out."""
        found = {}
        for name in self.names(prefix):
            with contextlib.suppress(FileNotFoundError):
                stat = self._path(name).stat()
                # The inode too: two files that replace each other within one tick of the clock may be of one size.
                found[name] = f"{stat.st_mtime_ns:x}-{stat.st_size:x}-{stat.st_ino:x}"
        return found

    def delete(self, prefix: str) -> None:
        """Remove every name that starts with ``prefix``, and the folders that this leaves empty."""
        for name in self.names(prefix):
            path = self._path(name)
            try:
                path.unlink(missing_ok=True)
            except OSError as exc:
                raise self._broken("delete", name, exc) from exc
            self._remove_empty(path.parent)

    def check(self) -> None:
        """Prove that files can be written."""
        self.write(PROBE, b"")
        self._path(PROBE).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        path = self._root / check_name(name)
        if not self._is_inside(path.parent):
            raise PlaceError(f"{name!r} leads out of {self._root} through a symbolic link; remove the link")
        return path

    def _is_inside(self, path: Path) -> bool:
        try:
            resolved = path.resolve()
        except (OSError, RuntimeError):  # a loop of links, before Python 3.13
            return False
        return resolved.is_relative_to(self._root.resolve()) and not resolved.is_symlink()  # a loop, since then

    def _found(self, prefix: str) -> Iterator[str]:
        """Only the folder that the prefix points into is looked at."""
        within = prefix.rpartition("/")[0]
        if within:
            check_name(within)
        start = self._root / within
        if not self._is_inside(start):
            return
        for folder, _, files in os.walk(start):
            for file in files:
                path = Path(folder, file)
                name = path.relative_to(self._root).as_posix()
                if name.startswith(prefix) and not UNFINISHED.fullmatch(file) and self._is_inside(path):
                    yield name

    def _remove_empty(self, folder: Path) -> None:
        """Remove folders upwards until one is in use; the place itself stays."""
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def _broken(self, what: str, name: str, exc: OSError) -> PlaceError:
        return PlaceError(
            f"cannot {what} {name!r} in the folder {self._root}: {exc.strerror or exc}; "
            "check its permissions and the free space, or name another place"
        )


class S3Place:
    """Objects under a prefix of a bucket; S3 itself writes whole objects or none."""

    def __init__(self, bucket: str, prefix: str = "", client: Any = None) -> None:
        """Raises PlaceError."""
        self._bucket = bucket
        prefix = prefix.strip("/")
        self._prefix = check_name(prefix) + "/" if prefix else ""
        self.spec = f"s3://{bucket}/{prefix}".rstrip("/")
        self._resource = aws.Resource(
            "s3", f"S3 bucket {bucket!r}", f"create it with: aws s3 mb s3://{bucket} (or name another)"
        )
        with aws.translating(PlaceError, self._resource):
            self._client = client or aws.client("s3")

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        """Put ``data`` at ``name``."""
        kind = content_type or _type_of(name)
        with aws.translating(PlaceError, self._resource):
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + check_name(name),
                Body=data,
                ContentType=kind,
                # Pages change while a run goes on; CloudFront and browsers ask again, which costs a 304.
                CacheControl="no-cache",
            )

    def address(self, name: str) -> tuple[str, str]:
        """Bucket and key of ``name``, as AWS's own services are told it."""
        return self._bucket, self._prefix + check_name(name)

    def read(self, name: str) -> bytes | None:
        """What is at ``name``, None if nothing is."""
        with aws.translating(PlaceError, self._resource):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + check_name(name))
            except self._client.exceptions.NoSuchKey:
                return None
            data: bytes = answer["Body"].read()
        return data

    def names(self, prefix: str) -> list[str]:
        """Every name that starts with ``prefix``, sorted."""
        return sorted(self.versions(prefix))

    def versions(self, prefix: str) -> dict[str, str]:
        """The same names, each with its ETag, which S3 changes with the content."""
        with aws.translating(PlaceError, self._resource):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            found = [(item["Key"], item["ETag"]) for page in pages for item in page.get("Contents", ())]
        return {key[len(self._prefix) :]: tag for key, tag in found}

    def delete(self, prefix: str) -> None:
        """Remove every name that starts with ``prefix``."""
        names = self.names(prefix)
        for start in range(0, len(names), 1000):  # as many as one request takes
            objects = [{"Key": self._prefix + name} for name in names[start : start + 1000]]
            with aws.translating(PlaceError, self._resource):
                answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
            for refused in answer.get("Errors", ()):
                raise PlaceError(
                    f"cannot delete {refused.get('Key')!r} in {self._resource.name}: "
                    f"{refused.get('Message')}; allow s3:DeleteObject in the IAM policy"
                )

    def check(self) -> None:
        """Prove that files can be written; a run needs no right to delete, so the probe stays."""
        self.write(PROBE, b"")


_type_of = content_type
"""For ``write``, whose parameter has the same name."""
