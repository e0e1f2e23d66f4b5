"""Processes that cannot outlive us.

Each driver leads a process group of its own, which its browser stays in (Chrome, Firefox ESR and MiniBrowser
on Linux were checked), with a scratch folder as its ``TMPDIR``. Beside it waits a small shell that reads from a
pipe whose other end only we hold: when we die in whatever way, ``kill -9`` included, the read ends and the
shell kills the group and removes the folder. The group tells that shell its id itself, before it becomes the driver:
there is no moment in which we could die and nobody knew of it. Trade-off: one idle shell per driver, and no systems
without ``/bin/sh``.
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
from pathlib import Path
from typing import IO, Protocol

from uitest.errors import BrowserError
from uitest.system.home_dirs import make_homes
from uitest.system.process_table import listening_ports

LOGGER = logging.getLogger(__name__)

GUARD = 'read -r group; read -r _; kill -KILL "-$group" 2>/dev/null; rm -rf -- "$1"; sleep 0.3; rm -rf -- "$1"'
"""Reads a process group's id, waits for the end of standard input, then ends the group and removes folder ``$1``."""

ANNOUNCED = 'echo "$$"; exec "$@" >&2'
"""Tells its process id to standard output, the guard's pipe, then becomes the program, which prints to the log."""

START_LIMIT_S = 30.0

OUTPUT_LIMIT = 100_000
"""Bytes of what driver and browser printed that are kept of a start that failed."""


def free_port() -> int:
    """A loopback TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process(Protocol):
    """What is used of ``Popen``."""

    @property
    def pid(self) -> int:
        """Its id."""

    def poll(self) -> int | None:
        """Exit code, None while it runs."""

    def kill(self) -> None:
        """End it at once."""

    def wait(self) -> int:
        """Exit code, once there is one."""


def _program(name: str) -> str:
    """The path of a program. Raises OSError if there is none, which the shell would tell the log only."""
    path = shutil.which(name)
    if path is None:
        number = errno.EACCES if Path(name).is_file() else errno.ENOENT
        raise OSError(number, os.strerror(number))
    return path


class GuardedProcess:
    """A process group and its scratch folder; both end with ``stop`` or with us, whichever comes first."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        fds: Sequence[int] = (),
        home: Path | None = None,
    ) -> None:
        """Start ``argv`` and keep what it prints for ``output``. Raises BrowserError if that cannot be done.

        With a folder ``home`` the scratch folder is in there, and holds whatever the processes would write to the
        user's own home.
        """
        self.scratch = Path(tempfile.mkdtemp(prefix="uitest-", dir=home))
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by stop
        self._greeting = 0
        homes = make_homes(self.scratch) if home else {}
        try:
            # The guard goes first: nothing is started that it could not end.
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
        except BaseException as exc:
            self._end_guard()
            if isinstance(exc, OSError):
                raise BrowserError(f"cannot start {argv[0]}: {exc.strerror}; see: uitest doctor") from exc
            raise

    @property
    def group(self) -> int:
        """Process group id; every process of driver and browser is in it."""
        return self._process.pid

    @property
    def guard(self) -> int:
        """Process id of the guard."""
        return self._guard.pid

    @property
    def fds(self) -> tuple[int, int]:
        """The guard's pipe, and the file with what the processes print."""
        return self._pipe.fileno(), self._log.fileno()

    def poll(self) -> int | None:
        """Exit code of the process, None while it runs."""
        return self._process.poll()

    def output(self, limit: int = OUTPUT_LIMIT) -> str:
        """The end of what the processes have printed, a driver's greeting left out."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(self._greeting, size - limit))
        return self._log.read().decode(errors="replace")

    def stop(self) -> None:
        """Kill the group at once, reap what is ours, remove the scratch folder; harmless when repeated."""
        if self._log.closed:
            return
        # The guard goes first: once the process is reaped its group id could be somebody else's.
        self._guard.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._end_guard()

    def _end_guard(self) -> None:
        """End the guard, and the folder with it."""
        self._guard.kill()
        self._guard.wait()
        with contextlib.suppress(OSError):  # what a guard that is gone has not read
            self._pipe.close()
        self._log.close()
        for _ in range(50):  # the browser's own children need a moment to die and write until then
            shutil.rmtree(self.scratch, ignore_errors=True)
            if not self.scratch.exists():
                break
            time.sleep(0.01)


class DriverProcess(GuardedProcess):
    """A server on a loopback port of its own choice, such as a WebDriver server that is ready to take sessions."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        home: Path | None = None,
        port: int | None = None,
    ) -> None:
        """Start ``argv``, which names port 0, and wait until it listens.

        The port is one that this very process listens on: a number that was free a moment ago could be answered by
        another worker's driver. ``port`` is for a program that cannot choose one. Raises BrowserError with what the
        driver printed.
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
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            for port in listening_ports(self.group):
                if wanted in (None, port):
                    return port
            if time.monotonic() > deadline or self.poll() is not None:
                said = self.output().strip()
                last = " | ".join(said.splitlines()[-3:])
                raise BrowserError(f"{program} does not listen on any port: {last}", said)
            time.sleep(0.005)


def on_free_port(start: Callable[[int], DriverProcess]) -> DriverProcess:
    """A server that must be told its port: started once more where somebody else has taken it. Raises BrowserError."""
    try:
        return start(free_port())
    except BrowserError:
        LOGGER.info("a driver did not start; trying once more on another port", exc_info=True)
        return start(free_port())
