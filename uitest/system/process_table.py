"""Reads the processes of this machine from ``/proc/<pid>/stat`` (proc(5)).

Descendants are found in the whole table, because kernels can be built without ``/proc/self/task/*/children``.
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
    """A process at the moment when it was read."""

    pid: int
    state: str
    parent: int
    group: int
    started: str
    """Start time in clock ticks since boot, which distinguishes processes with a reused id."""
    cpu_s: float
    """Processor seconds so far, user and system."""

    @classmethod
    def at(cls, pid: int) -> Self | None:
        """The process with this id, None if there is none."""
        try:
            text = (PROC / str(pid) / "stat").read_text()
        except OSError:  # it has ended, perhaps while it was read
            return None
        # Field 2, the name, may contain spaces and parentheses.
        state, parent, group, *others = text.rpartition(")")[2].split()
        cpu_s = (int(others[8]) + int(others[9])) / os.sysconf("SC_CLK_TCK")
        return cls(pid, state, int(parent), int(group), others[16], cpu_s)

    @property
    def is_dead(self) -> bool:
        """Whether it has ended without being reaped, which in a container without init may never happen."""
        return self.state in "ZX"


LISTENING, LOOPBACK = "0A", "0100007F"
"""State and address of a socket in ``/proc/<pid>/net/tcp``."""


def listening_ports(pid: int) -> list[int]:
    """The TCP ports on which a process listens at 127.0.0.1; empty for a process that has ended."""
    try:
        links = [str(entry.readlink()) for entry in (PROC / str(pid) / "fd").iterdir()]
        table = (PROC / str(pid) / "net" / "tcp").read_text().splitlines()[1:]
    except OSError:  # it has ended, or closed a file, while it was read
        return []
    ports = []
    for line in table:
        _, local, _, state, *others = line.split()
        address, _, port = local.partition(":")
        if state == LISTENING and address == LOOPBACK and f"socket:[{others[5]}]" in links:
            ports.append(int(port, 16))
    return ports


def processes() -> Iterator[ProcessEntry]:
    """All processes, including zombies."""
    for entry in PROC.iterdir():
        with contextlib.suppress(ValueError):
            process = ProcessEntry.at(int(entry.name))
            if process is not None:
                yield process


def family(root: int) -> set[int]:
    """The process ids of ``root`` and its descendants."""
    parents = {process.pid: process.parent for process in processes()}
    members = {root}
    while children := {pid for pid, parent in parents.items() if parent in members} - members:
        members |= children
    return members
