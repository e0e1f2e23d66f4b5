"""Serves each case in a new session, for engines and grids without user contexts.

On this machine (WebKit) the next case's session is started during the running case, which needs the memory of a second
browser. On a grid, whose sessions are shared with others, a session is started only when it is needed.
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
from uitest.browsers.process.handover import RunningBrowser
from uitest.browsers.process.http_client import command_timeout
from uitest.browsers.sessions.background_worker import BackgroundWorker
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)

QUIT_TIMEOUT_S = 10.0
"""Timeout of ending a session in seconds; after that its processes are killed."""


class SessionPerCase:
    """A browser that serves each case in a new session."""

    def __init__(
        self,
        connect: Callable[[], WebDriver],
        stop: Callable[[], None] | None = None,
        hand_over: Callable[[], RunningBrowser] | None = None,
    ) -> None:
        """``stop`` ends the browsers' processes; None on a grid, where only sessions can be ended.

        ``hand_over`` leaves them to another process; None where that is impossible.
        """
        self._stop, self._hand_over = stop, hand_over
        self._background: BackgroundWorker[WebDriver] = BackgroundWorker(connect)
        self._open: WebDriver | None = None
        self._needs_replacement = False
        self._taken: dict[float, int] = {}
        """How many lines of the page that was shown when the console was last taken have been taken."""

    @property
    def needs_replacement(self) -> bool:
        """Whether it must be replaced."""
        return self._needs_replacement or self._background.failed

    def open(self) -> WebDriver:
        """The next case's driver. Raises BrowserError or WebDriverException if no session can be started."""
        before, self._needs_replacement = self._needs_replacement, True
        self._taken = {}
        self._open = self._background.take()
        self._needs_replacement = before
        return self._open

    def prepare(self) -> None:
        """Start the next case's session in the background."""
        if self._stop is not None and not self._needs_replacement:
            self._background.prepare()

    def close(self, driver: WebDriver) -> None:
        """End a case's session; if that fails, the browser must be replaced."""
        self._open = None
        if not self._needs_replacement:
            self._background.remove(lambda: _end(driver))

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines of the page since the last call, if the driver records them (WebKit, not on a grid).

        Lines that a page logged after the last call are lost when the next page loads.
        """
        if not hasattr(driver, "logged"):
            return []
        page, lines = driver.logged()
        taken = self._taken.get(page, 0)
        self._taken = {page: len(lines)}
        return list(lines[taken:])

    def inspector(self, driver: WebDriver) -> DriverInspector:
        """An inspector of the running case's page that uses its driver."""
        return DriverInspector(driver)

    def allow_downloads(self, driver: WebDriver, folder: Path) -> None:
        """Raises BrowserError, as only contexts have a download folder."""
        raise BrowserError("downloads are supported in Chrome and Firefox on this machine, not in WebKit or on a grid")

    def release(self) -> RunningBrowser | None:
        """End the prepared session, and leave the processes running; None if that is impossible."""
        if self._hand_over is None or self._needs_replacement:
            return None
        try:
            if not self._background.clear(_end, QUIT_TIMEOUT_S):
                return None
        except (WebDriverException, BrowserError, OSError, HTTPError):
            LOGGER.info("the browser is not kept: a session does not end", exc_info=True)
            return None
        self._needs_replacement = True
        return self._hand_over()

    def kill(self) -> None:
        """End local processes at once, or the open session on a grid."""
        self._needs_replacement = True
        if self._stop is not None:
            self._stop()
            self._background.end()
            self._stop()  # again, for a session that was being started
            return
        self._background.end()
        if self._open is not None:
            with log.suppress(LOGGER, "the grid's session could not be ended", WebDriverException, OSError, HTTPError):
                _end(self._open)
            self._open = None


def _end(driver: WebDriver) -> None:
    with contextlib.suppress(InvalidSessionIdException), command_timeout(driver, QUIT_TIMEOUT_S):
        driver.quit()  # an invalid session was ended by the case itself
