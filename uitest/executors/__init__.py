"""The ``Executor`` Protocol, with implementations for this machine and AWS Lambda.

The coordinator submits tasks and reads the results from the store; an executor never judges them. It knows only which
tasks may still be begun, and which owners can no longer report.
"""

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from uitest.executors import pytest_session
from uitest.executors.attempt import Assignment, Task
from uitest.model import JobRow, Past


class Executor(Protocol):
    """Makes attempts. Every method may raise ExecutorError or UsageError with the reason why a run must stop."""

    def submit(self, tasks: Sequence[Task]) -> None:
        """Start these attempts, in this order, and return at once; others may be running."""

    def poll_attempts(self, rows: Sequence[JobRow], wanted: Collection[Task]) -> Collection[Task]:
        """Continue work; called at each poll of the coordinator with the run's rows and the attempts that are due.

        Returns the submitted tasks that may still be claimed or reported, so that they are not submitted again. As
        ``rows`` may be outdated, a task that is not over in them is left out only if it was abandoned, or when nothing
        runs any more and the result is empty; the coordinator then reads the rows again.
        """

    def is_dead(self, owner: str) -> bool:
        """Whether this owner is known to be dead, so that nobody waits for its lease to expire."""

    def stop(self) -> None:
        """End everything at once, including browsers; may be called again."""


@dataclass(frozen=True)
class ExecutorRequest:
    """The arguments of an executor from another package."""

    assignment: Assignment
    """Everything that a worker needs but the tasks: run, store, artifacts, lease."""
    url: str
    """Address of the site under test."""
    cases: str
    """Folder with the case files."""
    workers: int
    """``--workers``; 0 for ``auto``."""
    options: tuple[str, ...] = ()
    """Further options for pytest."""
    past: Mapping[str, Past] = field(default_factory=dict)
    """Records of earlier runs by job key, for scheduling."""

    def command(self, tasks: Sequence[Task], file: Path) -> list[str]:
        """The command of a worker that makes these attempts one after another.

        ``file`` is written; the worker reads it, and leaves files beside it.
        """
        replace(self.assignment, tasks=tuple(tasks)).write(file)
        arguments = pytest_session.pytest_args(self.cases, self.url, file, *self.options)
        return [sys.executable, "-m", "pytest", "-p", "xdist", *arguments, "--numprocesses=0"]
