"""How many workers this machine should run: from its cores and memory, and from how busy it was the last time.

A worker with a browser keeps more than a core busy in one suite and a third of one in another, so that counting cores
is a guess; a run is the measurement. The numbers of workers are changed by steps, as a measurement may be a bad day's.
Given up: finding the best number within one run, and telling our own work from that of others on the machine.
"""

import math
import os
from collections.abc import Mapping, Sequence
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
    """This machine, or the container that limits its cores and memory; ``root`` is where /proc and /sys are."""

    root: Path = Path("/")

    def cores(self) -> float:
        """Cores there are to use: those this process may run on, or as much of them as its container is given."""
        return min(float(len(os.sched_getaffinity(0))), self._quota() or math.inf)

    def cpu_s(self) -> float:
        """Seconds that cores were busy so far: the container's where its cores are limited, else everybody's.

        Of the cores that this process may run on; with fewer than there are, the others are no concern of ours.
        """
        if self._quota():
            return self._own_cpu_s()
        lines = (self.root / "proc/stat").read_text().splitlines()
        busy = {line.split()[0]: line.split()[1:] for line in lines if line.startswith("cpu")}
        ours = [busy[name] for core in sorted(os.sched_getaffinity(0)) if (name := f"cpu{core}") in busy]
        everybody = len(ours) == len(busy) - 1
        return sum(map(_busy_s, [busy["cpu"]] if everybody or not ours else ours))

    def memory_b(self) -> int:
        """Bytes that can be used without swapping, in the machine and in the container."""
        lines = (self.root / "proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
        limits = [
            self._left(folder, "memory.max", "memory.current", "inactive_file") for folder in self._groups("")
        ] + [
            self._left(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            for folder in self._groups("memory")
        ]
        return max(0, min([free, *(limit for limit in limits if limit is not None)]))

    def _left(self, folder: Path, limit: str, used: str, cache: str) -> int | None:
        """Bytes that a control group may still take, its cache of files given back; None where it is not limited."""
        most, now = _read(folder / limit), _read(folder / used)
        if not most.isdigit() or not now.isdigit():
            return None
        stat = dict(line.split() for line in _read(folder / "memory.stat").splitlines())
        return int(most) - int(now) + int(stat.get(cache, 0))

    def _quota(self) -> float | None:
        """Cores' worth of time that the container is given; None where it is not limited."""
        found = []
        for folder in self._groups(""):
            quota, _, period = _read(folder / "cpu.max").partition(" ")
            found.append((quota, period))
        for folder in self._groups("cpu"):
            found.append((_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")))
        return min((int(quota) / int(period) for quota, period in found if quota.isdigit() and period), default=None)

    def _own_cpu_s(self) -> float:
        """Seconds that the cores were busy for the container."""
        for folder in self._groups(""):
            stat = dict(line.split() for line in _read(folder / "cpu.stat").splitlines())
            if "usage_usec" in stat:
                return int(stat["usage_usec"]) / 1e6
        return next(
            (int(ns) / 1e9 for folder in self._groups("cpuacct") if (ns := _read(folder / "cpuacct.usage"))), 0.0
        )

    def _groups(self, controller: str) -> list[Path]:
        """Folders of the control groups that this process is in, the innermost first, as far as they can be seen.

        Version 2 has one tree for everything (``controller`` is nothing), version 1 one for each controller. A
        container sees its own group as the root of the tree.
        """
        tree = self.root / "sys/fs/cgroup" / controller
        for line in _read(self.root / "proc/self/cgroup").splitlines():
            _, names, path = line.split(":", 2)
            if controller in names.split(","):
                inner = tree / path.strip("/")
                return [folder for folder in (inner, *inner.parents) if folder.is_relative_to(tree) and folder.is_dir()]
        return [tree] if tree.is_dir() else []


def _read(path: Path) -> str:
    """What is in a file, nothing where there is none."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _busy_s(fields: Sequence[str]) -> float:
    """Busy seconds in a line of /proc/stat; waiting for disks is no work, and guests are in ``user`` already."""
    user, nice, system, _idle, _iowait, irq, softirq, steal, *_ = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
