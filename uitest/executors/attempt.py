"""One attempt of a job: claimed under a lease, kept alive by heartbeats, reported once.

An *assignment* is everything that a worker gets from its executor: the run, its store and artifacts place, and the
tasks with their attempt numbers. It is passed as a JSON file or in an event.
"""

import contextlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from uitest import log
from uitest.config import LEASE_S, RunSettings
from uitest.errors import StoreError
from uitest.jobs.outcome import wants_attempt
from uitest.jobs.scheduling import Schedule
from uitest.model import Attempt, Job, JobRow, Run, RunState
from uitest.short_text import first_line, safe_name
from uitest.storage.files import open_place
from uitest.storage.stores import Store, open_store
from uitest.system.host import host_id
from uitest.system.process_table import ProcessEntry

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """A job and the number of the attempt to be made."""

    job: Job
    number: int


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """The limited and billed time of a worker: one invocation of a Lambda function."""

    owner: str
    """Owner of the attempts; host and process id do not distinguish Lambda's environments."""
    began: float
    """When billed time began, with the init phase of a new environment; by the machine's monotonic clock."""
    until: float
    """When no further case begins and a running one times out; by the same clock."""
    memory_mb: int


@dataclass(frozen=True)
class Assignment:
    """Everything that a worker needs to know."""

    run: str
    store: str
    artifacts: str
    layer: int
    tasks: tuple[Task, ...]
    case_timeout: float | None = None
    schedule: Schedule | None = None
    """Which worker makes which of the tasks, if several share the assignment."""
    lease_s: float = LEASE_S
    time_budget: TimeBudget | None = None
    """None for a worker without a time limit, whose owner name is that of its process."""
    adds_workers: bool = False
    """Whether workers are added while cores are idle."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        tasks = [[t.job.module, t.job.case, t.job.browser, t.job.timeout, t.number] for t in self.tasks]
        schedule = asdict(self.schedule) if self.schedule else None
        time_budget = asdict(self.time_budget) if self.time_budget else None
        return {**self.__dict__, "tasks": tasks, "schedule": schedule, "time_budget": time_budget}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``to_json``. Raises KeyError, TypeError or ValueError for anything else."""
        tasks = tuple(Task(Job(m, c, b, timeout), n) for m, c, b, timeout, n in data["tasks"])
        schedule = data["schedule"] and Schedule(
            tuple(map(tuple, data["schedule"]["queues"])),
            tuple(data["schedule"]["seconds"]),
            tuple(data["schedule"]["first"]),
        )
        time_budget = data["time_budget"] and TimeBudget(**data["time_budget"])
        return cls(**{**data, "tasks": tasks, "schedule": schedule, "time_budget": time_budget})

    def write(self, path: Path) -> None:
        """Save as JSON."""
        path.write_text(json.dumps(self.to_json()))

    @classmethod
    def read(cls, path: Path) -> Self:
        """The inverse of ``write``."""
        return cls.from_json(json.loads(path.read_text()))


def worker_id(pid: int | None = None) -> str:
    """The owner name of a process, by default this one: host, process id and start time, as ids are used again."""
    pid = pid or os.getpid()
    process = ProcessEntry.at(pid)
    return f"{host_id()}/{pid}/{process.started if process else ''}"


def is_dead(owner: str) -> bool:
    """Whether the worker is known to be dead: it was on this host and its process has ended."""
    return _is_here(owner) and process_of(owner) is None


def is_unreaped(owner: str, parent: int) -> bool:
    """Whether the worker has ended and its parent, the process with this id, has yet to take note of it."""
    process = ProcessEntry.at(_pid(owner)) if _is_here(owner) else None
    return process is not None and process.is_dead and process.parent == parent


def process_of(owner: str) -> ProcessEntry | None:
    """The worker's process, None if it has ended or is on another host."""
    if not _is_here(owner):
        return None
    process = ProcessEntry.at(_pid(owner))
    return None if process is None or process.is_dead or process.started != owner.rpartition("/")[2] else process


def _pid(owner: str) -> int:
    return int(owner.split("/")[-2])


def _is_here(owner: str) -> bool:
    host, _, pid = owner.rpartition("/")[0].rpartition("/")
    return host == host_id() and pid.isdigit()


def wanted(store: Store, run: Run, task: Task, now: float) -> JobRow | None:
    """The task's row, if the run is running and this attempt is due, else None."""
    if run.state is not RunState.RUNNING:
        return None
    row = store.job(run.id, task.job.key)
    retries = RunSettings.from_json(run.settings).retries
    return row if row and row.attempt == task.number - 1 and wants_attempt(row, run, retries, now) else None


def blame(store: Store, run_id: str, why: str) -> None:
    """Make a run red whatever its jobs came to; the first reason stays."""
    if store.run(run_id).error is None:
        store.update_run(run_id, error=first_line(why))


class LeaseHolder:
    """A worker's access to the store: claims tasks, extends leases, reports attempts, saves artifacts."""

    def __init__(
        self,
        assignment: Assignment,
        owner: str,
        clock: Callable[[], float] = time.time,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` is for leases and dates, ``stopwatch`` for durations, since the clock may be set meanwhile."""
        self._assignment = assignment
        self._store: Store = open_store(assignment.store)
        self._place = open_place(assignment.artifacts)
        self.owner = owner
        self.clock = clock
        self._stopwatch = stopwatch
        self._claimed = stopwatch()
        self.refused = 0
        """Number of reports that the store refused because the attempt was superseded."""

    @contextlib.contextmanager
    def claim(self, task: Task) -> Iterator[bool]:
        """Hold the task's lease during the block; yields False if the attempt is not due or somebody else has it.

        In a run that was cancelled or stopped no attempt is due.
        """
        run, lease_s, now = self._assignment.run, self._assignment.lease_s, self.clock()
        self._claimed = self._stopwatch()
        row = wanted(self._store, self._store.run(run), task, now)
        if row is None or not self._store.claim(
            run, task.job.key, task.number, self.owner, now, lease_s, len(row.attempts)
        ):
            LOGGER.info(
                "attempt %d of %s is not made here: it is not wanted, or others have it", task.number, task.job.key
            )
            yield False
            return
        over = threading.Event()
        beat = threading.Thread(target=self._send_heartbeats, args=(task, over), daemon=True)
        beat.start()
        try:
            job = task.job
            with log.about(run=run, job=f"{job.module}/{job.case}/{job.browser}", attempt=task.number):
                LOGGER.info("claimed")
                yield True
        finally:
            over.set()

    @property
    def took(self) -> float:
        """Seconds since the newest claim."""
        return self._stopwatch() - self._claimed

    def _send_heartbeats(self, task: Task, over: threading.Event) -> None:
        lease_s = self._assignment.lease_s
        while not over.wait(lease_s / 3):
            # A store that is away for a moment costs one beat; the lease covers three.
            with log.suppress(LOGGER, "a heartbeat is missed", StoreError):
                if not self._store.heartbeat(
                    self._assignment.run, task.job.key, task.number, self.owner, self.clock(), lease_s
                ):
                    LOGGER.warning("the lease of %s was lost: another attempt was begun", task.job.key)
                    return

    def finish(self, task: Task, attempt: Attempt) -> None:
        """Report the attempt; a refused report is counted, never merged."""
        if self._store.finish(self._assignment.run, task.job.key, attempt):
            LOGGER.info("reported: %s%s", attempt.verdict.value, f", {attempt.error}" if attempt.error else "")
        else:
            LOGGER.warning("the report of %s is refused: attempt %d was superseded", task.job.key, task.number)
            self.refused += 1

    def blame(self, why: str) -> None:
        """Make the run red independently of its jobs; the first reason is kept."""
        blame(self._store, self._assignment.run, why)

    def save(self, task: Task, name: str, data: bytes) -> None:
        """Write an artifact of the attempt. Raises PlaceError."""
        folder = f"{safe_name(self._assignment.run)}/{task.job.key}/{task.number}"
        self._place.write(f"{folder}/{safe_name(name)}", data)

    @property
    def layer(self) -> int:
        """The layer of the attempts."""
        return self._assignment.layer

    def close(self) -> None:
        """Close the store."""
        self._store.close()
