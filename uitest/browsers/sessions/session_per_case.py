"""A new session for each case, where the engine or a grid has no contexts to offer.

Where sessions cost nothing but this machine's time (WebKit), the next case's session is started while this one
runs. Given up there: the memory of a second browser. A grid's sessions are others' to use, and are started when they
are needed.
"""

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from selenium.common.exceptions import InvalidSessionIdException, WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from uitest import log
from uitest.browsers.page_inspector import DriverInspector
from uitest.browsers.process.http_client import command_timeout
from uitest.browsers.sessions.background_worker import BackgroundWorker
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)

GOODBYE_S = 10.0
"""Seconds a session may take to end; after that its processes are ended instead."""


class SessionPerCase:
    """Serves cases one session after the other."""

    def __init__(self, connect: Callable[[], WebDriver], stop: Callable[[], None] | None = None) -> None:
        """``stop`` ends the browsers' processes; without it (a grid) the open session is all there is to end."""
        self._stop = stop
        self._beside: BackgroundWorker[WebDriver] = BackgroundWorker(connect)
        self._open: WebDriver | None = None
        self._spent = False
        self._taken: dict[float, int] = {}
        """How many lines of the page that was shown when the console was last taken have been taken."""

    @property
    def spent(self) -> bool:
        """Whether it must be replaced."""
        return self._spent or self._beside.failed

    def open(self) -> WebDriver:
        """The next case's driver. Raises BrowserError or WebDriverException if no session can be had."""
        spent, self._spent = self._spent, True
        self._taken = {}
        self._open = self._beside.take()
        self._spent = spent
        return self._open

    def prepare(self) -> None:
        """Start the next case's session beside this one."""
        if self._stop is not None and not self._spent:
            self._beside.prepare()

    def close(self, driver: WebDriver) -> None:
        """End a case's session; the browser is spent if that fails."""
        self._open = None
        if not self._spent:
            self._beside.remove(lambda: _end(driver))

    def console(self, driver: WebDriver) -> list[str]:
        """Lines of the page's console since they were last taken, where the driver has them (WebKit); a grid has none.

        What a page has logged after they were last taken is lost when the next page comes.
        """
        if not hasattr(driver, "logged"):
            return []
        page, lines = driver.logged()
        taken = self._taken.get(page, 0)
        self._taken = {page: len(lines)}
        return list(lines[taken:])

    def lens(self, driver: WebDriver) -> DriverInspector:
        """Looks at the running case's page with its driver."""
        return DriverInspector(driver)

    def allow_downloads(self, driver: WebDriver, folder: Path) -> None:
        """Raises BrowserError: only contexts can be told where to download to."""
        raise BrowserError("downloads are supported in Chrome and Firefox on this machine, not in WebKit or on a grid")

    def release(self) -> None:
        """Nothing: each case has a session of its own anyway."""

    def kill(self) -> None:
        """End whatever runs here at once, and what is open on a grid."""
        self._spent = True
        if self._stop is not None:
            self._stop()
            self._beside.end()
            self._stop()  # what was being started meanwhile
            return
        self._beside.end()
        if self._open is not None:
            with log.suppress(LOGGER, "the grid's session could not be ended", WebDriverException, OSError, HTTPError):
                _end(self._open)
            self._open = None


def _end(driver: WebDriver) -> None:
    with contextlib.suppress(InvalidSessionIdException), command_timeout(driver, GOODBYE_S):
        driver.quit()  # an invalid session is one that the case ended itself
