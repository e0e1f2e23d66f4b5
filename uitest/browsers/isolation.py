"""A browser of its own for each case, at the price of a tab.

Where the engine has user contexts (Chrome, Firefox) one browser is kept warm and each case gets a fresh
context in it. The case's driver is a real ``webdriver.Chrome`` or ``webdriver.Firefox`` on the warm session
that shows the case its own windows only. What a context cannot hold is watched for: timeouts, input state and
window size are put back before the next case, and commands with effects on the whole browser mark it *spent*,
so that it is replaced; so does a case that opens a socket of its own to the browser, whose commands we do not
see. WebKit and a grid get a new session for each case.

Given up: cases in one worker cannot use the warm browser at the same time, and a case that uses whole-browser
commands pays for the browser that replaces its own.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from selenium.common.exceptions import (
    InvalidSessionIdException,
    NoSuchWindowException,
    UnexpectedAlertPresentException,
    WebDriverException,
)
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from uitest.browsers.client import patience
from uitest.errors import BrowserError

BROWSER_WIDE_DOMAINS = ("Browser.", "Target.", "SystemInfo.", "Storage.", "Tethering.")
"""DevTools domains that act on more than the page they are sent to."""

WINDOW_COMMANDS = frozenset(
    {Command.SET_WINDOW_RECT, Command.W3C_MAXIMIZE_WINDOW, Command.MINIMIZE_WINDOW, Command.FULLSCREEN_WINDOW}
)

DEFAULT_TIMEOUTS = {"implicit": 0, "pageLoad": 300_000, "script": 30_000}
"""WebDriver's own defaults, milliseconds. https://www.w3.org/TR/webdriver2/#dfn-timeouts-configuration"""


GOODBYE_S = 10.0
"""Seconds a session may take to end; after that its processes are ended instead."""


class Contexts(Protocol):
    """User contexts of one browser."""

    forbidden_commands: frozenset[str]
    """Commands whose effect outlives a context."""
    cookie_commands: frozenset[str]
    """Commands that ``cookies`` answers because the driver would look into the wrong jar."""
    dismisses: bool
    """Whether a dialog that is in a command's way must be dismissed for the driver."""

    def cookies(self, context: str, command: str, params: dict[str, Any]) -> Any:
        """The value of a cookie command; ``params`` has the page's ``window`` and ``host`` as well."""

    def within(self, context: str, command: str, params: dict[str, Any]) -> dict[str, Any] | None:
        """``params`` for a command that acts on one context if told which; None for every other command."""

    def create(self) -> str:
        """A fresh context's id."""

    def open(self, context: str, kind: str, size: tuple[int, int]) -> str:
        """Handle of a new window in the context."""

    def remove(self, context: str) -> None:
        """Close the context's windows and forget all it kept."""

    def allow_downloads(self, context: str, folder: Path) -> None:
        """Let this context download into ``folder``."""

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines since they were last taken."""

    def drop_console(self, driver: WebDriver) -> None:
        """Forget console lines."""

    def close(self) -> None:
        """Hang up."""


class Browser(Protocol):
    """Serves case after case, each alone in it."""

    spent: bool
    """Whether it must be replaced before the next case."""

    def open(self) -> WebDriver:
        """The next case's driver."""

    def close(self, driver: WebDriver) -> None:
        """End the case of ``driver`` and remove all it left behind; never raises, may set ``spent``."""

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines of the running case."""

    def allow_downloads(self, driver: WebDriver, folder: Path) -> None:
        """Let the running case download into ``folder``. Raises BrowserError where that is impossible."""

    def kill(self) -> None:
        """End all its processes at once; harmless when repeated."""


class CaseDriver(WebDriver):
    """What a case sees of the warm browser; ``case_driver`` joins it with the engine's own driver class."""

    def __init__(self, browser: "WarmBrowser", context: str, window: str) -> None:
        self._warm = browser
        self.user_context = context
        self._ended: str | None = None
        warm = browser.driver
        WebDriver.__init__(self, command_executor=warm.command_executor, options=browser.options)
        self._is_remote = warm._is_remote
        super().execute(Command.SWITCH_TO_WINDOW, {"handle": window})

    def start_session(self, capabilities: dict[str, Any]) -> None:
        """Take over the warm browser's session."""
        self.session_id = self._warm.driver.session_id
        self.caps = dict(self._warm.driver.caps)

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Send a command, as if this case's context were all there is of the browser."""
        if self._ended is not None:
            raise InvalidSessionIdException(f"this case's browser is closed: {self._ended}")
        if driver_command == Command.QUIT:
            self._ended = "the case called quit()"
            return {"value": None}
        if driver_command == Command.NEW_WINDOW:
            kind = (params or {}).get("type") or "tab"
            handle = self._warm.contexts.open(self.user_context, kind, self._warm.size)
            return {"value": {"handle": handle, "type": kind}}
        if driver_command == Command.SWITCH_TO_WINDOW and (params or {}).get("handle") == self._warm.base:
            raise NoSuchWindowException("no such window in this case's browser")
        if driver_command in self._warm.contexts.cookie_commands:
            where = {"window": self.current_window_handle, "host": urlsplit(self.current_url).hostname or ""}
            asked = {**(params or {}), **where}
            return {"value": self._warm.contexts.cookies(self.user_context, driver_command, asked)}
        within = self._warm.contexts.within(self.user_context, driver_command, params or {})
        if within is None:
            self._warm.note(driver_command, params or {})
        else:
            params = within
        try:
            answer = super().execute(driver_command, params)
        except UnexpectedAlertPresentException:
            if self.caps.get("unhandledPromptBehavior") == "ignore" and self._warm.contexts.dismisses:
                super().execute(Command.W3C_DISMISS_ALERT)
            raise
        if driver_command in (Command.W3C_GET_WINDOW_HANDLES, Command.CLOSE):
            answer["value"] = [handle for handle in answer["value"] or () if handle != self._warm.base]
            if driver_command == Command.CLOSE and not answer["value"]:
                self._ended = "the case closed its last window"
        return answer

    def quit(self) -> None:
        """End this case's browser; the warm one lives on."""
        if self._ended is None:
            self.execute(Command.QUIT)

    def kill(self) -> None:
        """End the warm browser at once."""
        self._warm.kill()


class WarmBrowser:
    """One browser that serves case after case in fresh contexts."""

    def __init__(self, driver: WebDriver, options: Any, contexts: Contexts, size: tuple[int, int]) -> None:
        self.driver = driver
        self.options = options
        self.contexts = contexts
        self.size = size
        self.base = driver.current_window_handle
        """The window that keeps the browser alive between cases; no case ever sees it."""
        self.spent = False
        self._rect = driver.get_window_rect()
        self._dirty: set[str] = set()
        self._case_class = type("Case" + type(driver).__name__, (CaseDriver, type(driver)), {"__module__": __name__})

    def note(self, command: Any, params: dict[str, Any]) -> None:
        """Remember what a command leaves behind in the session or the browser."""
        if command in (Command.SET_TIMEOUTS, Command.W3C_ACTIONS):
            self._dirty.add(command)
        elif command in WINDOW_COMMANDS:
            self._dirty.add(Command.SET_WINDOW_RECT)
        elif command in self.contexts.forbidden_commands or (
            command == "executeCdpCommand" and str(params.get("cmd", "")).startswith(BROWSER_WIDE_DOMAINS)
        ):
            self.spent = True

    def open(self) -> WebDriver:
        """The next case's driver. Raises BrowserError or WebDriverException if the browser cannot serve."""
        context = self.contexts.create()
        window = self.contexts.open(context, "tab", self.size)
        driver: WebDriver = self._case_class(self, context, window)
        return driver

    def close(self, driver: WebDriver) -> None:
        """End a case: its windows, its data, what it left in the session. A browser that fails at it is spent."""
        assert isinstance(driver, CaseDriver)  # noqa: S101 - for the type checker
        spent, self.spent = self.spent, True  # until all is done: a time limit may stop us anywhere
        try:
            if driver._websocket_connection is not None:
                # Handlers and subscriptions that came over it hold for the whole browser, which goes first:
                # Firefox lets go of a socket that somebody else closes only after ten seconds.
                self.kill()
                driver._websocket_connection.close()  # type: ignore[no-untyped-call]
                return
            if Command.W3C_ACTIONS in self._dirty:
                # A case that closed its windows left none in which held keys could be released: that raises.
                WebDriver.execute(driver, Command.W3C_CLEAR_ACTIONS)
            driver._ended = driver._ended or "the case is over"
            self.contexts.drop_console(self.driver)
            self.contexts.remove(driver.user_context)
            self._put_back()
            self.spent = spent
        except (WebDriverException, BrowserError, OSError, HTTPError):
            return
        finally:
            self._dirty.clear()

    def _put_back(self) -> None:
        if Command.SET_TIMEOUTS in self._dirty:
            self.driver.execute(Command.SET_TIMEOUTS, dict(DEFAULT_TIMEOUTS))
        if Command.SET_WINDOW_RECT in self._dirty:
            self.driver.switch_to.window(self.base)
            self.driver.execute(Command.SET_WINDOW_RECT, dict(self._rect))

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines of the running case so far."""
        return self.contexts.console(self.driver)

    def allow_downloads(self, driver: WebDriver, folder: Path) -> None:
        """Let the running case download into ``folder``."""
        assert isinstance(driver, CaseDriver)  # noqa: S101 - for the type checker
        self.contexts.allow_downloads(driver.user_context, folder)

    def kill(self) -> None:
        """End the browser at once, whatever it is doing."""
        self.spent = True
        self.contexts.close()
        self.driver.kill()  # type: ignore[attr-defined]


class FreshSessions:
    """A new session for each case, where the engine or a grid has no contexts to offer."""

    def __init__(self, connect: Callable[[], WebDriver], stop: Callable[[], None] | None = None) -> None:
        """``stop`` ends the browser's processes; without it (a grid) the open session is all there is to end."""
        self._connect = connect
        self._stop = stop
        self._open: WebDriver | None = None
        self.spent = False

    def open(self) -> WebDriver:
        """The next case's driver. Raises BrowserError or WebDriverException if no session can be had."""
        self._open = self._connect()
        return self._open

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
