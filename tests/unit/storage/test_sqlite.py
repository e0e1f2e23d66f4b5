"""What is particular to the SQLite store; what all stores promise is in ``tests/contract``."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.builders import NOW, make_attempt, make_jobs, make_run
from uitest.errors import StoreError
from uitest.model import Module, Past
from uitest.storage.stores import open_store
from uitest.storage.stores.sqlite import SqliteStore
from uitest.storage.stores.sqlite_file import VERSION


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
        result = len(store.runs())
        store.close()
        return result

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(open_one, range(24))) == [0] * 24


def test_other_file_is_named_and_unchanged(tmp_path: Path) -> None:
    """A file of another kind is named in the error and not changed."""
    path = tmp_path / "notes.db"
    path.write_text("these are my notes, please keep them\n" * 50)
    assert "move it away" in refusal(path)
    assert path.read_text().startswith("these are my notes")


def test_damage_found_while_reading_is_a_store_error(tmp_path: Path) -> None:
    """Damage that shows only while reading is a StoreError."""
    path = tmp_path / "uitest.db"
    store = SqliteStore(path)
    store.create_run(make_run(), make_jobs(500))
    store.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    damaged = SqliteStore(path)
    with pytest.raises(StoreError, match="is not a valid uitest database"):
        damaged.jobs("r1")
    damaged.close()


def test_database_of_another_program(tmp_path: Path) -> None:
    """A sound database that is not ours gets no tables of ours."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    assert "belongs to another program" in refusal(path)


def test_newer_schema_is_rejected(tmp_path: Path) -> None:
    """A file of a newer uitest is rejected."""
    path = tmp_path / "uitest.db"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    assert f"version {VERSION + 1}" in refusal(path)


VERSION_1 = """
CREATE TABLE modules (name TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (id TEXT PRIMARY KEY, started_at REAL NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE jobs (
    run TEXT NOT NULL, key TEXT NOT NULL, ordinal INTEGER NOT NULL,
    module TEXT NOT NULL, "case" TEXT NOT NULL, browser TEXT NOT NULL, timeout REAL,
    attempt INTEGER NOT NULL DEFAULT 0, owner TEXT, lease_until REAL, claimed_at REAL,
    attempts TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (run, key)
) WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs (started_at);
CREATE INDEX jobs_in_order ON jobs (run, ordinal);
INSERT INTO modules VALUES ('m', '[["tc"], [], null, []]');
INSERT INTO runs VALUES ('r1', 5.0, '{"id": "r1", "url": "http://x", "started_at": 5.0, "state": "running"}');
PRAGMA journal_mode = WAL;
PRAGMA user_version = 1;
"""


def test_version_1_is_brought_up_to_date(tmp_path: Path) -> None:
    """A file that an older uitest wrote keeps its modules and runs and learns to remember, whoever opens it first."""
    path = tmp_path / "uitest.db"
    with sqlite3.connect(path) as db:
        db.executescript(VERSION_1)
        job = make_jobs(1)[0]
        arguments = ("r1", job.key, 0, job.module, job.case, job.browser, job.timeout)
        db.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, 0, NULL, NULL, NULL, '[]')", arguments)
    db.close()
    with ThreadPoolExecutor(6) as pool:
        first, *others = pool.map(lambda _: SqliteStore(path), range(6))
    assert [module.name for module in first.modules()] == ["m"]
    assert [run.id for run in first.runs()] == ["r1"]
    assert first.claim("r1", job.key, 1, "me", NOW, 30)
    assert first.finish("r1", job.key, make_attempt())
    first.remember({job.key: Past(1.5, True)})
    assert others[0].past([job.key]) == {job.key: Past(1.5, True)}
    for store in (first, *others):
        store.close()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    db.close()


def test_path_is_a_folder(tmp_path: Path) -> None:
    """A folder cannot be opened as a database."""
    assert "unable to open" in refusal(tmp_path)


def test_folder_cannot_be_made(tmp_path: Path) -> None:
    """A file where a folder is needed is told."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot create the folder .*file"):
        SqliteStore(tmp_path / "file" / "uitest.db")


def test_permanent_lock_is_an_error(tmp_path: Path) -> None:
    """A lock that another process never releases ends in an error."""
    path = tmp_path / "uitest.db"
    store = SqliteStore(path, busy_s=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process has locked it"):
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


@pytest.mark.parametrize("text", ["{", "[]", '{"id": "r"}', '{"state": "odd"}', "null", "\x00"])
def test_broken_text_in_a_sound_file(tmp_path: Path, text: str) -> None:
    """What somebody has written into a row is told with the file's name, and never a traceback."""
    path = tmp_path / "u.db"
    store = SqliteStore(path)
    store.create_run(make_run(), make_jobs(1))
    store.put_modules([Module("m", ("a",))])
    with sqlite3.connect(path) as other:
        other.execute("UPDATE runs SET data = ?", (text,))
        other.execute("UPDATE jobs SET attempts = ?", (text,))
        other.execute("UPDATE modules SET data = ?", (text,))
    other.close()
    key = make_jobs(1)[0].key
    reads: list[Callable[[], object]] = [
        lambda: store.run("r1"), store.runs, lambda: store.update_run("r1", note="x"), lambda: store.modules(),
    ]  # fmt: skip
    if text not in ("[]", "null"):
        reads += [lambda: store.jobs("r1"), lambda: store.job("r1", key)]
    for read in reads:
        with pytest.raises(StoreError, match="cannot be read"):
            read()
    store.close()
