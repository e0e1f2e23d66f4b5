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

from selenium.common.exceptions import (
    InvalidSessionIdException,
    NoSuchWindowException,
    UnexpectedAlertPresentException,
    WebDriverException,
)
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from uitest import log
from uitest.browsers.page_inspector import PageInspector
from uitest.browsers.process.handover import RunningBrowser
from uitest.browsers.process.local_driver import LocalDriver
from uitest.browsers.sessions.background_worker import BackgroundWorker
from uitest.browsers.sessions.bidi import UserContexts
from uitest.browsers.sessions.element_references import with_elements
from uitest.browsers.sessions.protocols import OF_SESSION, Context, Contexts, ForwardToDriver
from uitest.compat import selenium_private
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


class CaseDriver(selenium_private.BidiHookDriver):
    """A case's driver in the warm browser; ``SharedBrowser`` combines it with the engine's driver class."""

    def __init__(self, browser: "SharedBrowser", context: Context) -> None:
        self._warm = browser
        self.context = context
        self._ended: str | None = None
        warm = browser.driver
        WebDriver.__init__(self, command_executor=warm.command_executor, options=browser.options)
        selenium_private.mark_local(self)
        self.is_shown = False
        """Whether the driver has been switched to this case's window."""
        self.forwarded = 0
        """Number of commands sent to the driver."""

    def start_session(self, capabilities: dict[str, Any]) -> None:
        """Take over the warm browser's session."""
        self.session_id = self._warm.driver.session_id
        self.caps = dict(self._warm.driver.caps)

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Handle a command as if this case's context were the whole browser."""
        params = params or {}
        if self._ended is not None:
            if driver_command == Command.NEW_WINDOW and not _may_be_type(params.get("type")):
                self._warm.contexts.refuse_arguments(self._warm.driver, driver_command, params)
            message = self._warm.contexts.session_over
            raise InvalidSessionIdException(f"{message}: this case's browser is closed: {self._ended}")
        if driver_command == Command.QUIT:
            self._ended = "the case called quit()"
            return {"value": None}
        if driver_command == Command.NEW_WINDOW:
            return self._open(params.get("type"))
        if driver_command == Command.SWITCH_TO_WINDOW:
            self._check(params.get("handle"))
        return self._handle(driver_command, params)

    def _handle(self, driver_command: Any, params: dict[str, Any]) -> Any:
        try:
            value = self.context.handle(self, driver_command, params)
        except ForwardToDriver:
            return self.forward_to_driver(driver_command, params)
        return {"value": with_elements(self, value)}

    def _open(self, kind: Any) -> Any:
        """Open a window in this case's context, or raise the driver's error."""
        if not _may_be_type(kind):
            return self._handle(Command.NEW_WINDOW, {"type": kind})  # the driver refuses it
        self._handle(Command.GET_CURRENT_URL, {})  # raises if a dialog is open or the window is closed
        kind = "window" if kind == "window" else "tab"
        return {"value": {"handle": self.context.open(kind), "type": kind}}

    def _check(self, handle: Any) -> None:
        """Raise the driver's NoSuchWindowException for a handle that is not one of this case's windows."""
        if isinstance(handle, str) and handle not in self.context.windows():
            raise NoSuchWindowException(self._warm.contexts.unknown_window.format(handle=handle))

    @property
    def command_timeout(self) -> float:
        """Current timeout of a command in seconds."""
        return float(self.command_executor.client_config.timeout)  # type: ignore[union-attr]

    def show_to_driver(self) -> None:
        """Switch the driver to this case's window, unless it has been. Raises WebDriverException."""
        if not self.is_shown:
            # Only now, as the last case's windows may have logged until they were closed.
            self._warm.contexts.discard_console(self._warm.driver)
            self.context.show(self)
            self.is_shown = True

    def forward_to_driver(self, command: Any, params: dict[str, Any]) -> Any:
        """Forward a command to the driver, and note its lasting effects on the warm browser."""
        self.forwarded += 1
        if command not in OF_SESSION:
            self.show_to_driver()
        within = self.context.within(command, params)
        if within is None:
            self._warm.note(command, params)
        else:
            params = within
        try:
            answer = super().execute(command, params)
        except UnexpectedAlertPresentException as exc:
            if self.caps.get("unhandledPromptBehavior") == "ignore" and self._warm.contexts.dismisses:
                super().execute(Command.W3C_DISMISS_ALERT)
                exc.msg = (exc.msg or "").replace('"ignore"', '"dismiss"')  # the driver's message for "dismiss"
            raise
        if command in (Command.W3C_GET_WINDOW_HANDLES, Command.CLOSE):
            own = self.context.windows()
            answer["value"] = [handle for handle in answer["value"] or () if handle in own]
            if command == Command.CLOSE and not answer["value"]:
                self._ended = "the case closed its last window"
        return answer

    def connect_bidi(self, url: str) -> Any:
        """Connect to BiDi when Selenium needs it, with translated messages (see ``bidi``)."""
        self._warm.use_up()
        config = self.command_executor.client_config  # type: ignore[union-attr]
        return selenium_private.bidi_connection(url, config, UserContexts(self.context.user_contexts))

    def pause(self, seconds: float) -> None:
        """Sleep for ``seconds``, or until the page has changed if that can be known."""
        self.context.pause(seconds)

    def quit(self) -> None:
        """End this case's session; the warm browser stays."""
        if self._ended is None:
            self.execute(Command.QUIT)

    def kill(self) -> None:
        """End the warm browser at once."""
        self._warm.kill()

    def finish(self) -> None:
        """Refuse every further command."""
        self._ended = self._ended or "the case is over"


def _may_be_type(kind: Any) -> bool:
    """Whether a driver accepts this as the type of a new window, known or not."""
    return kind is None or isinstance(kind, str)


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
            ahead = self._background.settle(SETTLE_S)
            if ahead is not None:
                self._background.remove(ahead.remove)
                self._background.settle(SETTLE_S)
        except (WebDriverException, BrowserError, OSError, HTTPError):
            LOGGER.info("the browser is not kept: it does not get rid of its contexts", exc_info=True)
            return None
        if self._background.failed:
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
