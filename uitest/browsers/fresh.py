"""A new session for each case, where the engine or a grid has no contexts to offer."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from selenium.common.exceptions import InvalidSessionIdException, WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from uitest.browsers.client import patience
from uitest.errors import BrowserError

GOODBYE_S = 10.0
"""Seconds a session may take to end; after that its processes are ended instead."""


class FreshSessions:
    """Serves cases one session after the other."""

    def __init__(self, connect: Callable[[], WebDriver], stop: Callable[[], None] | None = None) -> None:
        """``stop`` ends the browser's processes; without it (a grid) the open session is all there is to end."""
        self._connect = connect
        self._stop = stop
        self._open: WebDriver | None = None
        self.spent = False

    def open(self) -> WebDriver:
        """The next case's driver. Raises BrowserError or WebDriverException if no session can be had."""
        spent, self.spent = self.spent, True
        self._open = self._connect()
        self.spent = spent
        return self._open

    def prepare(self) -> None:
        """One session at a time."""

    def close(self, driver: WebDriver) -> None:
        """End a case's session; the browser is spent if that fails."""
        spent, self.spent = self.spent, True  # until all is done: a time limit may stop us anywhere
        try:
            with contextlib.suppress(InvalidSessionIdException), patience(driver, GOODBYE_S):
                driver.quit()  # an invalid session is one that the case ended itself
            self._open = None
            self.spent = spent
        except (WebDriverException, OSError, HTTPError):
            return

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines of the running case, where its driver records them (WebKit); a grid hands out none."""
        lines: list[str] = driver.console() if hasattr(driver, "console") else []
        return lines

    def allow_downloads(self, driver: WebDriver, folder: Path) -> None:
        """Raises BrowserError: only contexts can be told where to download to."""
        raise BrowserError("downloads are supported in Chrome and Firefox on this machine, not in WebKit or on a grid")

    def kill(self) -> None:
        """End whatever runs here at once."""
        self.spent = True
        if self._stop is not None:
            self._stop()
        elif self._open is not None:
            self.close(self._open)
