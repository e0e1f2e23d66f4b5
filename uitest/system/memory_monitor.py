"""Measures the peak memory of a process and its descendants by sampling.

A cgroup's own peak can be unreadable, as in Lambda, and the peaks of single processes cannot be added, as they differ
in time and share pages. Shared pages are counted once (``Pss`` of proc(5)). Trade-off: peaks between two samples, which
are ``INTERVAL_S`` apart, are missed.
"""

import contextlib
import os
import threading
from collections.abc import Callable

from uitest.system.process_table import PROC, family

INTERVAL_S = 0.5


def family_memory_kb(root: int) -> int:
    """Memory of a process and its descendants now, in KB."""
    return sum(map(_pss_kb, family(root)))


class PeakMemory:
    """Samples the memory of a process (default: this one) and its descendants in a thread."""

    def __init__(
        self,
        root: int | None = None,
        every_s: float = INTERVAL_S,
        measure_kb: Callable[[int], int] = family_memory_kb,
    ) -> None:
        """Start the thread, which ends with ``close`` or with this process."""
        self._root = root or os.getpid()
        self._measure_kb = measure_kb
        self._peak_kb = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(every_s,), name="uitest-memory", daemon=True)
        self._thread.start()

    def take(self) -> int:
        """The peak since the last call, in MB (2**20 bytes)."""
        self.sample()
        with self._lock:  # so that no sample of the thread is lost between reading and resetting
            peak_kb, self._peak_kb = self._peak_kb, 0
        return round(peak_kb / 1024)

    def sample(self) -> None:
        """Measure once, as the thread does all the time."""
        current_kb = self._measure_kb(self._root)
        with self._lock:
            self._peak_kb = max(self._peak_kb, current_kb)

    def close(self) -> None:
        """End the thread."""
        self._over.set()
        self._thread.join()

    def _watch(self, every_s: float) -> None:
        while not self._over.wait(every_s):
            self.sample()


def _pss_kb(pid: int) -> int:
    with contextlib.suppress(OSError):  # the process has ended
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
