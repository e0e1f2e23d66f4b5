"""Hands over a running browser from one process to another.

Driver, browser and guard stay alive and are adopted by a subreaper. The handover has their addresses and the guard's
pipe, whose holder determines their lifetime. Connections are not shared: one process closes its own, the other opens
new ones.
"""

import os
import select
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uitest.browsers.process.process_group import DriverProcess

RESPONSE_TIMEOUT_S = 3.0
"""Timeout of each response of an adopted browser in seconds; a healthy one takes milliseconds."""


@dataclass(frozen=True)
class RunningBrowser:
    """The data with which another process can attach to a running browser."""

    url: str
    """Address of its driver."""
    session: str
    capabilities: Mapping[str, Any]
    window: str
    """Handle of the window that keeps the browser open and that cases do not see."""
    group: int
    """Process group of driver and browser."""
    guard: int
    """Process id of the guard."""
    scratch: str
    fds: tuple[int, int]
    """Descriptors of the guard's pipe and of the processes' output, in this process."""


class ForeignProcess:
    """A process that another process has started, with the used methods of ``Popen``.

    Its parent must not reap it meanwhile, so that its id stays its own.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while it runs, then 0, as only the parent gets the exit code."""
        return 0 if self._is_over(0) else None

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end."""
        self._is_over(None)
        return 0

    def _is_over(self, timeout: float | None) -> bool:
        pid_fd = os.pidfd_open(self.pid)
        try:
            return bool(select.select([pid_fd], [], [], timeout)[0])
        finally:
            os.close(pid_fd)


class AdoptedDriver(DriverProcess):
    """The driver process of an adopted browser, which can be stopped like one of our own."""

    def __init__(self, browser: RunningBrowser) -> None:
        self.url = browser.url
        self.scratch = Path(browser.scratch)
        self._process, self._guard = ForeignProcess(browser.group), ForeignProcess(browser.guard)
        pipe, log = map(os.dup, browser.fds)
        self._pipe, self._log = os.fdopen(pipe, "wb"), os.fdopen(log, "r+b")
        self._greeting = self._log.seek(0, os.SEEK_END)
