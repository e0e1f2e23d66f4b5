"""Chooses the number of workers from cores, memory, and the load that the last run measured.

A worker with a browser uses more than a core in one suite and a third of one in another, so the number of cores is only
a first guess, which the load of a run corrects. The number changes in steps, as a single measurement may be an outlier.
Trade-off: the best number may not be found within one run, and the load of other programs counts as our own.
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
"""Busy shares of the cores between which the number of workers is kept: below, cores idle; above, workers wait."""


@dataclass(frozen=True)
class Load:
    """The load that a run put on its machine."""

    workers: int
    busy: float
    """Average number of busy cores while every worker had work."""
    cores: float

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of ``to_json``."""
        return cls(int(data["workers"]), float(data["busy"]), float(data["cores"]))


def choose_workers(cores: float, memory_b: int, before: Load | None) -> tuple[int, str]:
    """A number of workers from 1 to ``MOST_WORKERS``, and the reason if it is not one for each core, else empty.

    ``before`` is the load of a run on as many cores. If cores were idle, the number rises to what would have kept them
    busy, at most twofold; if workers waited for cores, it falls by a quarter, but not below the number of cores.
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
    """Cores and memory of this machine, within the limits of its container; ``root`` has /proc and /sys."""

    root: Path = Path("/")

    def cores(self) -> float:
        """The usable cores: those of the process's affinity, limited by the container's quota."""
        return min(float(len(os.sched_getaffinity(0))), self._quota() or math.inf)

    def cpu_s(self) -> float:
        """Busy seconds of the usable cores so far: those of the container if it has a quota, else of all processes."""
        if self._quota():
            return self._own_cpu_s()
        lines = (self.root / "proc/stat").read_text().splitlines()
        busy = {line.split()[0]: line.split()[1:] for line in lines if line.startswith("cpu")}
        own = [busy[name] for core in sorted(os.sched_getaffinity(0)) if (name := f"cpu{core}") in busy]
        uses_all = len(own) == len(busy) - 1
        return sum(map(_busy_s, [busy["cpu"]] if uses_all or not own else own))

    def memory_b(self) -> int:
        """Bytes that are available without swapping, in the machine and in the container."""
        lines = (self.root / "proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
        limits = [
            self._headroom(folder, "memory.max", "memory.current", "inactive_file") for folder in self._groups("")
        ] + [
            self._headroom(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            for folder in self._groups("memory")
        ]
        return max(0, min([free, *(limit for limit in limits if limit is not None)]))

    def _headroom(self, folder: Path, limit: str, used: str, cache: str) -> int | None:
        """Bytes that a control group may still use, counting its file cache as free; None without a limit."""
        maximum, current = _read(folder / limit), _read(folder / used)
        if not maximum.isdigit() or not current.isdigit():
            return None
        stat = dict(line.split() for line in _read(folder / "memory.stat").splitlines())
        return int(maximum) - int(current) + int(stat.get(cache, 0))

    def _quota(self) -> float | None:
        """The container's quota in cores; None without one."""
        quotas = []
        for folder in self._groups(""):
            quota, _, period = _read(folder / "cpu.max").partition(" ")
            quotas.append((quota, period))
        for folder in self._groups("cpu"):
            quotas.append((_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")))
        return min((int(quota) / int(period) for quota, period in quotas if quota.isdigit() and period), default=None)

    def _own_cpu_s(self) -> float:
        """Busy seconds of the container."""
        for folder in self._groups(""):
            stat = dict(line.split() for line in _read(folder / "cpu.stat").splitlines())
            if "usage_usec" in stat:
                return int(stat["usage_usec"]) / 1e6
        return next(
            (int(ns) / 1e9 for folder in self._groups("cpuacct") if (ns := _read(folder / "cpuacct.usage"))), 0.0
        )

    def _groups(self, controller: str) -> list[Path]:
        """Visible folders of the control groups of this process, innermost first.

        Version 2 has one tree (``controller`` is empty), version 1 one for each controller. A container sees its own
        group as the root of the tree.
        """
        tree = self.root / "sys/fs/cgroup" / controller
        for line in _read(self.root / "proc/self/cgroup").splitlines():
            _, names, path = line.split(":", 2)
            if controller in names.split(","):
                inner = tree / path.strip("/")
                return [folder for folder in (inner, *inner.parents) if folder.is_relative_to(tree) and folder.is_dir()]
        return [tree] if tree.is_dir() else []


def _read(path: Path) -> str:
    """The content of a file, empty if it cannot be read."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _busy_s(fields: Sequence[str]) -> float:
    """Busy seconds in a line of /proc/stat, without waiting for disks; ``user`` already includes guests."""
    user, nice, system, _idle, _iowait, irq, softirq, steal, *_ = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
