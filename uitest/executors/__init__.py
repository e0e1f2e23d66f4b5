"""How attempts are made to happen, behind one Protocol.

The coordinator submits tasks and looks into the store; an executor never judges. What it knows beyond the store is
whether its machinery is still at work, and which owners cannot report any more.
"""

from collections.abc import Sequence
from typing import Protocol

from uitest.attempt import Task


class Executor(Protocol):
    """Makes attempts happen; every method may raise ExecutorError or UsageError with the reason a run must stop."""

    def submit(self, tasks: Sequence[Task]) -> None:
        """Have these attempts made, in this order; returns at once. Tasks may come while others run."""

    def busy(self) -> bool:
        """Whether an attempt that was submitted may still be claimed or reported."""

    def is_dead(self, owner: str) -> bool:
        """Whether this owner is known to be gone, so that its attempt need not wait for the lease to end."""

    def stop(self) -> None:
        """End everything at once, browsers included; harmless when repeated."""
