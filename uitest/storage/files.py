"""Reads and writes artifacts and site files in a *place*: a folder or an S3 prefix.

Names are relative with ``/`` between parts. No name leads out of its place, neither with ``..`` nor through a
symbolic link in a folder.
"""

import contextlib
import mimetypes
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from uitest import aws, extensions
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
"""Content types by suffix; the operating system's table differs between machines."""


class Place(Protocol):
    """A folder or S3 prefix that holds files by name."""

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        """Write ``data`` to ``name`` atomically. Raises PlaceError."""

    def read(self, name: str) -> bytes | None:
        """The content of ``name``, None if there is no such file. Raises PlaceError."""

    def names(self, prefix: str) -> list[str]:
        """Every name that starts with ``prefix``, sorted. Raises PlaceError."""

    def versions(self, prefix: str) -> dict[str, str]:
        """The same names, each with a version string that changes with the file. Raises PlaceError."""

    def delete(self, prefix: str) -> None:
        """Remove every name that starts with ``prefix``. Raises PlaceError."""

    def check(self) -> None:
        """Write a probe file, to find a place that is not writable before a run needs it. Raises PlaceError."""

    @property
    def spec(self) -> str:
        """The ``DIR`` or ``s3://BUCKET/PREFIX`` that opens this place."""


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
    """The place that ``DIR`` or ``s3://BUCKET/PREFIX`` names, or an extension's ``NAME://...``.

    Raises UsageError, PlaceError.
    """
    scheme, mark, rest = spec.partition("://")
    if mark and scheme == "s3" and not rest.startswith("/"):
        bucket, _, prefix = rest.partition("/")
        if bucket:
            return S3Place(bucket, prefix)
    if mark and scheme != "s3" and (place := extensions.make(extensions.FILES, scheme, Place, rest)) is not None:
        extended: Place = place
        return extended
    if mark or not spec.strip():
        raise UsageError(f"place {spec!r} is neither a folder nor s3://BUCKET/PREFIX")
    return FolderPlace(spec)


PROBE = ".uitest-check"
"""Name of the probe file that ``check`` writes."""

UNFINISHED = re.compile(r"\.[0-9a-f]{16}\.uitest-tmp")
"""Names of temporary files, which are renamed when they are complete."""


class FolderPlace:
    """A folder, created by the first write."""

    def __init__(self, folder: str | Path) -> None:
        self.spec = str(folder)
        self._root = Path(folder).expanduser().absolute()

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        """Write ``data`` to ``name`` atomically; the content type is not kept."""
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
            raise self._error("write", name, exc) from exc

    def read(self, name: str) -> bytes | None:
        """The content of ``name``, None if there is no such file."""
        path = self._path(name)
        try:
            return path.read_bytes() if self._is_inside(path) else None
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as exc:
            raise self._error("read", name, exc) from exc

    def names(self, prefix: str) -> list[str]:
        """Every name that starts with ``prefix``, sorted, without links that lead out of the folder."""
        return sorted(self._walk(prefix))

    def versions(self, prefix: str) -> dict[str, str]:
        """The same names, each with its modification time, size and inode; files deleted meanwhile are left out."""
        versions = {}
        for name in self.names(prefix):
            with contextlib.suppress(FileNotFoundError):
                stat = self._path(name).stat()
                # The inode tells apart files of one size that replace each other within one tick of the clock.
                versions[name] = f"{stat.st_mtime_ns:x}-{stat.st_size:x}-{stat.st_ino:x}"
        return versions

    def delete(self, prefix: str) -> None:
        """Delete every file whose name starts with ``prefix``, and folders that are empty afterwards."""
        for name in self.names(prefix):
            path = self._path(name)
            try:
                path.unlink(missing_ok=True)
            except OSError as exc:
                raise self._error("delete", name, exc) from exc
            self._remove_empty(path.parent)

    def check(self) -> None:
        """Write and delete a probe file."""
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

    def _walk(self, prefix: str) -> Iterator[str]:
        """The names that start with ``prefix``; only the folder that it points into is searched."""
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
        """Delete the folder and its parents as long as they are empty; the root stays."""
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def _error(self, action: str, name: str, exc: OSError) -> PlaceError:
        return PlaceError(
            f"cannot {action} {name!r} in the folder {self._root}: {exc.strerror or exc}; "
            "check its permissions and the free space, or name another place"
        )


class S3Place:
    """Objects under a prefix of an S3 bucket, whose writes are atomic."""

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
        """Write ``data`` to ``name``."""
        kind = content_type or _type_of(name)
        with aws.translating(PlaceError, self._resource):
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + check_name(name),
                Body=data,
                ContentType=kind,
                # Pages change during a run: CloudFront and browsers must revalidate, which costs a 304.
                CacheControl="no-cache",
            )

    def address(self, name: str) -> tuple[str, str]:
        """Bucket and key of ``name``, for requests to other AWS services."""
        return self._bucket, self._prefix + check_name(name)

    def read(self, name: str) -> bytes | None:
        """The content of ``name``, None if there is no such object."""
        with aws.translating(PlaceError, self._resource):
            try:
                response = self._client.get_object(Bucket=self._bucket, Key=self._prefix + check_name(name))
            except self._client.exceptions.NoSuchKey:
                return None
            data: bytes = response["Body"].read()
        return data

    def names(self, prefix: str) -> list[str]:
        """Every name that starts with ``prefix``, sorted."""
        return sorted(self.versions(prefix))

    def versions(self, prefix: str) -> dict[str, str]:
        """The same names, each with its ETag, which changes with the content."""
        with aws.translating(PlaceError, self._resource):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            tags = [(item["Key"], item["ETag"]) for page in pages for item in page.get("Contents", ())]
        return {key[len(self._prefix) :]: tag for key, tag in tags}

    def delete(self, prefix: str) -> None:
        """Delete every object whose name starts with ``prefix``."""
        names = self.names(prefix)
        for start in range(0, len(names), 1000):  # the limit of one request
            objects = [{"Key": self._prefix + name} for name in names[start : start + 1000]]
            with aws.translating(PlaceError, self._resource):
                response = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
            for error in response.get("Errors", ()):
                raise PlaceError(
                    f"cannot delete {error.get('Key')!r} in {self._resource.name}: "
                    f"{error.get('Message')}; allow s3:DeleteObject in the IAM policy"
                )

    def check(self) -> None:
        """Write a probe object; it stays, because a run needs no permission to delete."""
        self.write(PROBE, b"")


_type_of = content_type
"""Alias for ``write``, whose parameter has the same name."""
