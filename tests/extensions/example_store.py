"""A store in one file that is read and written as a whole: ``--store pickle:PATH``."""

import fcntl
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from uitest.types import (
    Attempt,
    Job,
    JobRow,
    Module,
    Past,
    Quarantine,
    Run,
    RunChanged,
    RunExists,
    Store,
    StoreError,
    UnknownRun,
)


@dataclass
class Content:
    """All there is."""

    modules: dict[str, Module] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    rows: dict[str, dict[str, JobRow]] = field(default_factory=dict)
    past: dict[str, Past] = field(default_factory=dict)
    quarantine: dict[str, Quarantine] = field(default_factory=dict)


class PickleStore:
    """Every method holds the file's lock, so it is atomic whoever else uses the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def _content(self) -> Iterator[Content]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                data = file.read()
                content = pickle.loads(data) if data else Content()  # noqa: S301  its own file
                yield content
                if (changed := pickle.dumps(content)) != data:
                    file.truncate(0)
                    file.write(changed)
        except OSError as exc:
            raise StoreError(f"the store {self._path} cannot be used: {exc.strerror}") from exc

    def put_modules(self, modules: Iterable[Module]) -> None:
        with self._content() as content:
            content.modules |= {module.name: module for module in modules}

    def delete_modules(self, names: Iterable[str]) -> None:
        with self._content() as content:
            for name in names:
                content.modules.pop(name, None)

    def modules(self) -> list[Module]:
        with self._content() as content:
            return sorted(content.modules.values(), key=lambda module: module.name)

    def create_run(self, run: Run, jobs: Sequence[Job]) -> None:
        with self._content() as content:
            if run.id in content.runs:
                raise RunExists(f"a run {run.id!r} is in the store already; choose another --run-id or resume it")
            content.runs[run.id] = run
            content.rows[run.id] = {job.key: JobRow(job) for job in jobs}

    def update_run(self, run_id: str, expected: Mapping[str, Any] | None = None, **changes: Any) -> Run:
        with self._content() as content:
            before = self._run(content, run_id)
            run = replace(before, **changes)
            if before != run and any(getattr(before, name) != value for name, value in (expected or {}).items()):
                raise RunChanged(f"run {run_id!r} was changed by somebody else meanwhile")
            content.runs[run_id] = run
            return run

    def run(self, run_id: str) -> Run:
        with self._content() as content:
            return self._run(content, run_id)

    def runs(self, limit: int = 1000) -> list[Run]:
        with self._content() as content:
            return sorted(content.runs.values(), key=lambda run: (run.started_at, run.id), reverse=True)[:limit]

    def delete_run(self, run_id: str) -> None:
        with self._content() as content:
            content.runs.pop(run_id, None)
            content.rows.pop(run_id, None)

    def jobs(self, run_id: str, claimed_since: float | None = None) -> list[JobRow]:
        with self._content() as content:
            return [
                row
                for row in content.rows.get(run_id, {}).values()
                if claimed_since is None
                or row.owner is not None
                or (row.claimed_at is not None and row.claimed_at >= claimed_since)
            ]

    def job(self, run_id: str, key: str) -> JobRow | None:
        with self._content() as content:
            return content.rows.get(run_id, {}).get(key)

    def claim(
        self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float, reported: int | None = None
    ) -> bool:
        with self._content() as content:
            row = content.rows.get(run_id, {}).get(key)
            if row is None:
                return False
            if (row.owner, row.attempt) == (owner, number):
                return True
            is_free = row.owner is None or (row.lease_until or 0) <= now
            is_next = row.attempt == number - 1 and reported in (None, len(row.attempts))
            if is_free and is_next:
                until = now + lease_s
                content.rows[run_id][key] = replace(row, attempt=number, owner=owner, lease_until=until, claimed_at=now)
            return is_free and is_next

    def heartbeat(self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float) -> bool:
        with self._content() as content:
            row = content.rows.get(run_id, {}).get(key)
            if row is None or (row.owner, row.attempt) != (owner, number):
                return False
            content.rows[run_id][key] = replace(row, lease_until=now + lease_s)
            return True

    def finish(self, run_id: str, key: str, attempt: Attempt) -> bool:
        with self._content() as content:
            row = content.rows.get(run_id, {}).get(key)
            if row is None:
                return False
            if any((known.number, known.owner) == (attempt.number, attempt.owner) for known in row.attempts):
                return True
            if (row.owner, row.attempt) != (attempt.owner, attempt.number):
                return False
            attempts = (*row.attempts, attempt)
            content.rows[run_id][key] = replace(row, owner=None, lease_until=None, attempts=attempts)
            return True

    def past(self, keys: Iterable[str]) -> dict[str, Past]:
        with self._content() as content:
            return {key: content.past[key] for key in keys if key in content.past}

    def remember(self, past: Mapping[str, Past]) -> None:
        with self._content() as content:
            content.past |= {key: entry.after(content.past.get(key)) for key, entry in past.items()}

    def put_quarantine(self, rows: Iterable[Quarantine]) -> None:
        with self._content() as content:
            content.quarantine |= {row.id: row for row in rows}

    def delete_quarantine(self, ids: Iterable[str]) -> None:
        with self._content() as content:
            for row_id in ids:
                content.quarantine.pop(row_id, None)

    def quarantine(self) -> list[Quarantine]:
        with self._content() as content:
            return sorted(content.quarantine.values(), key=lambda row: (row.until, row.id))

    def close(self) -> None:
        """Nothing is held between two calls."""

    @staticmethod
    def _run(content: Content, run_id: str) -> Run:
        if run_id not in content.runs:
            raise UnknownRun(f"no run {run_id!r} in the store; see: uitest status")
        return content.runs[run_id]


def open_store(path: str) -> Store:
    """The store in the file ``path``."""
    return PickleStore(Path(path))
