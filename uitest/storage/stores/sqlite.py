"""The SQLite store: one file, safe for several processes and for threads that share one object.

With WAL, readers are not blocked by a writer; ``synchronous=NORMAL`` may lose the last transactions in a power cut but
does not damage the file. Every write is one ``BEGIN IMMEDIATE`` transaction, so that a condition is checked and applied
under the same lock. Trade-off: WAL does not work on network file systems.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from uitest.errors import RowsLost, RunChanged, RunExists, StoreError, UnknownRun
from uitest.model import Attempt, Job, JobRow, Module, Past, Run

VERSION = 2
"""Version of the schema below, kept in the file as ``user_version``."""

PAST = "CREATE TABLE past (key TEXT PRIMARY KEY, duration_s REAL, failed INTEGER NOT NULL) WITHOUT ROWID"

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
"""

MIGRATIONS = {1: PAST}
"""SQL that migrates each version to the next; run when a file is opened."""

ROW = 'SELECT module, "case", browser, timeout, attempt, owner, lease_until, claimed_at, attempts FROM jobs'

INSERT = 'INSERT INTO jobs (run, key, ordinal, module, "case", browser, timeout)'
CLAIM = "UPDATE jobs SET attempt = :number, owner = :owner, lease_until = :until, claimed_at = :now"
PROLONG = "UPDATE jobs SET lease_until = :until"
FINISH = "UPDATE jobs SET attempts = :attempts, owner = NULL, lease_until = NULL"

NEXT = "attempt = :number - 1"
FREE = "(owner IS NULL OR lease_until <= :now)"
SEEN = "json_array_length(attempts) = coalesce(:reported, json_array_length(attempts))"
MINE = "owner = :owner AND attempt = :number"
THIS_JOB = "run = :run AND key = :key"

REMEMBER = """
INSERT INTO past VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE
SET duration_s = coalesce(excluded.duration_s, duration_s), failed = excluded.failed
"""


class SqliteStore:
    """A Store in the file at ``path``, which is created with its folder if necessary."""

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

    def put_modules(self, modules: Iterable[Module]) -> None:
        """Write the modules, each replacing the one of its name."""
        rows = [(module.name, _module_text(module)) for module in modules]
        with self._write() as db:
            db.executemany("INSERT OR REPLACE INTO modules VALUES (?, ?)", rows)

    def delete_modules(self, names: Iterable[str]) -> None:
        """Delete modules; unknown names are ignored."""
        with self._write() as db:
            db.executemany("DELETE FROM modules WHERE name = ?", [(name,) for name in names])

    def modules(self) -> list[Module]:
        """All modules, sorted by name."""
        rows = self._read("SELECT name, data FROM modules ORDER BY name")
        with self._decoding("its modules"):
            return [_module(*row) for row in rows]

    def create_run(self, run: Run, jobs: Sequence[Job]) -> None:
        """Write header and jobs in one transaction. Raises RunExists."""
        rows = [(run.id, j.key, n, j.module, j.case, j.browser, j.timeout) for n, j in enumerate(jobs)]
        with self._write() as db:
            header = (run.id, run.started_at, json.dumps(run.to_json()))
            if not db.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?)", header).rowcount:
                raise RunExists(f"a run {run.id!r} is already in the store; choose another --run-id or resume it")
            db.executemany(f"{INSERT} VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def update_run(self, run_id: str, expected: Mapping[str, Any] | None = None, **changes: Any) -> Run:
        """Change these fields of the header, and return the new header. Raises UnknownRun, RunChanged."""
        with self._write() as db:
            with self._decoding(f"run {run_id!r}"):
                before = _one_run(run_id, db.execute("SELECT data FROM runs WHERE id = ?", (run_id,)))
            run = replace(before, **changes)
            if before != run and any(getattr(before, name) != value for name, value in (expected or {}).items()):
                raise RunChanged(f"run {run_id!r} was changed by another process; see: uitest status {run_id}")
            db.execute(
                "UPDATE runs SET started_at = ?, data = ? WHERE id = ?",
                (run.started_at, json.dumps(run.to_json()), run_id),
            )
        return run

    def run(self, run_id: str) -> Run:
        """The header. Raises UnknownRun."""
        rows = self._read("SELECT data FROM runs WHERE id = ?", (run_id,))
        with self._decoding(f"run {run_id!r}"):
            return _one_run(run_id, rows)

    def runs(self, limit: int = 1000) -> list[Run]:
        """Headers, newest ``started_at`` first."""
        rows = self._read("SELECT id, data FROM runs ORDER BY started_at DESC, id DESC LIMIT ?", (limit,))
        runs = []
        for run_id, data in rows:
            with self._decoding(f"run {run_id!r}"):
                runs.append(Run.from_json(json.loads(data)))
        return runs

    def delete_run(self, run_id: str) -> None:
        """Delete a run and its jobs; an unknown run is ignored."""
        with self._write() as db:
            db.execute("DELETE FROM jobs WHERE run = ?", (run_id,))
            db.execute("DELETE FROM runs WHERE id = ?", (run_id,))

    def jobs(self, run_id: str) -> list[JobRow]:
        """All rows of a run in plan order; empty for an unknown run."""
        rows = self._read(f"{ROW} WHERE run = ? ORDER BY ordinal", (run_id,))
        with self._decoding(f"a job of run {run_id!r}"):
            return [_row(*row) for row in rows]

    def job(self, run_id: str, key: str) -> JobRow | None:
        """One row."""
        rows = self._read(f"{ROW} WHERE {THIS_JOB}", {"run": run_id, "key": key})
        with self._decoding(f"a job of run {run_id!r}"):
            return _row(*rows[0]) if rows else None

    def claim(
        self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float, reported: int | None = None
    ) -> bool:
        """Claim attempt ``number``; True also for a repeat by its owner."""
        values = {
            "run": run_id,
            "key": key,
            "number": number,
            "owner": owner,
            "now": now,
            "until": now + lease_s,
            "reported": reported,
        }
        with self._write() as db:
            taken = db.execute(f"{CLAIM} WHERE {THIS_JOB} AND {NEXT} AND {FREE} AND {SEEN}", values).rowcount
            return bool(taken or db.execute(f"{ROW} WHERE {THIS_JOB} AND {MINE}", values).fetchone())

    def heartbeat(self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float) -> bool:
        """Extend the lease; False if ``owner`` no longer holds the attempt."""
        values = {"run": run_id, "key": key, "number": number, "owner": owner, "until": now + lease_s}
        with self._write() as db:
            return bool(db.execute(f"{PROLONG} WHERE {THIS_JOB} AND {MINE}", values).rowcount)

    def finish(self, run_id: str, key: str, attempt: Attempt) -> bool:
        """Record an attempt and release the job; False if it is superseded, True for a repeat of one's own."""
        values: dict[str, Any] = {"run": run_id, "key": key, "number": attempt.number, "owner": attempt.owner}
        with self._write() as db:
            stored = db.execute(f"{ROW} WHERE {THIS_JOB}", values).fetchone()
            if stored is None:
                return False
            with self._decoding(f"a job of run {run_id!r}"):
                row = _row(*stored)
            if any((a.number, a.owner) == (attempt.number, attempt.owner) for a in row.attempts):
                return True
            values["attempts"] = json.dumps([a.to_json() for a in (*row.attempts, attempt)])
            return bool(db.execute(f"{FINISH} WHERE {THIS_JOB} AND {MINE}", values).rowcount)

    def past(self, keys: Iterable[str]) -> dict[str, Past]:
        """The records of earlier runs for these job keys, without unknown ones."""
        sql = "SELECT key, duration_s, failed FROM past WHERE key IN (SELECT value FROM json_each(?))"
        rows = self._read(sql, (json.dumps(list(keys)),))
        return {key: Past(duration_s, bool(failed)) for key, duration_s, failed in rows}

    def remember(self, past: Mapping[str, Past]) -> None:
        """Save records for later runs; a duration of None keeps the earlier one."""
        with self._write() as db:
            db.executemany(REMEMBER, [(key, record.duration_s, record.failed) for key, record in past.items()])

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
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
        with self._write() as db:
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

    def _read(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        with self._lock, self._translated():
            rows = self._db.execute(sql, values).fetchall()
            self._check_file()
            return rows

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
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
    def _decoding(self, what: str) -> Iterator[None]:
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


def _module_text(module: Module) -> str:
    return json.dumps([module.cases, module.browsers, module.timeout, module.tags])


def _module(name: str, data: str) -> Module:
    cases, browsers, timeout, tags = json.loads(data)
    return Module(name, tuple(cases), tuple(browsers), timeout, tuple(tags))


def _one_run(run_id: str, rows: Iterable[Any]) -> Run:
    for (data,) in rows:
        return Run.from_json(json.loads(data))
    raise UnknownRun(f"no run {run_id!r} in the store; see: uitest status")


def _row(
    module: str,
    case: str,
    browser: str,
    timeout: float | None,
    attempt: int,
    owner: str | None,
    lease_until: float | None,
    claimed_at: float | None,
    attempts: str,
) -> JobRow:
    finished = () if attempts == "[]" else tuple(map(Attempt.from_json, json.loads(attempts)))
    job = Job(module, case, browser, timeout)
    return JobRow(job, attempt, owner, lease_until, claimed_at, finished)
