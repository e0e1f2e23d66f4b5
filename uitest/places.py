"""Places for files: a folder or an S3 prefix, the same for artifacts and site.

Names are relative, with ``/`` between parts, and never leave their place.
"""

import mimetypes
from pathlib import Path
from typing import Protocol

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

    def delete(self, prefix: str) -> None:
        """Remove every name that starts with ``prefix``. Raises PlaceError."""

    @property
    def spec(self) -> str:
        """The words that open this place again."""


def content_type(name: str) -> str:
    """The content type for a file name."""
    suffix = Path(name).suffix.lower()
    return TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def check_name(name: str) -> str:
    """``name`` if it stays inside its place. Raises PlaceError."""
    parts = name.split("/")
    if not name or name.startswith("/") or "\\" in name or "\0" in name or any(p in ("", ".", "..") for p in parts):
        raise PlaceError(f"{name!r} is not a file name inside a place; use relative names without '..'")
    return name
