"""A kept browser as a session sees it: taken from the handler's process at the beginning, given back at the end.

The session is a fork and has all that the handler knows of the browser. What it gives back is one message, with the
descriptors that the guard's life hangs on; a session that breaks, is killed or has used up its browser sends none.
"""

import contextlib
import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from uitest.browsers import resume
from uitest.browsers.process.handover import AdoptedDriver, RunningBrowser
from uitest.browsers.sessions.protocols import Browser
from uitest.browsers.settings import Settings
from uitest.executors.pytest_session import NORMAL_EXITS
from uitest.plugin.fixtures import KEEP

MOST_USES = 50
"""Invocations that one browser serves: what it leaks ends with it."""

MESSAGE_LIMIT = 100_000
"""Bytes; one is about 3,000."""


@dataclass(frozen=True)
class Entry:
    """A browser that is kept."""

    key: str
    """What it was asked to be."""
    uses: int
    """Invocations that it has served."""
    kept: RunningBrowser

    def send(self, to: socket.socket) -> None:
        """As one message. Raises OSError (never waits), TypeError or ValueError."""
        message = json.dumps(asdict(self)).encode()
        if len(message) > MESSAGE_LIMIT:
            raise ValueError(f"{len(message)} bytes are no message")
        to.setblocking(False)  # flags are lost in send_fds and recv_fds of Python 3.11
        socket.send_fds(to, [message], self.kept.fds)

    @classmethod
    def receive(cls, back: socket.socket) -> Self | None:
        """What was sent, with descriptors of this process; None if nothing was."""
        back.setblocking(False)
        try:
            text, fds, _, _ = socket.recv_fds(back, MESSAGE_LIMIT, 2)
        except BlockingIOError:
            return None
        for fd in fds:
            os.set_inheritable(fd, False)
        data = json.loads(text)
        return cls(data["key"], data["uses"], RunningBrowser(**{**data["kept"], "fds": tuple(fds)}))


class BorrowedBrowser:
    """The browser of the session before, for this one's pool; a plugin of pytest."""

    def __init__(self, home: Path, entry: Entry | None, back: socket.socket) -> None:
        self.home = home
        self._entry, self._back = entry, back
        self._resumed: Browser | None = None
        self._uses = 0
        self._sound = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Be found by the pool."""
        config.stash[KEEP] = self

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """A session that broke may have left a broken browser."""
        self._sound = exitstatus in NORMAL_EXITS

    def pytest_unconfigure(self) -> None:
        """Give back what nobody took."""
        if self._entry is not None and self._sound:
            self._send(self._entry)

    @property
    def key(self) -> str | None:
        """What the browser was asked to be, None if there is none."""
        return self._entry.key if self._entry is not None else None

    def take(self, key: str, name: str, settings: Settings, made: Any) -> Browser | None:
        """The browser if it was asked to be this, answers and has not served too often; else it is ended."""
        entry, self._entry = self._entry, None
        if entry is None:
            return None
        # Whatever is wrong with it, the case gets a new one; and what is left of it ends with the session.
        with contextlib.suppress(Exception):
            if entry.key == key and entry.uses < MOST_USES:
                self._resumed, self._uses = resume(name, settings, made, entry.kept), entry.uses
            else:
                AdoptedDriver(entry.kept).stop()
        return self._resumed

    def give(self, key: str, browser: Browser) -> bool:
        """Whether the browser is kept: it is well, and so was the session."""
        kept = browser.release() if self._sound else None
        if kept is None:
            return False
        uses = 1 + (self._uses if browser is self._resumed else 0)
        return self._send(Entry(key, uses, kept))

    def _send(self, entry: Entry) -> bool:
        try:
            entry.send(self._back)
        except (OSError, TypeError, ValueError):
            return False
        return True
