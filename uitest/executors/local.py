"""Makes attempts on this machine, in pytest-xdist sessions with ``--workers`` worker processes.

Tasks submitted while a session runs wait for its end, so that retries run together after all first attempts, when the
machine is less busy. Workers claim and report to the store themselves, independently of this process. Trade-off:
retries do not start at once, and each round of them needs a start of pytest (about a second).
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from uitest import log
from uitest.browsers.process.process_group import GuardedProcess
from uitest.errors import BrowserError, ExecutorError, UsageError
from uitest.executors import attempt, import_notes, pytest_session
from uitest.executors.attempt import Assignment, Task
from uitest.jobs.scheduling import make_schedule
from uitest.masking import masked
from uitest.model import JobRow, Past
from uitest.system.process_table import processes
from uitest.system.scratch_dirs import scratch

LOGGER = logging.getLogger(__name__)

KILL_TIMEOUT_S = 10.0
"""Killed processes end within milliseconds, or hang in the kernel and are not waited for."""


@dataclass(frozen=True)
class LocalSettings:
    """Settings of pytest sessions on this machine."""

    cases: str
    url: str
    workers: int
    options: tuple[str, ...] = ()
    """Further arguments for pytest's command line."""
    environ: Mapping[str, str] | None = None
    past: Mapping[str, Past] = field(default_factory=dict)
    """Records of earlier runs by job key, for scheduling."""
    failed_first: bool = False
    adds_workers: bool = False
    """Whether a session may add workers to these while cores are idle."""
    mask: Callable[[str], str] = masked
    """Masks secrets in pytest's output."""


class LocalExecutor:
    """Runs one pytest session after the other."""

    def __init__(self, settings: LocalSettings, assignment: Assignment) -> None:
        """``assignment`` has everything but the tasks."""
        self._settings = settings
        self._assignment = assignment
        self._folder = scratch("run")
        self._relay = log.Relay(Path(self._folder.name) / "log.txt")
        self._silent: dict[str, float] = {}
        """When each of our workers was first seen without a lease, by the monotonic clock."""
        self._session: GuardedProcess | None = None
        self._plan = Path()
        self._sessions = 0
        self._deaths = 0
        """How many processes had died while they imported a case file when the session began."""
        self._running: frozenset[Task] = frozenset()
        self._waiting: list[Task] = []

    def submit(self, tasks: Sequence[Task]) -> None:
        """Queue the tasks for the next pytest session, which starts as soon as none runs."""
        self._waiting += tasks
        if self._session is None:
            self._start()

    def poll_attempts(self, rows: Sequence[JobRow], wanted: Collection[Task]) -> Collection[Task]:
        """All tasks while a session runs. Raises UsageError for broken case files, ExecutorError if pytest failed."""
        if self._session is None:
            return frozenset()
        self._relay.copy()
        code = self._session.poll()
        deaths = 2 if code is None or code in pytest_session.NORMAL_EXITS else 1
        leader = self._session.group
        problem = pytest_session.problem(self._plan, deaths, leader)
        if code is None and problem is None:
            self._kill_silent(rows, leader)
            return self._running.union(self._waiting)
        output = self._settings.mask(self._session.output(20_000))
        self._session.stop()
        self._session = None
        self._relay.copy()
        LOGGER.info("pytest session %d ended with exit code %s", self._sessions, code)
        LOGGER.debug("the end of what it printed:\n%s", output)
        if problem is not None:
            raise UsageError(self._settings.mask(problem))
        if code == pytest_session.MISUSED:
            raise UsageError(pytest_session.reason(output))
        is_complete = pytest_session.did_its_work(self._plan, code)
        died = import_notes.avoidable_deaths(self._plan.parent)
        if leader in died or (not is_complete and len(died) > self._deaths):
            self._waiting = [*self._running, *self._waiting]  # for a session without the file they died of
            self._start()
            return self._running
        if not is_complete:
            raise ExecutorError(f"pytest stopped with exit code {code}: {pytest_session.reason(output)}")
        self._running = frozenset()
        if self._waiting:
            self._start()
        return self._running

    def _kill_silent(self, rows: Sequence[JobRow], group: int) -> None:
        """Kill workers whose lease expired more than another lease ago, as a stopped one would block the session.

        The second lease is for a machine that was suspended, whose workers all wake up with expired leases.
        """
        now, monotonic_now = time.time(), time.monotonic()
        silent = {row.owner for row in rows if row.owner is not None and (row.lease_until or 0) <= now}
        self._silent = {owner: self._silent.get(owner, monotonic_now) for owner in silent}
        for owner, since in self._silent.items():
            process = attempt.process_of(owner)
            if process is not None and process.group == group and monotonic_now - since > self._assignment.lease_s:
                LOGGER.warning("worker %s is silent although its lease is over, and is killed", owner)
                with log.suppress(LOGGER, "the worker is gone already", ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)

    def is_dead(self, owner: str) -> bool:
        """Whether the worker's process is gone.

        One that its session has yet to take note of counts as alive, since the session reports what it was running if
        the worker ended by itself (see ``plugin.worker.worker_ends``).
        """
        if self._session is not None and attempt.is_unreaped(owner, self._session.group):
            return False
        return attempt.is_dead(owner)

    def stop(self) -> None:
        """Kill the session, whose browsers end by their guards, and wait for the end of its workers."""
        if self._session is not None:
            group = self._session.group
            self._session.stop()
            self._session = None
            _await_end(group)
        self._relay.copy()
        self._folder.cleanup()

    def _start(self) -> None:
        tasks, self._waiting = tuple(self._waiting), []
        self._running = frozenset(tasks)
        self._sessions += 1
        self._deaths = len(import_notes.avoidable_deaths(Path(self._folder.name)))
        self._plan = Path(self._folder.name) / f"assignment-{self._sessions}.json"
        workers = max(1, min(self._settings.workers, len(tasks)))
        schedule = make_schedule(
            [task.job for task in tasks], self._settings.past, workers, failed_first=self._settings.failed_first
        )
        adds_workers = self._settings.adds_workers
        replace(self._assignment, tasks=tasks, schedule=schedule, adds_workers=adds_workers).write(self._plan)
        argv = [
            sys.executable, "-m", "pytest",
            "-p", "xdist",  # also where the project's configuration has -p no:xdist
            *pytest_session.pytest_args(self._settings.cases, self._settings.url, self._plan),
            f"--numprocesses={workers}", "--dist=worksteal", f"--max-worker-restart={len(tasks) + workers}",
            *self._settings.options,
        ]  # fmt: skip
        environ = {**os.environ, **(self._settings.environ or {}), **self._relay.environ()}
        LOGGER.info("pytest session %d starts: %d tasks, %d workers", self._sessions, len(tasks), workers)
        try:
            self._session = GuardedProcess(argv, environ)
        except BrowserError as exc:
            raise ExecutorError(str(exc)) from exc


def _await_end(group: int) -> None:
    """Wait for the end of the group's killed processes, as until then their cases seem to run."""
    deadline = time.monotonic() + KILL_TIMEOUT_S
    while time.monotonic() < deadline and any(
        process.group == group and not process.is_dead for process in processes()
    ):
        time.sleep(0.01)
