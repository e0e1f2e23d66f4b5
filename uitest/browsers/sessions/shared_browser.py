"""Serves one case after another in fresh contexts of one warm browser.

The case's driver is a real ``webdriver.Chrome`` or ``webdriver.Firefox`` on the warm session, which shows the case only
its own windows. State outside of contexts is tracked: timeouts, input state and window size are restored before the
next case, and commands that affect the whole browser mark it for replacement. So does a case that
opens its own socket to the browser, whose commands cannot be seen.

The next case's context is created, and the last one's removed, in a background thread, outside of the case's time.
Trade-off: cases of one worker cannot use the browser at the same time, and a case with browser-wide commands costs the
start of another browser.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from uitest import log
from uitest.browsers.page_inspector import PageInspector
from uitest.browsers.process.handover import RunningBrowser
from uitest.browsers.process.local_driver import LocalDriver
from uitest.browsers.sessions.background_worker import BackgroundWorker
from uitest.browsers.sessions.case_driver import CaseDriver
from uitest.browsers.sessions.protocols import Context, Contexts
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)

BROWSER_WIDE_DOMAINS = ("Browser.", "Target.", "SystemInfo.", "Storage.", "Tethering.")
"""DevTools domains whose commands affect more than the page they are sent to."""

WINDOW_COMMANDS = frozenset(
    {Command.SET_WINDOW_RECT, Command.W3C_MAXIMIZE_WINDOW, Command.MINIMIZE_WINDOW, Command.FULLSCREEN_WINDOW}
)

DEFAULT_TIMEOUTS = {"implicit": 0, "pageLoad": 300_000, "script": 30_000}
"""WebDriver's default timeouts in ms. https://www.w3.org/TR/webdriver2/#dfn-timeouts-configuration"""

SETTLE_S = 2.0
"""Timeout in seconds for background work to finish before the browser is handed over."""


def serve(driver: LocalDriver, options: Any, contexts: Callable[[], Contexts]) -> "SharedBrowser":
    """Serve cases in a driver's browser. On any error, ends the browser and raises it."""
    try:
        return SharedBrowser(driver, options, contexts())
    except BaseException:
        driver.kill()
        raise


class SharedBrowser:
    """A warm browser that provides one case's driver after another."""

    def __init__(self, driver: LocalDriver, options: Any, contexts: Contexts) -> None:
        self.driver = driver
        self.options = options
        self.contexts = contexts
        self._base = driver.current_window_handle
        """The window that keeps the browser open between cases; cases do not see it."""
        self._rect = driver.get_window_rect()
        self._dirty: set[str] = set()
        self._needs_replacement = False
        self._background: BackgroundWorker[Context] = BackgroundWorker(contexts.create)
        self._case_class = type("Case" + type(driver).__name__, (CaseDriver, type(driver)), {"__module__": __name__})

    @property
    def needs_replacement(self) -> bool:
        """Whether it must be replaced, because of a case's commands or a failed removal of a context."""
        return self._needs_replacement or self._background.failed

    def note(self, command: Any, params: dict[str, Any]) -> None:
        """Note the lasting effects of a command on session and browser."""
        if command in (Command.SET_TIMEOUTS, Command.W3C_ACTIONS):
            self._dirty.add(command)
        elif command in WINDOW_COMMANDS:
            self._dirty.add(Command.SET_WINDOW_RECT)
        elif command in self.contexts.forbidden_commands or (
            command == "executeCdpCommand" and str(params.get("cmd", "")).startswith(BROWSER_WIDE_DOMAINS)
        ):
            self._needs_replacement = True

    def use_up(self) -> None:
        """Mark the browser for replacement, and remove the prepared context, which the running case could notice."""
        self._needs_replacement = True
        with log.suppress(
            LOGGER, "the next case's context could not be removed", WebDriverException, BrowserError, OSError, HTTPError
        ):
            ahead = self._background.settle(SETTLE_S)
            if ahead is not None:
                ahead.remove()

    def prepare(self) -> None:
        """Create the next case's context in the background."""
        if self.contexts.ahead and not self._needs_replacement:
            self._background.prepare()

    def open(self) -> WebDriver:
        """The next case's driver. Raises BrowserError or WebDriverException if the browser cannot serve."""
        try:
            driver: CaseDriver = self._case_class(self, self._background.take())
            if not driver.context.is_served():
                driver.show_to_driver()
        except BaseException:
            self._needs_replacement = True
            raise
        return driver

    def close(self, driver: WebDriver) -> None:
        """End a case with its windows and data, and restore the session; after an error replace the browser."""
        assert isinstance(driver, CaseDriver)  # noqa: S101 - for the type checker
        # Until the end, as a time limit may interrupt this anywhere.
        before, self._needs_replacement = self._needs_replacement, True
        try:
            if driver.is_bidi_connected:
                # BiDi handlers and subscriptions apply to the whole browser. Killing it closes the socket; if it were
                # closed from here, Selenium would wait ten seconds for its listening thread.
                self.kill()
                return
            if Command.W3C_ACTIONS in self._dirty:
                # This raises if the case has closed all its windows, so that keys cannot be released.
                WebDriver.execute(driver, Command.W3C_CLEAR_ACTIONS)
            driver.finish()
            if before:
                return  # the browser is replaced anyway
            self._background.remove(driver.context.remove)
            self._restore()
            self._needs_replacement = False
        except (WebDriverException, BrowserError, OSError, HTTPError):
            LOGGER.info("what a case left could not be removed: the browser is replaced", exc_info=True)
            return
        finally:
            self._dirty.clear()

    def _restore(self) -> None:
        if Command.SET_TIMEOUTS in self._dirty:
            self.driver.execute(Command.SET_TIMEOUTS, dict(DEFAULT_TIMEOUTS))
        if Command.SET_WINDOW_RECT in self._dirty:
            self.driver.switch_to.window(self._base)
            self.driver.execute(Command.SET_WINDOW_RECT, dict(self._rect))

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines of the running case since they were last taken, oldest first."""
        assert isinstance(driver, CaseDriver)  # noqa: S101 - for the type checker
        lines = driver.context.console()
        if lines is not None:
            return lines
        driver.show_to_driver()
        return self.contexts.console(self.driver)

    def inspector(self, driver: WebDriver) -> PageInspector:
        """An inspector of the running case's page that bypasses the driver."""
        assert isinstance(driver, CaseDriver)  # noqa: S101 - for the type checker
        return driver.context.inspector()

    def allow_downloads(self, driver: WebDriver, folder: Path) -> None:
        """Let the running case download into ``folder``."""
        assert isinstance(driver, CaseDriver)  # noqa: S101 - for the type checker
        driver.context.allow_downloads(folder)

    def release(self) -> RunningBrowser | None:
        """Close connections and leave the browser running; None if it needs replacement or contexts remain."""
        if self.needs_replacement:
            return None
        try:
            if not self._background.clear(lambda context: context.remove(), SETTLE_S):
                return None
        except (WebDriverException, BrowserError, OSError, HTTPError):
            LOGGER.info("the browser is not kept: it does not get rid of its contexts", exc_info=True)
            return None
        self._needs_replacement = True
        self.contexts.close()
        return self.driver.keep(self._base)

    def kill(self) -> None:
        """End the browser at once."""
        self._needs_replacement = True
        self.driver.kill()
        self._background.end()  # ends at once, as the browser is dead
        self.contexts.close()
