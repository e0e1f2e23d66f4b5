"""Lends the handler's browser to a forked session, which returns it at its end.

The session inherits the handler's data about the browser by the fork. It returns the browser as one message with the
descriptors of the guard's pipe. A session that breaks or is killed, or whose browser needs replacement, sends none.
"""

import json
import logging
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from uitest import log
from uitest.browsers import resume
from uitest.browsers.process.handover import AdoptedDriver, RunningBrowser
from uitest.browsers.sessions.protocols import Browser
from uitest.browsers.settings import Settings
from uitest.executors.pytest_session import NORMAL_EXITS
from uitest.plugin.fixtures import KEEP

LOGGER = logging.getLogger(f"uitest.{__name__}")

MAX_USES = 50
"""Maximum number of invocations that one browser serves, which limits leaks."""

MESSAGE_LIMIT = 100_000
"""Maximum size in bytes of a message, which usually has about 3,000."""


@dataclass(frozen=True)
class Entry:
    """A browser that is kept between invocations."""

    key: str
    """Engine and options of the browser, as one text."""
    uses: int
    """Number of invocations that it has served."""
    kept: RunningBrowser

    def send(self, to: socket.socket) -> None:
        """Send the entry as one message without blocking. Raises OSError, TypeError or ValueError."""
        message = json.dumps(asdict(self)).encode()
        if len(message) > MESSAGE_LIMIT:
            raise ValueError(f"the message has {len(message)} bytes; at most {MESSAGE_LIMIT} are allowed")
        to.setblocking(False)  # flags are lost in send_fds and recv_fds of Python 3.11
        socket.send_fds(to, [message], self.kept.fds)

    @classmethod
    def receive(cls, back: socket.socket) -> Self | None:
        """The entry that was sent, with descriptors of this process; None if none was."""
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
    """A pytest plugin that offers the browser of the previous session to the pool of this one."""

    def __init__(self, home: Path, entry: Entry | None, back: socket.socket) -> None:
        self.home = home
        self._entry, self._back = entry, back
        self._resumed: Browser | None = None
        self._uses = 0
        self._sound = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Register with the pool."""
        config.stash[KEEP] = self

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Note whether the session ended normally; else its browser is not returned."""
        self._sound = exitstatus in NORMAL_EXITS

    def pytest_unconfigure(self) -> None:
        """Return a browser that was not used."""
        if self._entry is not None and self._sound:
            self._send(self._entry)

    @property
    def key(self) -> str | None:
        """Key of the browser, None if there is none."""
        return self._entry.key if self._entry is not None else None

    def take(self, key: str, name: str, settings: Settings, selenium_options: Any) -> Browser | None:
        """The browser, if its key matches, it responds and has uses left; else it is ended and the result is None."""
        entry, self._entry = self._entry, None
        if entry is None:
            return None
        # On any error the case gets a new browser; the remains of this one end with the session.
        with log.suppress(LOGGER, "the kept browser cannot be used", Exception):
            if entry.key == key and entry.uses < MAX_USES:
                self._resumed, self._uses = resume(name, settings, selenium_options, entry.kept), entry.uses
            else:
                LOGGER.info("the kept browser is ended: it was asked for otherwise, or has served often enough")
                AdoptedDriver(entry.kept).stop()
        return self._resumed

    def give(self, key: str, browser: Browser) -> bool:
        """Return the browser to the handler; False if it or the session is broken."""
        handover = browser.release() if self._sound else None
        if handover is None:
            return False
        uses = 1 + (self._uses if browser is self._resumed else 0)
        return self._send(Entry(key, uses, handover))

    def _send(self, entry: Entry) -> bool:
        try:
            entry.send(self._back)
        except (OSError, TypeError, ValueError):
            LOGGER.info("the browser could not be handed over", exc_info=True)
            return False
        return True
