"""The file of the SQLite store: its schema, transactions, and readable errors.

With WAL, readers are not blocked by a writer; ``synchronous=NORMAL`` may lose the last transactions in a power cut but
does not damage the file. Every write is one ``BEGIN IMMEDIATE`` transaction, so that a condition is checked and applied
under the same lock. Trade-off: WAL does not work on network file systems.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from uitest.errors import RowsLost, StoreError

VERSION = 3
"""Version of the schema below, kept in the file as ``user_version``."""

PAST = "CREATE TABLE past (key TEXT PRIMARY KEY, duration_s REAL, failed INTEGER NOT NULL) WITHOUT ROWID"
QUARANTINE = "CREATE TABLE quarantine (id TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID"

SCHEMA = f"""
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
{PAST};
{QUARANTINE};
"""

MIGRATIONS = {1: PAST, 2: QUARANTINE}
"""SQL that migrates each version to the next; run when a file is opened."""


class SqliteFile:
    """The file at ``path``, which is created with its folder if necessary; threads may share the object."""

    def __init__(self, path: str | Path, busy_s: float = 30.0) -> None:
        """``busy_s``: how long to wait for another process's write. Raises StoreError."""
        self._path = Path(path).expanduser().absolute()
        self._lock = threading.RLock()
        self._file: tuple[int, int] | None = None
        with self._translated():
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as exc:
                raise StoreError(f"cannot create the folder {self._path.parent}: {exc.strerror}") from exc
            self._db = sqlite3.connect(self._path, timeout=busy_s, isolation_level=None, check_same_thread=False)
            try:
                self._prepare(busy_s)
                self._file = self._identity()
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """Close the file; it cannot be used afterwards."""
        with self._lock:
            self._db.close()

    def _prepare(self, busy_s: float) -> None:
        """Configure this connection, and create or migrate the tables."""
        version = self._version()
        self._db.execute("PRAGMA synchronous = NORMAL")
        if version == VERSION:
            return
        if version == 0:
            self._switch_to_wal(busy_s)
        with self.write() as db:
            version = self._version()  # another process may have been quicker
            if version == 0:
                if db.execute("SELECT 1 FROM sqlite_master").fetchone():
                    raise StoreError(
                        f"{self._path} belongs to another program; name another file with --store sqlite:PATH"
                    )
                # One by one: executescript would commit the transaction first.
                for statement in SCHEMA.split(";"):
                    db.execute(statement)
            else:
                for older in range(version, VERSION):
                    db.execute(MIGRATIONS[older])
            db.execute(f"PRAGMA user_version = {VERSION}")

    def _version(self) -> int:
        """Version of the file's schema, 0 if it has none. Raises StoreError for one that is newer than this program."""
        version: int = self._db.execute("PRAGMA user_version").fetchone()[0]
        if not 0 <= version <= VERSION:
            raise StoreError(
                f"{self._path} has schema version {version}, this uitest supports {VERSION}; "
                "use the uitest that wrote it or name another file with --store sqlite:PATH"
            )
        return version

    def _switch_to_wal(self, busy_s: float) -> None:
        """Switch to WAL, with retries: for this step SQLite does not wait for other processes."""
        deadline = time.monotonic() + busy_s
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as exc:
                if "locked" not in str(exc) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def read(
        self,
        sql: str,
        values: Sequence[Any] | Mapping[str, Any] = (),
        decode: Callable[[tuple[Any, ...]], Any] = lambda row: row,
    ) -> list[Any]:
        """The rows of a query, each decoded as it is read: of a large run, the texts take more memory than the result.

        Raises StoreError, and RowsLost if the file is no longer the one that was opened.
        """
        with self._lock, self._translated():
            rows = [decode(row) for row in self._db.execute(sql, values)]
            self._check_file()
            return rows

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its start; rolled back if the block raises."""
        with self._lock, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
                self._check_file()
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _identity(self) -> tuple[int, int] | None:
        """Device and inode of the file at our path; None if there is none."""
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_dev, stat.st_ino

    def _check_file(self) -> None:
        """Raises RowsLost if the file was deleted or replaced: nobody else sees then what we write."""
        if self._file is not None and self._identity() != self._file:
            raise RowsLost(
                f"the database {self._path} was deleted or replaced while it was in use, and its rows are lost; "
                "make sure that no case or script deletes it, or name another file with --store sqlite:PATH"
            )

    @contextmanager
    def decoding(self, what: str) -> Iterator[None]:
        """Raises StoreError for a row that cannot be decoded."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            raise StoreError(
                f"{self._path}: {what} cannot be read ({type(exc).__name__}: {exc}); move the file away, or name "
                "another with --store sqlite:PATH"
            ) from exc

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as exc:
            raise StoreError(f"cannot use the database {self._path} ({exc}); {_advice(str(exc))}") from exc
        except sqlite3.DatabaseError as exc:
            if isinstance(exc, sqlite3.ProgrammingError):
                raise
            raise StoreError(
                f"{self._path} is not a valid uitest database ({exc}); "
                "move it away, or name another file with --store sqlite:PATH"
            ) from exc


def _advice(problem: str) -> str:
    """What to do about a database that SQLite cannot use."""
    if "locked" in problem:
        return "another process has locked it; end that process"
    if "readonly" in problem:
        return "this user may not write it, which reading needs too; copy it, or name another with --store sqlite:PATH"
    return "check its permissions and the free space, or name another file with --store sqlite:PATH"
