"""What is particular to the SQLite store; what all stores promise is in ``tests/contract``."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.builders import NOW, make_jobs, make_run
from uitest.errors import StoreError
from uitest.model import Module
from uitest.stores import open_store
from uitest.stores.sqlite import VERSION, SqliteStore


def refusal(path: Path) -> str:
    """The one line that opening ``path`` is refused with."""
    with pytest.raises(StoreError) as caught:
        SqliteStore(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_open_store_makes_folders(tmp_path: Path) -> None:
    """``sqlite:PATH`` makes the file and the folders above it, in WAL mode, and keeps what is written."""
    path = tmp_path / "a" / "b" / "uitest.db"
    for _ in range(2):
        store = open_store(f"sqlite:{path}")
        store.put_modules([Module("m", ("tc",))])
        assert [module.name for module in store.modules()] == ["m"]
        store.close()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    db.close()


def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Workers that start together on a file that is not there yet all get a working store."""

    def open_one(_: int) -> int:
        store = SqliteStore(tmp_path / "uitest.db")
        found = len(store.runs())
        store.close()
        return found

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(open_one, range(24))) == [0] * 24


def test_not_a_database(tmp_path: Path) -> None:
    """A file of something else is named and left as it is."""
    path = tmp_path / "notes.db"
    path.write_text("these are my notes, please keep them\n" * 50)
    assert "move it away" in refusal(path)
    assert path.read_text().startswith("these are my notes")


def test_damaged_database(tmp_path: Path) -> None:
    """Damage that shows only when rows are read is a StoreError too."""
    path = tmp_path / "uitest.db"
    store = SqliteStore(path)
    store.create_run(make_run(), make_jobs(500))
    store.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    damaged = SqliteStore(path)
    with pytest.raises(StoreError, match="is not a sound uitest database"):
        damaged.jobs("r1")
    damaged.close()


def test_database_of_another_program(tmp_path: Path) -> None:
    """A sound database that is not ours gets no tables of ours."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    assert "belongs to another program" in refusal(path)


def test_newer_version(tmp_path: Path) -> None:
    """A file of a newer uitest is refused rather than misread."""
    path = tmp_path / "uitest.db"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    assert f"version {VERSION + 1}" in refusal(path)


def test_path_is_a_folder(tmp_path: Path) -> None:
    """A folder cannot be opened as a database."""
    assert "unable to open" in refusal(tmp_path)


def test_folder_cannot_be_made(tmp_path: Path) -> None:
    """A file where a folder is needed is told."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot make the folder .*file"):
        SqliteStore(tmp_path / "file" / "uitest.db")


def test_locked_database(tmp_path: Path) -> None:
    """A write lock that another process never gives back ends in an error, not in waiting for ever."""
    path = tmp_path / "uitest.db"
    store = SqliteStore(path, busy_s=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process is holding it"):
        store.put_modules([])
    assert store.modules() == []
    other.close()
    store.put_modules([Module("m", ("tc",))])
    store.close()


def test_failed_write_is_undone(tmp_path: Path) -> None:
    """A plan that names a job twice is refused whole; nothing of the run stays."""
    store = SqliteStore(tmp_path / "uitest.db")
    with pytest.raises(StoreError):
        store.create_run(make_run(), make_jobs(3) + make_jobs(1) * 2)
    assert store.runs() == []
    assert store.jobs("r1") == []
    store.create_run(make_run(), make_jobs(1))
    assert store.claim("r1", make_jobs(1)[0].key, 1, "me", NOW, 30)
    store.close()
