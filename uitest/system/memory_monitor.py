"""How much memory a process and everything that descends from it take at most.

Sampled, since neither a cgroup's own peak (it can be unreadable, as in Lambda) nor the sum of the processes' peaks
(they are not at the same moment, and share pages) says it. Shared pages are counted once (``Pss`` of proc(5)).
Given up: a peak shorter than ``EVERY_S``.
"""

import contextlib
import os
import threading

from uitest.system.process_table import PROC, family

EVERY_S = 0.5


class PeakMemory:
    """Watches a process, this one if none is named, and its descendants."""

    def __init__(self, root: int | None = None, every_s: float = EVERY_S) -> None:
        """Begin to watch, in a thread that ends with ``close`` or with this process."""
        self._root = root or os.getpid()
        self._peak_kb = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(every_s,), name="uitest-memory", daemon=True)
        self._thread.start()

    def take(self) -> int:
        """The peak since it was last taken, in MB (2**20 bytes)."""
        self._look()
        with self._lock:  # a look of the other thread in between would be lost
            peak_kb, self._peak_kb = self._peak_kb, 0
        return round(peak_kb / 1024)

    def close(self) -> None:
        """Watch no longer."""
        self._over.set()
        self._thread.join()

    def _watch(self, every_s: float) -> None:
        while not self._over.wait(every_s):
            self._look()

    def _look(self) -> None:
        now_kb = sum(map(_pss_kb, family(self._root)))
        with self._lock:
            self._peak_kb = max(self._peak_kb, now_kb)


def _pss_kb(pid: int) -> int:
    with contextlib.suppress(OSError):  # one that just ended
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
