"""The processes of this machine, as ``/proc/<pid>/stat`` describes them (proc(5)).

Read from the whole table, not from ``/proc/self/task/*/children``: kernels can be built without that.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class ProcessEntry:
    """One of them, at the moment when it was looked at."""

    pid: int
    state: str
    parent: int
    group: int
    started: str
    """In clock ticks since boot: tells a reused id apart."""
    cpu_s: float
    """Processor seconds so far, user and system."""

    @classmethod
    def at(cls, pid: int) -> Self | None:
        """The one with this id, if there is one."""
        try:
            text = (PROC / str(pid) / "stat").read_text()
        except OSError:  # it may have ended while it was read
            return None
        # Field 2, the name, may hold spaces and parentheses.
        state, parent, group, *others = text.rpartition(")")[2].split()
        cpu_s = (int(others[8]) + int(others[9])) / os.sysconf("SC_CLK_TCK")
        return cls(pid, state, int(parent), int(group), others[16], cpu_s)

    @property
    def is_dead(self) -> bool:
        """It has ended, and its parent has not noticed yet, nor ever will in a container without init."""
        return self.state in "ZX"


LISTENS, LOOPBACK = "0A", "0100007F"
"""State and address of a socket in ``/proc/<pid>/net/tcp``."""


def listening_ports(pid: int) -> list[int]:
    """The TCP ports that a process listens on at 127.0.0.1; none yet, or none any more, is an empty list."""
    try:
        links = [str(entry.readlink()) for entry in (PROC / str(pid) / "fd").iterdir()]
        table = (PROC / str(pid) / "net" / "tcp").read_text().splitlines()[1:]
    except OSError:  # it may have ended, or closed one of them, while it was read
        return []
    found = []
    for line in table:
        _, local, _, state, *others = line.split()
        address, _, port = local.partition(":")
        if state == LISTENS and address == LOOPBACK and f"socket:[{others[5]}]" in links:
            found.append(int(port, 16))
    return found


def processes() -> Iterator[ProcessEntry]:
    """All there are, dead ones that nobody waited for included."""
    for entry in PROC.iterdir():
        with contextlib.suppress(ValueError):
            found = ProcessEntry.at(int(entry.name))
            if found is not None:
                yield found


def family(root: int) -> set[int]:
    """The process ids of ``root`` and of everything that descends from it."""
    parents = {one.pid: one.parent for one in processes()}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found
