"""Keeps browsers of this machine between pytest sessions, for ``--keep-browser``.

A session that ends hands each of its browsers to a process of its own, the keeper (``process.keeper``). The next
session takes one whose key is the same as that of the browser it needs. A key covers everything that makes a browser
what it is: engine, options, programs with their builds, user, namespaces and variables that browsers read. Since a
keeper gives its browser away once, two workers never use the same one.

Files: a folder that only its user can enter, with a socket for each keeper. Self-check: a browser that is taken over is
asked for the window that was kept, and must answer in time. Fallback: a new browser.

Trade-off: the state of a browser outside of contexts, such as its memory use, is that of all its sessions; after
``handover.MAX_USES`` of them it is replaced.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
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
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

import selenium

from uitest import distribution, log
from uitest.browsers import resume
from uitest.browsers.process import discovery, keeper
from uitest.browsers.process.handover import MAX_USES, MESSAGE_LIMIT, KeptBrowser, RunningBrowser
from uitest.errors import BrowserError
from uitest.system.process_table import ProcessEntry

if TYPE_CHECKING:
    from uitest.browsers.sessions.protocols import Browser
    from uitest.browsers.settings import Settings

LOGGER = logging.getLogger(__name__)

MAX_KEPT = 8
"""Maximum number of kept browsers of a user; the one that has been idle for longest makes room."""

ANSWER_TIMEOUT_S = 2.0
"""Seconds within which a keeper answers; it takes milliseconds."""

STARTING_S = 10.0
"""Age in seconds below which a socket that refuses connections may still begin to listen."""

READ_BY_BROWSERS = re.compile(
    r"(?i:.*_proxy)|TZ|LANG|LANGUAGE|LC_.*|HOME|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|SSLKEYLOGFILE|LD_.*|"
    r"(XDG|DBUS|FONTCONFIG|GTK|GDK|GIO|GSETTINGS|GST|G|MESA|LIBGL|EGL|VK|QT|NO_AT|MOZ|CHROME|CHROMIUM|GOOGLE|WEBKIT|"
    r"JSC|PULSE|ALSA|SSL)_.*"
)
"""Variables that change what a browser does; others may differ."""


def browser_key(key: str, name: str, selenium_options: Any, environ: Mapping[str, str]) -> str:
    """The text that is the same for two browsers if one can stand in for the other.

    ``key`` is that of the pool. It is a digest, because capabilities and variables may have passwords. Raises
    BrowserError and OSError if a program is missing.
    """
    programs = [discovery.driver(name), *([discovery.xvfb()] if name == "webkit" else [])]
    if getattr(selenium_options, "binary_location", ""):
        programs.append(selenium_options.binary_location)
    parts = [
        key,
        distribution.VERSION,
        selenium.__version__,
        os.geteuid(),
        [str(Path(f"/proc/self/ns/{namespace}").readlink()) for namespace in ("net", "pid", "mnt")],
        [_build(Path(program)) for program in programs],
        sorted((name, value) for name, value in environ.items() if READ_BY_BROWSERS.fullmatch(name)),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _build(program: Path) -> list[Any]:
    """What changes when a program is replaced."""
    path = program.resolve(strict=True)
    found = path.stat()
    return [str(path), found.st_ino, found.st_size, found.st_mtime_ns]


def _is_of_installed_build(running: RunningBrowser) -> bool:
    """Whether no program that it runs has been replaced since it was started; a program may be behind a script."""
    capabilities = running.state.get("capabilities", {})
    pids = [process.group for process in running.processes]
    pids += [capabilities[name] for name in ("goog:processID", "moz:processID") if name in capabilities]
    try:
        return not any(Path(f"/proc/{pid}/exe").readlink().name.endswith(" (deleted)") for pid in pids)
    except OSError:
        return False  # it has died


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
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            os.close(descriptor)
            raise BrowserError(f"{folder} must belong to you and be closed to others to keep browsers there: remove it")
        return cls(folder, descriptor)

    def _sockets(self, key: str = "") -> list[str]:
        """Names of the sockets for a key, or of all, the most recent one first."""
        found = []
        for path in self._folder.glob(f"{key[:16]}*.sock"):
            with log.suppress(LOGGER, "a kept browser has just been taken", FileNotFoundError):
                found.append((path.stat().st_mtime, path.name))
        return [name for _, name in sorted(found, reverse=True)]

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
                    found = KeptBrowser.receive(connection)
                    if found is not None:
                        yield found

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
                    found = KeptBrowser.receive(connection)
                    if found is not None:
                        found.running.stop()


class SessionKeeper:
    """Takes over kept browsers for one session, and keeps its browsers for the next one (``pool.BrowserKeeper``)."""

    home = None
    key = None

    def __init__(self, kept: KeptBrowsers, minutes: float, shell: int | None) -> None:
        """Browsers end after ``minutes`` without use, and with the process ``shell``."""
        self._kept, self._minutes, self._shell = kept, minutes, shell
        self._keys: dict[str, tuple[str, str]] = {}
        """Engine and key of each browser that was asked for, by the pool's key."""
        self._uses: WeakKeyDictionary[Browser, int] = WeakKeyDictionary()
        """Number of earlier sessions of each browser that was taken over."""

    def take(self, key: str, name: str, settings: "Settings", selenium_options: Any) -> "Browser | None":
        """A kept browser that is the same as the one asked for, and works; None if there is none."""
        # On any error the case gets a new browser.
        with log.suppress(LOGGER, "no kept browser can be used", Exception):
            full = browser_key(key, name, selenium_options, os.environ)
            self._keys[key] = name, full
            for found in self._kept.taken(full):
                browser = self._resumed(found, full, name, settings, selenium_options)
                if browser is not None:
                    return browser
        return None

    def _resumed(
        self, found: KeptBrowser, key: str, name: str, settings: "Settings", selenium_options: Any
    ) -> "Browser | None":
        if found.key != key or found.uses >= MAX_USES or not _is_of_installed_build(found.running):
            LOGGER.info("a kept browser is ended: it has served often enough, or its programs have changed")
            found.running.stop()
            return None
        try:
            browser = resume(name, settings, selenium_options, found.running)
        except Exception:  # whatever a broken browser leads to; it has ended with that
            LOGGER.info("a kept browser does not work and is ended", exc_info=True)
            return None
        LOGGER.info("%s is the one of an earlier session", name)
        self._uses[browser] = found.uses
        return browser

    def give(self, key: str, browser: "Browser") -> bool:
        """Keep a browser for the next session; False if it needs replacement or cannot be kept."""
        running = browser.release() if key in self._keys else None
        if running is None:
            return False
        name, full = self._keys[key]
        capabilities = running.state.get("capabilities", {})
        about = {
            "browser": name,
            "version": capabilities.get("browserVersion", ""),
            "pid": running.processes[0].group,
            "folder": str(Path.cwd()),
            "minutes": self._minutes,
        }
        kept = KeptBrowser(full, 1 + self._uses.get(browser, 0), running)
        try:
            self._kept.put(kept, self._minutes, self._shell, about)
        except (OSError, TypeError, ValueError):
            LOGGER.info("a browser could not be kept", exc_info=True)
        finally:
            running.abandon()
        return True


def shell_of(main: int) -> int | None:
    """The process with which the browsers of a session end: the shell in which the pytest process ``main`` was started.

    That is the leader of the terminal's session, and not the parent, which may be ``make`` or a script. None if it is
    outside of this container.
    """
    leader = os.getsid(main)
    if not leader:
        return None
    process = ProcessEntry.at(leader) if leader != main else None
    if process is None or process.is_dead:
        process = ProcessEntry.at(main)
        leader = process.parent if process is not None else 0
    return leader or None
