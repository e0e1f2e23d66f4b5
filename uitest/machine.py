"""How many workers this machine should run: from its cores and memory, and from how busy it was the last time.

A worker with a browser keeps more than a core busy in one suite and a third of one in another, so that counting cores
is a guess; a run is the measurement. The numbers of workers are changed by steps, as a measurement may be a bad day's.
Given up: finding the best number within one run, and telling our own work from that of others on the machine.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

WORKER_B = 500_000_000
"""Memory to plan for one worker: itself, and a browser at its largest."""
MOST_WORKERS = 256
FULL, OVERFULL = 0.9, 0.98
"""Shares of the cores between which a number of workers is right: below, cores idle; above, workers wait for cores."""


@dataclass(frozen=True)
class Load:
    """What a run did to its machine."""

    workers: int
    busy: float
    """Cores' worth, on average while every worker had something to do."""
    cores: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``to_json``."""
        return cls(int(data["workers"]), float(data["busy"]), float(data["cores"]))


def choose_workers(cores: float, memory_b: int, before: Load | None) -> tuple[int, str]:
    """A number of workers from 1 to ``MOST_WORKERS``, and why it is not one for each core (else nothing).

    ``before`` is a run on as many cores. Its workers become as many as would have kept the cores busy, at most twice as
    many; where they had to wait for cores they become a quarter fewer, but not fewer than cores.
    """
    usual = max(1, round(cores))
    wanted, why = usual, ""
    if before is not None:
        share = before.busy / cores
        if share > OVERFULL:
            wanted = min(before.workers, max(usual, before.workers - max(1, before.workers // 4)))
        elif share < FULL:
            wanted = round(before.workers / max(share, 0.5))
        else:
            wanted = before.workers
        why = f"{before.workers} kept {before.busy:.1f} of {cores:g} cores busy"
    room = max(1, memory_b // WORKER_B)
    if room < wanted:
        wanted, why = room, f"{memory_b / 1e9:.1f} GB of memory are free"
    wanted = min(wanted, MOST_WORKERS)
    return wanted, why if wanted != usual else ""


@dataclass(frozen=True)
class Machine:
    """This machine, or the container that limits its cores (cgroup v2); ``root`` is where /proc and /sys are."""

    root: Path = Path("/")

    def cores(self) -> float:
        """Cores there are to use."""
        return self._quota() or float(os.cpu_count() or 1)

    def cpu_s(self) -> float:
        """Seconds that cores were busy so far: the container's where its cores are limited, else everybody's."""
        if self._quota():
            stat = dict(line.split() for line in (self.root / "sys/fs/cgroup/cpu.stat").read_text().splitlines())
            return int(stat["usage_usec"]) / 1e6
        user, nice, system, _idle, _iowait, irq, softirq, steal, *_ = map(
            int, (self.root / "proc/stat").read_text().splitlines()[0].split()[1:]
        )
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")

    def memory_b(self) -> int:
        """Bytes that can be used without swapping."""
        lines = (self.root / "proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))

    def _quota(self) -> float | None:
        """Cores that the container may use; None where it is not limited."""
        try:
            quota, period = (self.root / "sys/fs/cgroup/cpu.max").read_text().split()
        except OSError:
            return None
        return None if quota == "max" else int(quota) / int(period)
