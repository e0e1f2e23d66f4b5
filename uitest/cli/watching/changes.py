"""Tells which files below a folder change, from a process of its own.

It is a process because ``watchdog`` works with threads, and this one is forked for each session of pytest, which only a
process without threads may be. ``watchdog`` is used rather than ``watchfiles`` because the latter depends on ``anyio``,
whose pytest plugin makes every start of pytest in that environment 0.1 s slower.
"""

import os
import select
import signal
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from uitest.errors import UsageError

SETTLE_S = 0.03
"""Pause in seconds after which a series of changes is over; editors write a file in several steps."""

READY, PROBLEM = "ready", "problem "
"""First message: all folders are watched, or why they cannot be."""

CHANGES = frozenset({"created", "modified", "moved", "deleted"})

START_TIMEOUT_S = 30.0


def check_package() -> None:
    """Raises UsageError if ``watchdog`` is not installed."""
    if find_spec("watchdog") is None:
        raise UsageError(
            "uitest watch needs the package watchdog; install it with: pip install watchdog (extra: watch)"
        )


class FileWatcher:
    """A process that watches a folder, to be used as a context manager."""

    def __init__(self, root: Path) -> None:
        """Start it, and wait until it watches. Raises UsageError if it cannot."""
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            self._socket.close()
            _watch(root, theirs)
        theirs.close()
        self._socket.settimeout(START_TIMEOUT_S)
        try:
            first = self._socket.recv(65536).decode(errors="surrogateescape")
        except TimeoutError:
            first = f"{PROBLEM}it takes too long"
        if first != READY:
            self.stop()
            raise UsageError(f"{root} cannot be watched: {first.removeprefix(PROBLEM) or 'the process has ended'}")

    def fileno(self) -> int:
        """A descriptor that is readable when files have changed."""
        return self._socket.fileno()

    def changed(self, settle_s: float = SETTLE_S) -> set[Path]:
        """The files that have changed since the last call, when no further one does. Raises EOFError."""
        paths = set()
        while select.select([self._socket], [], [], settle_s)[0]:
            message = self._socket.recv(65536)
            if not message:
                raise EOFError("the process that watches files has ended")
            paths.add(Path(os.fsdecode(message)))
        return paths

    def stop(self) -> None:
        """End the process."""
        self._socket.close()
        os.waitpid(self._pid, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _watch(root: Path, to: socket.socket) -> None:
    """The code of the process: send the path of each change, until the other end is closed."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with its parent
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer

        class Send(FileSystemEventHandler):
            """Sends the paths of files that change."""

            def on_any_event(self, event: FileSystemEvent) -> None:
                """Send them; the other end may be closed."""
                if event.event_type in CHANGES and not event.is_directory:
                    for path in filter(None, (event.src_path, event.dest_path)):
                        _send(to, os.fsencode(str(path)))

        observer: Any = Observer()
        try:
            observer.schedule(Send(), str(root), recursive=True)
            observer.start()
        except OSError as exc:
            _send(to, f"{PROBLEM}{exc.strerror or exc}".encode())
        else:
            _send(to, READY.encode())
            to.recv(1)
    finally:
        os._exit(0)


def _send(to: socket.socket, message: bytes) -> None:
    try:
        to.send(message)
    except OSError:
        os._exit(0)
