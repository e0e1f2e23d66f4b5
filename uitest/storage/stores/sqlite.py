"""The SQLite store: one file (``sqlite_file``), safe for several processes and for threads that share one object."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from sys import intern
from typing import Any

from uitest.errors import RunChanged, RunExists, UnknownRun
from uitest.model import Attempt, Job, JobRow, Module, Past, Run
from uitest.quarantine import Quarantine
from uitest.storage.stores.sqlite_file import SqliteFile

ROW = 'SELECT module, "case", browser, timeout, attempt, owner, lease_until, claimed_at, attempts FROM jobs'

INSERT = 'INSERT INTO jobs (run, key, ordinal, module, "case", browser, timeout)'
CLAIM = "UPDATE jobs SET attempt = :number, owner = :owner, lease_until = :until, claimed_at = :now"
PROLONG = "UPDATE jobs SET lease_until = :until"
FINISH = "UPDATE jobs SET attempts = :attempts, owner = NULL, lease_until = NULL"

NEXT = "attempt = :number - 1"
FREE = "(owner IS NULL OR lease_until <= :now)"
SEEN = "json_array_length(attempts) = coalesce(:reported, json_array_length(attempts))"
MINE = "owner = :owner AND attempt = :number"
CLAIMED = "(:since IS NULL OR owner IS NOT NULL OR claimed_at >= :since)"
THIS_JOB = "run = :run AND key = :key"

REMEMBER = """
INSERT INTO past VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE
SET duration_s = coalesce(excluded.duration_s, duration_s), failed = excluded.failed
"""


class SqliteStore:
    """A Store in the file at ``path``, which is created with its folder if necessary."""

    def __init__(self, path: str | Path, busy_s: float = 30.0) -> None:
        """``busy_s``: how long to wait for another process's write. Raises StoreError."""
        self._file = SqliteFile(path, busy_s)

    def put_modules(self, modules: Iterable[Module]) -> None:
        """Write the modules, each replacing the one of its name."""
        rows = [(module.name, _module_text(module)) for module in modules]
        with self._file.write() as db:
            db.executemany("INSERT OR REPLACE INTO modules VALUES (?, ?)", rows)

    def delete_modules(self, names: Iterable[str]) -> None:
        """Delete modules; unknown names are ignored."""
        with self._file.write() as db:
            db.executemany("DELETE FROM modules WHERE name = ?", [(name,) for name in names])

    def modules(self) -> list[Module]:
        """All modules, sorted by name."""
        rows = self._file.read("SELECT name, data FROM modules ORDER BY name")
        with self._file.decoding("its modules"):
            return [_module(*row) for row in rows]

    def create_run(self, run: Run, jobs: Sequence[Job]) -> None:
        """Write header and jobs in one transaction. Raises RunExists."""
        rows = [(run.id, j.key, n, j.module, j.case, j.browser, j.timeout) for n, j in enumerate(jobs)]
        with self._file.write() as db:
            header = (run.id, run.started_at, json.dumps(run.to_json()))
            if not db.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?)", header).rowcount:
                raise RunExists(f"a run {run.id!r} is already in the store; choose another --run-id or resume it")
            db.executemany(f"{INSERT} VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def update_run(self, run_id: str, expected: Mapping[str, Any] | None = None, **changes: Any) -> Run:
        """Change these fields of the header, and return the new header. Raises UnknownRun, RunChanged."""
        with self._file.write() as db:
            with self._file.decoding(f"run {run_id!r}"):
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
        rows = self._file.read("SELECT data FROM runs WHERE id = ?", (run_id,))
        with self._file.decoding(f"run {run_id!r}"):
            return _one_run(run_id, rows)

    def runs(self, limit: int = 1000) -> list[Run]:
        """Headers, newest ``started_at`` first."""
        rows = self._file.read("SELECT id, data FROM runs ORDER BY started_at DESC, id DESC LIMIT ?", (limit,))
        runs = []
        for run_id, data in rows:
            with self._file.decoding(f"run {run_id!r}"):
                runs.append(Run.from_json(json.loads(data)))
        return runs

    def delete_run(self, run_id: str) -> None:
        """Delete a run and its jobs; an unknown run is ignored."""
        with self._file.write() as db:
            db.execute("DELETE FROM jobs WHERE run = ?", (run_id,))
            db.execute("DELETE FROM runs WHERE id = ?", (run_id,))

    def jobs(self, run_id: str, claimed_since: float | None = None) -> list[JobRow]:
        """All rows of a run in plan order, or only those that are held or were claimed since then."""
        values = {"run": run_id, "since": claimed_since}
        with self._file.decoding(f"a job of run {run_id!r}"):
            return self._file.read(f"{ROW} WHERE run = :run AND {CLAIMED} ORDER BY ordinal", values, _row)

    def job(self, run_id: str, key: str) -> JobRow | None:
        """One row."""
        with self._file.decoding(f"a job of run {run_id!r}"):
            rows = self._file.read(f"{ROW} WHERE {THIS_JOB}", {"run": run_id, "key": key}, _row)
        return rows[0] if rows else None

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
        with self._file.write() as db:
            taken = db.execute(f"{CLAIM} WHERE {THIS_JOB} AND {NEXT} AND {FREE} AND {SEEN}", values).rowcount
            return bool(taken or db.execute(f"{ROW} WHERE {THIS_JOB} AND {MINE}", values).fetchone())

    def heartbeat(self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float) -> bool:
        """Extend the lease; False if ``owner`` no longer holds the attempt."""
        values = {"run": run_id, "key": key, "number": number, "owner": owner, "until": now + lease_s}
        with self._file.write() as db:
            return bool(db.execute(f"{PROLONG} WHERE {THIS_JOB} AND {MINE}", values).rowcount)

    def finish(self, run_id: str, key: str, attempt: Attempt) -> bool:
        """Record an attempt and release the job; False if it is superseded, True for a repeat of one's own."""
        values: dict[str, Any] = {"run": run_id, "key": key, "number": attempt.number, "owner": attempt.owner}
        with self._file.write() as db:
            stored = db.execute(f"{ROW} WHERE {THIS_JOB}", values).fetchone()
            if stored is None:
                return False
            with self._file.decoding(f"a job of run {run_id!r}"):
                row = _row(stored)
            if any((a.number, a.owner) == (attempt.number, attempt.owner) for a in row.attempts):
                return True
            values["attempts"] = json.dumps([a.to_json() for a in (*row.attempts, attempt)])
            return bool(db.execute(f"{FINISH} WHERE {THIS_JOB} AND {MINE}", values).rowcount)

    def past(self, keys: Iterable[str]) -> dict[str, Past]:
        """The records of earlier runs for these job keys, without unknown ones."""
        sql = "SELECT key, duration_s, failed FROM past WHERE key IN (SELECT value FROM json_each(?))"
        rows = self._file.read(sql, (json.dumps(list(keys)),))
        return {key: Past(duration_s, bool(failed)) for key, duration_s, failed in rows}

    def remember(self, past: Mapping[str, Past]) -> None:
        """Save records for later runs; a duration of None keeps the earlier one."""
        with self._file.write() as db:
            db.executemany(REMEMBER, [(key, record.duration_s, record.failed) for key, record in past.items()])

    def put_quarantine(self, rows: Iterable[Quarantine]) -> None:
        """Write rows of the quarantine, each replacing the one of its id."""
        values = [(row.id, json.dumps(row.to_json())) for row in rows]
        with self._file.write() as db:
            db.executemany("INSERT OR REPLACE INTO quarantine VALUES (?, ?)", values)

    def delete_quarantine(self, ids: Iterable[str]) -> None:
        """Delete rows of the quarantine; unknown ids are ignored."""
        with self._file.write() as db:
            db.executemany("DELETE FROM quarantine WHERE id = ?", [(row_id,) for row_id in ids])

    def quarantine(self) -> list[Quarantine]:
        """All rows of the quarantine, sorted by last day and id."""
        with self._file.decoding("its quarantine"):
            rows = [
                Quarantine.from_json(json.loads(data)) for (data,) in self._file.read("SELECT data FROM quarantine")
            ]
        return sorted(rows, key=lambda row: (row.until, row.id))

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._file.close()


def _module_text(module: Module) -> str:
    return json.dumps([module.cases, module.browsers, module.timeout, module.tags])


def _module(name: str, data: str) -> Module:
    cases, browsers, timeout, tags = json.loads(data)
    return Module(name, tuple(cases), tuple(browsers), timeout, tuple(tags))


def _one_run(run_id: str, rows: Iterable[Any]) -> Run:
    for (data,) in rows:
        return Run.from_json(json.loads(data))
    raise UnknownRun(f"no run {run_id!r} in the store; see: uitest status")


def _row(columns: tuple[Any, ...]) -> JobRow:
    module, case, browser, timeout, attempt, owner, lease_until, claimed_at, attempts = columns
    finished = () if attempts == "[]" else tuple(map(Attempt.from_json, json.loads(attempts)))
    job = Job(intern(module), case, intern(browser), timeout)  # texts of many rows are kept once
    return JobRow(job, attempt, owner, lease_until, claimed_at, finished)
