"""How attempts are made to happen, behind one Protocol.

The coordinator submits tasks and looks into the store; an executor never judges. What it knows beyond the store is
which tasks may still be begun, and which owners cannot report any more.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from uitest.executors.attempt import Task
from uitest.model import JobRow


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
