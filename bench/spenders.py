"""Who spends a session's processor time, by kind of process, looked at from outside.

A look costs some 2 ms, so they are few, and what a process did after it was last seen is not known.
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
"""What a command line has in it that none of the kinds before has."""


class Spenders:
    """Watches a control group."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[str, float]] = {}

    @contextmanager
    def watching(self, folder: Path | None) -> Iterator[None]:
        """Look at the group as long as the block runs; at nothing where there is none."""
        over = threading.Event()
        thread = threading.Thread(target=self._look, args=(folder, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _look(self, folder: Path | None, over: threading.Event) -> None:
        while folder is not None and not over.wait(LOOK_S):
            for pid in pids(folder):
                found = spent(pid)
                if found is not None:
                    words, seconds = found
                    # Its words are gone before the process is.
                    self._seen[pid] = (kind(words) if words else self._seen.get(pid, ("others",))[0], seconds)

    def by_kind(self) -> Mapping[str, float]:
        """Processor seconds, user and system, that were seen."""
        sums: dict[str, float] = defaultdict(float)
        for found, seconds in self._seen.values():
            sums[found] += seconds
        return sums


def spent(pid: int) -> tuple[str, float] | None:
    """A process's command line and its processor seconds so far; None if it is gone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return None
    found = ProcessEntry.at(pid)
    return None if found is None else (words, found.cpu_s)


def kind(command_line: str) -> str:
    """What kind of process it is, by its command line."""
    return next((name for mark, name in KINDS.items() if mark in command_line), "others")
