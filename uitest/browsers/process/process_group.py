"""Starts process groups that end with this process.

Each driver leads its own process group, which contains its browser (checked for Chrome, Firefox ESR and MiniBrowser on
Linux), with a temporary folder as ``TMPDIR``. A small shell, the guard, reads from a pipe whose other end only this
process holds. When this process ends, even by ``kill -9``, the read ends, and the guard kills the group and deletes the
folder. The group tells the guard its id before it becomes the driver, so it is guarded from its start. Trade-off: one
idle shell per driver, and ``/bin/sh`` is required.
"""

import contextlib
import errno
import logging
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from uitest import log
from uitest.errors import BrowserError
from uitest.system.home_dirs import make_homes
from uitest.system.process_table import listening_ports

LOGGER = logging.getLogger(__name__)

GUARD = 'read -r group; read -r _; kill -KILL "-$group" 2>/dev/null; rm -rf -- "$1"; sleep 0.3; rm -rf -- "$1"'
"""The guard: reads a group's id, waits for the end of its input, then kills the group and deletes folder ``$1``."""

ANNOUNCED = 'echo "$$"; exec "$@" >&2'
"""Writes its process id to standard output, the guard's pipe, then becomes the program, which prints to the log."""

START_TIMEOUT_S = 30.0

OUTPUT_LIMIT = 100_000
"""Maximum number of bytes of the output of driver and browser."""


def free_port() -> int:
    """A loopback TCP port that is free now, but not reserved."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process(Protocol):
    """The used methods of ``Popen``."""

    @property
    def pid(self) -> int:
        """The process id."""

    def poll(self) -> int | None:
        """The exit code, None while it runs."""

    def kill(self) -> None:
        """End it at once."""

    def wait(self) -> int:
        """Wait for its end and return the exit code."""


def _program(name: str) -> str:
    """The path of a program. Raises OSError if there is none, which the shell would tell the log only."""
    path = shutil.which(name)
    if path is None:
        number = errno.EACCES if Path(name).is_file() else errno.ENOENT
        raise OSError(number, os.strerror(number))
    return path


@dataclass(frozen=True)
class RunningProcess:
    """The data with which another process can take over a guarded process group."""

    url: str
    """Address that it serves; empty if it is no server."""
    group: int
    """Id of the process group."""
    guard: int
    """Process id of the guard."""
    scratch: str
    """The temporary folder."""
    fds: tuple[int, int]
    """Descriptors of the guard's pipe and of the processes' output, in this process."""

    def abandon(self) -> None:
        """Close the descriptors: if nobody else holds the pipe, the guard ends the group."""
        for fd in self.fds:
            with log.suppress(LOGGER, "the pipe of a process could not be closed", OSError):
                os.close(fd)


class GuardedProcess:
    """A process group with a temporary folder; both end with ``stop`` or with this process."""

    url = ""
    """Address that it serves; empty if it is no server."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        fds: Sequence[int] = (),
        home: Path | None = None,
    ) -> None:
        """Start ``argv``, with its output in a file for ``output``. Raises BrowserError.

        With a folder ``home`` the temporary folder is inside it, and the processes' home folders are as well.
        """
        self.scratch = Path(tempfile.mkdtemp(prefix="uitest-", dir=home))
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by stop
        self._greeting = 0
        homes = make_homes(self.scratch) if home else {}
        try:
            # The guard starts first, so that everything started later is guarded.
            guard = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "sh", str(self.scratch)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except BaseException:
            self._log.close()
            shutil.rmtree(self.scratch, ignore_errors=True)
            raise
        assert guard.stdin is not None  # noqa: S101 - for the type checker
        self._guard: Process = guard
        self._pipe: IO[bytes] = guard.stdin
        try:
            self._process: Process = subprocess.Popen(
                ["/bin/sh", "-c", ANNOUNCED, "sh", _program(argv[0]), *argv[1:]],
                stdin=subprocess.DEVNULL,
                stdout=self._pipe,
                stderr=self._log,
                env={**(os.environ if env is None else env), **homes, "TMPDIR": str(self.scratch)},
                pass_fds=tuple(fds),
                start_new_session=True,
            )
        except OSError as exc:
            self._end_guard()
            raise BrowserError(f"cannot start {argv[0]}: {exc.strerror}; see: uitest doctor") from exc
        except BaseException:
            # Interrupted, perhaps when the process had started: the guard knows its id, and ends it before itself.
            self._pipe.close()
            self._guard.wait()
            self._end_guard()
            raise

    @property
    def group(self) -> int:
        """Id of the process group of driver and browser."""
        return self._process.pid

    @property
    def guard(self) -> int:
        """Process id of the guard."""
        return self._guard.pid

    def hand_over(self) -> RunningProcess:
        """The data with which another process can take it over; afterwards ``stop`` does nothing here."""
        fds = os.dup(self._pipe.fileno()), os.dup(self._log.fileno())
        self._pipe.close()
        self._log.close()
        for child in (self._process, self._guard):
            if isinstance(child, subprocess.Popen):
                child.returncode = 0  # it outlives this process, which is no reason to warn of it
        return RunningProcess(self.url, self.group, self.guard, str(self.scratch), fds)

    def poll(self) -> int | None:
        """Exit code of the process, None while it runs."""
        return self._process.poll()

    def output(self, limit: int = OUTPUT_LIMIT) -> str:
        """The end of the processes' output, without a driver's start message."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(self._greeting, size - limit))
        return self._log.read().decode(errors="replace")

    def stop(self) -> None:
        """Kill the group, reap the process and delete the temporary folder; may be called again."""
        if self._log.closed:
            return
        # The guard is killed first, as the group's id may be reused after the process is reaped.
        self._guard.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._end_guard()

    def _end_guard(self) -> None:
        """End the guard and delete the folder."""
        self._guard.kill()
        self._guard.wait()
        with contextlib.suppress(OSError):  # data that the guard has not read
            self._pipe.close()
        self._log.close()
        for _ in range(50):  # the browser's children may write until they have ended
            shutil.rmtree(self.scratch, ignore_errors=True)
            if not self.scratch.exists():
                break
            time.sleep(0.01)


class DriverProcess(GuardedProcess):
    """A server on a loopback port that it chooses itself, such as a WebDriver server."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        home: Path | None = None,
        port: int | None = None,
    ) -> None:
        """Start ``argv``, which names port 0, and wait until it listens.

        The port is read from the process, because a port chosen before could meanwhile be used by another worker's
        driver. ``port`` is for programs that cannot choose one. Raises BrowserError with the driver's output.
        """
        super().__init__(argv, env, home=home)
        try:
            self.port = self._listening(argv[0], port)
        except BaseException:
            self.stop()
            raise
        self.url = f"http://127.0.0.1:{self.port}"
        self._greeting = self._log.seek(0, os.SEEK_END)

    def _listening(self, program: str, wanted: int | None) -> int:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            for port in listening_ports(self.group):
                if wanted in (None, port):
                    return port
            if time.monotonic() > deadline or self.poll() is not None:
                output = self.output().strip()
                last = " | ".join(output.splitlines()[-3:])
                raise BrowserError(f"{program} does not listen on any port: {last}", output)
            time.sleep(0.005)


def on_free_port(start: Callable[[int], DriverProcess]) -> DriverProcess:
    """Start a server on a given free port, and once more in case the port was taken meanwhile. Raises BrowserError."""
    try:
        return start(free_port())
    except BrowserError:
        LOGGER.info("a driver did not start; trying once more on another port", exc_info=True)
        return start(free_port())
