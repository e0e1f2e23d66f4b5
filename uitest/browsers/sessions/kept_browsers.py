"""The browsers of this machine that are kept between pytest sessions.

Each is kept by a process of its own, the keeper (``process.keeper``), to which a session that ends hands it
(``session_keeper``). The next session takes one whose key (``browser_key``) is the same as that of the browser it
needs. Since a keeper gives its browser away once, two workers never use the same one.

Files: a folder that only its user can enter, with a socket for each keeper.
"""

import contextlib
import json
import logging
import os
import select
import socket
import stat
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from uitest import log
from uitest.browsers.process import keeper
from uitest.browsers.process.handover import MESSAGE_LIMIT, KeptBrowser
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)

MAX_KEPT = 8
"""Maximum number of kept browsers of a user; the one that has been idle for longest makes room."""

ANSWER_TIMEOUT_S = 2.0
"""Seconds within which a keeper answers; it takes milliseconds."""

STARTING_S = 10.0
"""Age in seconds below which a socket that refuses connections may still begin to listen."""


class KeptBrowsers:
    """The kept browsers of this user."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        """``descriptor`` is that of the folder: with it the path of a socket is short enough, wherever it is."""
        self._folder, self._descriptor = folder, descriptor

    @classmethod
    def open(cls) -> Self:
        """Create the folder if it is missing. Raises OSError, and BrowserError for one that others could use."""
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
        if runtime.is_absolute() and runtime.is_dir() and runtime.stat().st_uid == os.geteuid():
            folder = runtime / "uitest-browsers"
        else:
            folder = Path(tempfile.gettempdir()) / f"uitest-browsers-{os.geteuid()}"
        with contextlib.suppress(FileExistsError):  # what it is then shows when it is opened
            folder.mkdir(mode=0o700)
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as exc:
            raise BrowserError(f"{folder} is not a folder, so no browser can be kept: remove it") from exc
        folder_stat = os.fstat(descriptor)
        if folder_stat.st_uid != os.geteuid() or stat.S_IMODE(folder_stat.st_mode) & 0o077:
            os.close(descriptor)
            raise BrowserError(f"{folder} must belong to you and be closed to others to keep browsers there: remove it")
        return cls(folder, descriptor)

    def _sockets(self, key: str = "") -> list[str]:
        """Names of the sockets for a key, or of all, the most recent one first."""
        sockets = []
        for path in self._folder.glob(f"{key[:16]}*.sock"):
            with log.suppress(LOGGER, "a kept browser has just been taken", FileNotFoundError):
                sockets.append((path.stat().st_mtime, path.name))
        return [name for _, name in sorted(sockets, reverse=True)]

    def _ask(self, name: str, request: bytes) -> socket.socket | None:
        """A connection with an answer to a request, None if there is none."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.settimeout(ANSWER_TIMEOUT_S)
            connection.connect(f"/proc/self/fd/{self._descriptor}/{name}")
            if keeper.peer_user(connection) == os.geteuid():
                connection.send(request)
                if select.select([connection], [], [], ANSWER_TIMEOUT_S)[0]:
                    return connection
        except ConnectionRefusedError:
            self._forget(name)
        except OSError:
            LOGGER.debug("a kept browser does not answer", exc_info=True)
        connection.close()
        return None

    def _forget(self, name: str) -> None:
        """Remove the socket of a keeper that has been killed."""
        path = self._folder / name
        with log.suppress(LOGGER, "a socket could not be removed", OSError):
            if time.time() - path.stat().st_mtime > STARTING_S:
                path.unlink()

    def taken(self, key: str = "") -> Iterator[KeptBrowser]:
        """The browsers for a key, or all; each one belongs to the caller when it is yielded."""
        for name in self._sockets(key):
            connection = self._ask(name, keeper.TAKE)
            if connection is not None:
                with connection, log.suppress(LOGGER, "a kept browser could not be taken", OSError, ValueError):
                    browser = KeptBrowser.receive(connection)
                    if browser is not None:
                        yield browser

    def shown(self) -> Iterator[dict[str, Any]]:
        """What is known about each browser."""
        for name in self._sockets():
            connection = self._ask(name, keeper.SHOW)
            if connection is not None:
                with connection, log.suppress(LOGGER, "a kept browser could not be asked", OSError, ValueError):
                    yield json.loads(connection.recv(MESSAGE_LIMIT))

    def put(self, kept: KeptBrowser, minutes: float, shell: int | None, about: Mapping[str, Any]) -> None:
        """Have a keeper keep a browser. Raises OSError, TypeError or ValueError."""
        self._make_room()
        name = f"{kept.key[:16]}-{uuid.uuid4().hex[:8]}.sock"
        order = {
            "path": str(self._folder / name),
            "message": kept.message().decode(),
            "fds": kept.fds,
            "groups": [process.group for process in kept.running.processes],
            "guards": [process.guard for process in kept.running.processes],
            "shell": [] if shell is None else [shell],
            "minutes": minutes,
            "about": about,
        }
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(f"/proc/self/fd/{self._descriptor}/{name}")
            listener.listen()
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", keeper.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(listener.fileno(), *kept.fds),
                start_new_session=True,
            )
            process.returncode = 0  # it outlives this process, which is no reason to warn of it
            assert process.stdin is not None  # noqa: S101 - for the type checker
            with process.stdin as pipe:
                pipe.write(json.dumps({**order, "listener": listener.fileno()}).encode())

    def _make_room(self) -> None:
        """End the browsers that have been idle for longest, so that one more can be kept."""
        for name in self._sockets()[MAX_KEPT - 1 :]:
            connection = self._ask(name, keeper.TAKE)
            if connection is not None:
                with connection:
                    browser = KeptBrowser.receive(connection)
                    if browser is not None:
                        browser.running.stop()
