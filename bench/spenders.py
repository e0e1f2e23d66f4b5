"""Samples a session's processor time by kind of process, from outside.

A sample costs some 2 ms, so there are few, and the time of a process after its last sample is not known.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.group import pids
from uitest.system.process_table import ProcessEntry

LOOK_S = 0.05

KINDS = {
    "--type=renderer": "Chrome's renderers",
    "--type=gpu-process": "Chrome's graphics",
    "--type=": "Chrome's other helpers",
    "--remote-debugging-": "Chrome itself",
    "chromedriver": "chromedriver",
    "python": "Python",
}
"""Kinds of processes by a part of their command line; the first match counts."""


class Spenders:
    """Watches a control group."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[str, float]] = {}

    @contextmanager
    def watching(self, folder: Path | None) -> Iterator[None]:
        """Sample the group during the block; nothing without a group."""
        over = threading.Event()
        thread = threading.Thread(target=self._sample, args=(folder, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _sample(self, folder: Path | None, over: threading.Event) -> None:
        while folder is not None and not over.wait(LOOK_S):
            for pid in pids(folder):
                reading = spent(pid)
                if reading is not None:
                    command, seconds = reading
                    # The command line of an ending process is empty.
                    self._seen[pid] = (kind(command) if command else self._seen.get(pid, ("others",))[0], seconds)

    def by_kind(self) -> Mapping[str, float]:
        """Processor seconds, user and system, that were seen."""
        sums: dict[str, float] = defaultdict(float)
        for command, seconds in self._seen.values():
            sums[command] += seconds
        return sums


def spent(pid: int) -> tuple[str, float] | None:
    """A process's command line and its processor seconds so far; None if it is gone."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return None
    process = ProcessEntry.at(pid)
    return None if process is None else (command, process.cpu_s)


def kind(command_line: str) -> str:
    """What kind of process it is, by its command line."""
    return next((name for mark, name in KINDS.items() if mark in command_line), "others")
