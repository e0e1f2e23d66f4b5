"""A place for files in a ZIP archive: ``--artifacts zip://PATH``."""

import fcntl
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from uitest.types import Place, PlaceError


class ZipPlace:
    """The newest entry of a name counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.spec = f"zip://{path}"

    @contextmanager
    def _archive(self) -> Iterator[zipfile.ZipFile]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                with zipfile.ZipFile(self._path, "a") as archive:
                    yield archive
        except OSError as exc:
            raise PlaceError(f"{self.spec} cannot be used: {exc.strerror}") from exc

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        self.delete(name)
        with self._archive() as archive:
            archive.writestr(name, data)

    def read(self, name: str) -> bytes | None:
        with self._archive() as archive:
            return archive.read(name) if name in archive.namelist() else None

    def names(self, prefix: str) -> list[str]:
        return sorted(self.versions(prefix))

    def versions(self, prefix: str) -> dict[str, str]:
        with self._archive() as archive:
            return {info.filename: f"{info.CRC}" for info in archive.infolist() if info.filename.startswith(prefix)}

    def delete(self, prefix: str) -> None:
        with self._archive() as archive:
            kept = {name: archive.read(name) for name in archive.namelist() if not name.startswith(prefix)}
            if len(kept) == len(archive.namelist()):
                return
        with self._archive(), zipfile.ZipFile(self._path, "w") as archive:
            for name, data in kept.items():
                archive.writestr(name, data)

    def check(self) -> None:
        with self._archive():
            pass


def open_place(path: str) -> Place:
    """The archive ``path``."""
    return ZipPlace(Path(path))
