"""How attempts are made to happen, behind one Protocol.

The coordinator submits tasks and looks into the store; an executor never judges. What it knows beyond the store is
which tasks may still be begun, and which owners cannot report any more.
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
    """Makes attempts happen; every method may raise ExecutorError or UsageError with the reason a run must stop."""

    def submit(self, tasks: Sequence[Task]) -> None:
        """Have these attempts made, in this order; returns at once. Tasks may come while others run."""

    def poll_attempts(self, rows: Sequence[JobRow], wanted: Collection[Task]) -> Collection[Task]:
        """Go on; called at each look of the coordinator with the rows of the run and the attempts they call for.

        Answers with the tasks that were submitted and may still be claimed or reported: they are not submitted again.
        ``rows`` may be older than the machinery's own knowledge, so a task that they do not show as over is left out
        only if it is given up, or along with all others: the machinery is at rest then, and rows are read again.
        """

    def is_dead(self, owner: str) -> bool:
        """Whether this owner is known to be gone, so that its attempt need not wait for the lease to end."""

    def stop(self) -> None:
        """End everything at once, browsers included; harmless when repeated."""


@dataclass(frozen=True)
class ExecutorRequest:
    """What the executor of another package is given when it is made."""

    assignment: Assignment
    """Everything that a worker must know but the tasks: run, store, artifacts, lease."""
    url: str
    """Address of the site under test."""
    cases: str
    """Folder with the case files."""
    workers: int
    """``--workers``; 0 for ``auto``."""
    options: tuple[str, ...] = ()
    """Further options of pytest that the run asks for."""
    past: Mapping[str, Past] = field(default_factory=dict)
    """What is known of earlier attempts, by job key: for how long each will take."""

    def command(self, tasks: Sequence[Task], file: Path) -> list[str]:
        """The command of a worker that makes these attempts one after the other.

        ``file`` is written; the worker reads it, and leaves files beside it.
        """
        replace(self.assignment, tasks=tuple(tasks)).write(file)
        words = pytest_session.pytest_args(self.cases, self.url, file, *self.options)
        return [sys.executable, "-m", "pytest", *words, "--numprocesses=0"]
