"""Hands over a running browser from one process to another.

Driver, browser and guard stay alive and are adopted by init or a subreaper. The handover has their addresses and the
guards' pipes, whose holder determines their lifetime. Connections are not shared: one process closes its own, the other
opens new ones.

Two callers use it: Lambda's handler, which keeps a browser between invocations (``lambda_runner.browser_reuse``), and
``--keep-browser``, which keeps browsers between pytest sessions (``uitest.browsers.sessions.kept_browsers``).
"""

import json
import os
import select
import signal
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from uitest.browsers.process.process_group import DriverProcess, RunningProcess

RESPONSE_TIMEOUT_S = 3.0
"""Timeout of each response of an adopted browser in seconds; a healthy one takes milliseconds."""

MAX_USES = 50
"""Maximum number of sessions that one browser serves, which limits leaks."""

MESSAGE_LIMIT = 100_000
"""Maximum size in bytes of a message, which usually has about 3,000."""

MAX_FDS = 16
"""Maximum number of descriptors of a message: two for each process, of which WebKit has up to six."""


@dataclass(frozen=True)
class RunningBrowser:
    """The data with which another process can attach to a running browser."""

    processes: tuple[RunningProcess, ...]
    """Its process groups; that of the driver is the first one in Chrome and Firefox."""
    state: Mapping[str, Any]
    """What its engine needs to know further."""

    def stop(self) -> None:
        """End it at once."""
        for process in self.processes:
            AdoptedProcess(process).stop()

    def abandon(self) -> None:
        """Close the descriptors: if nobody else holds the pipes, the guards end the browser."""
        for process in self.processes:
            process.abandon()


@dataclass(frozen=True)
class KeptBrowser:
    """A browser that is kept between sessions."""

    key: str
    """Everything that a session's browser must agree in to be this one, as one text."""
    uses: int
    """Number of sessions that it has served."""
    running: RunningBrowser

    @property
    def fds(self) -> list[int]:
        """All descriptors, in the order in which they are sent."""
        return [fd for process in self.running.processes for fd in process.fds]

    def message(self) -> bytes:
        """What is sent beside the descriptors. Raises TypeError or ValueError."""
        message = json.dumps(asdict(self)).encode()
        if len(message) > MESSAGE_LIMIT:
            raise ValueError(f"the message has {len(message)} bytes; at most {MESSAGE_LIMIT} are allowed")
        return message

    def send(self, to: socket.socket) -> None:
        """Send it as one message without blocking. Raises OSError, TypeError or ValueError."""
        message = self.message()
        to.setblocking(False)  # flags are lost in send_fds and recv_fds of Python 3.11
        socket.send_fds(to, [message], self.fds)

    @classmethod
    def receive(cls, back: socket.socket) -> Self | None:
        """The browser that was sent, with descriptors of this process; None if none was. Raises OSError, ValueError."""
        back.setblocking(False)
        try:
            text, fds, _, _ = socket.recv_fds(back, MESSAGE_LIMIT, MAX_FDS)
        except BlockingIOError:
            return None
        if not text:
            return None  # the sender has closed its end
        for fd in fds:
            os.set_inheritable(fd, False)
        data = json.loads(text)
        processes = tuple(
            RunningProcess(**{**process, "fds": tuple(pair)})
            for process, pair in zip(data["running"]["processes"], zip(fds[::2], fds[1::2], strict=True), strict=True)
        )
        return cls(data["key"], data["uses"], RunningBrowser(processes, data["running"]["state"]))


class ForeignProcess:
    """A process that another process has started, with the used methods of ``Popen``.

    Whoever reaps it frees its id for other processes, so its end is noticed by a descriptor and not by the id.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._fd: int | None = os.pidfd_open(pid)
        except ProcessLookupError:
            self._fd = None

    def __del__(self) -> None:
        if self._fd is not None:
            os.close(self._fd)

    def poll(self) -> int | None:
        """None while it runs, then 0, as only the parent gets the exit code."""
        return 0 if self._is_over(0) else None

    def kill(self) -> None:
        """End it at once."""
        if self._fd is not None and not self._is_over(0):
            signal.pidfd_send_signal(self._fd, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end."""
        self._is_over(None)
        return 0

    def _is_over(self, timeout: float | None) -> bool:
        return self._fd is None or bool(select.select([self._fd], [], [], timeout)[0])


class AdoptedProcess(DriverProcess):
    """A guarded process that another process has handed over, and that can be stopped like one of our own."""

    def __init__(self, running: RunningProcess) -> None:
        self.url = running.url
        self.scratch = Path(running.scratch)
        self._process, self._guard = ForeignProcess(running.group), ForeignProcess(running.guard)
        pipe, log = running.fds
        self._pipe, self._log = os.fdopen(pipe, "wb"), os.fdopen(log, "r+b")
        self._greeting = self._log.seek(0, os.SEEK_END)
