"""Lends the handler's browser to a forked session, which returns it at its end.

The session inherits the handler's data about the browser by the fork. It returns the browser as one message with the
descriptors of the guard's pipe. A session that breaks or is killed, or whose browser needs replacement, sends none.
"""

import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from uitest import log
from uitest.browsers import resume
from uitest.browsers.process.handover import MAX_USES, KeptBrowser
from uitest.browsers.sessions.protocols import Browser
from uitest.browsers.settings import Settings
from uitest.executors.pytest_session import NORMAL_EXITS
from uitest.plugin.fixtures import KEEP

LOGGER = logging.getLogger(f"uitest.{__name__}")


class BorrowedBrowser:
    """A pytest plugin that offers the browser of the previous session to the pool of this one."""

    def __init__(self, home: Path, entry: KeptBrowser | None, back: socket.socket) -> None:
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
                self._resumed, self._uses = resume(name, settings, selenium_options, entry.running), entry.uses
            else:
                LOGGER.info("the kept browser is ended: it was asked for otherwise, or has served often enough")
                entry.running.stop()
        return self._resumed

    def give(self, key: str, browser: Browser) -> bool:
        """Return the browser to the handler; False if it or the session is broken."""
        running = browser.release() if self._sound else None
        if running is None:
            return False
        self._sound = False  # one is enough
        uses = 1 + (self._uses if browser is self._resumed else 0)
        if self._send(KeptBrowser(key, uses, running)):
            return True
        running.abandon()
        return False

    def _send(self, entry: KeptBrowser) -> bool:
        try:
            entry.send(self._back)
        except (OSError, TypeError, ValueError):
            LOGGER.info("the browser could not be handed over", exc_info=True)
            return False
        return True
