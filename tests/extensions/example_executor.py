"""An executor that makes all attempts in one process, one after the other: ``--executor plain``."""

import os
import subprocess
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from uitest.types import Executor, ExecutorError, ExecutorRequest, JobRow, Task


class PlainExecutor:
    """One pytest process at a time; what is submitted meanwhile waits for its end."""

    def __init__(self, request: ExecutorRequest) -> None:
        self._request = request
        self._folder = tempfile.TemporaryDirectory(prefix="plain-executor-")
        self._process: subprocess.Popen[bytes] | None = None
        self._running: frozenset[Task] = frozenset()
        self._waiting: list[Task] = []

    def submit(self, tasks: Sequence[Task]) -> None:
        self._waiting += tasks
        if self._process is None:
            self._start()

    def poll_attempts(self, rows: Sequence[JobRow], wanted: Collection[Task]) -> Collection[Task]:
        if self._process is None or self._process.poll() is None:
            return self._running.union(self._waiting)
        code, self._process, self._running = self._process.returncode, None, frozenset()
        if code not in (0, 1, 5):
            raise ExecutorError(f"pytest stopped with exit code {code}")
        if self._waiting:
            self._start()
        return self._running

    def is_dead(self, owner: str) -> bool:
        return False  # the lease decides

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._folder.cleanup()

    def _start(self) -> None:
        self._running, self._waiting = frozenset(self._waiting), []
        command = self._request.command(list(self._running), Path(self._folder.name) / "assignment.json")
        environ = {**os.environ, "UITEST_EXAMPLE": "plain"}
        self._process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)


def make(request: ExecutorRequest) -> Executor:
    """The executor of one run."""
    return PlainExecutor(request)
