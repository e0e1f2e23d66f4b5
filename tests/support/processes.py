"""Looking at other processes through ``/proc``, and waiting for what they do."""

import time
from collections.abc import Callable

from uitest.system.process_table import processes

LIMIT_S = 60.0
"""Longest wait for anything; only a test that fails ever waits for so long."""

Known = tuple[int, str]
"""A process id and its start time, which tells a reused id apart."""


def eventually(check: Callable[[], object], what: str, limit_s: float = LIMIT_S) -> None:
    """Return when ``check`` is true; fails the test when it never is."""
    deadline = time.monotonic() + limit_s
    while not check():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def _table() -> dict[int, tuple[int, Known]]:
    """Parent and identity of every process that is not dead already."""
    return {
        process.pid: (process.parent, (process.pid, process.started)) for process in processes() if not process.is_dead
    }


def descendants(pid: int) -> set[Known]:
    """Everything that the process has started, directly or not."""
    table = _table()
    family: set[Known] = set()
    parents = {pid}
    while parents:
        children = {child for child, (parent, _) in table.items() if parent in parents}
        family |= {table[child][1] for child in children}
        parents = children
    return family


def alive(members: set[Known]) -> set[Known]:
    """Those that still run."""
    return members & {known for _, known in _table().values()}
