"""A warm browser on its way from the process that used it to one that goes on with it.

Driver, browser and guard live on, as children of whoever adopts orphans; what travels is where to find them, and the
guard's pipe, whose holder they end with. No socket to driver or browser is shared: the one hangs up, the other dials.
"""

import os
import select
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uitest.browsers.process.process_group import DriverProcess

ANSWER_S = 3.0
"""Seconds a kept browser may take for each answer until it is gone on with; a healthy one takes milliseconds."""


@dataclass(frozen=True)
class RunningBrowser:
    """What there is to know of it."""

    url: str
    """Where its driver listens."""
    session: str
    capabilities: Mapping[str, Any]
    window: str
    """Handle of the window that no case ever sees."""
    group: int
    """Process group of driver and browser."""
    guard: int
    """Process id of the guard."""
    scratch: str
    fds: tuple[int, int]
    """The guard's pipe and what the processes print, as this process numbers them."""


class ForeignProcess:
    """A process that another one started, with what is used of ``Popen``.

    Its parent must not reap it meanwhile: until then its id is nobody else's.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while it runs, then 0: only its parent is told the exit code."""
        return 0 if self._is_over(0) else None

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Return once it has ended."""
        self._is_over(None)
        return 0

    def _is_over(self, timeout: float | None) -> bool:
        watched = os.pidfd_open(self.pid)
        try:
            return bool(select.select([watched], [], [], timeout)[0])
        finally:
            os.close(watched)


class AdoptedDriver(DriverProcess):
    """The driver process of a kept browser: ours to stop like one that we started."""

    def __init__(self, kept: RunningBrowser) -> None:
        self.url = kept.url
        self.scratch = Path(kept.scratch)
        self._process, self._guard = ForeignProcess(kept.group), ForeignProcess(kept.guard)
        pipe, log = map(os.dup, kept.fds)
        self._pipe, self._log = os.fdopen(pipe, "wb"), os.fdopen(log, "r+b")
        self._greeting = self._log.seek(0, os.SEEK_END)
