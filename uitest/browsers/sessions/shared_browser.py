"""One warm browser that serves case after case in fresh contexts.

The case's driver is a real ``webdriver.Chrome`` or ``webdriver.Firefox`` on the warm session that shows the case
its own windows only. What a context cannot hold is watched for: timeouts, input state and window size are put
back before the next case, and commands with effects on the whole browser mark it *spent*, so that it is
replaced; so does a case that opens a socket of its own to the browser, whose commands we do not see.

The next case's context is made, and the last one's removed, in a thread beside the running case: neither is the
case's time. Given up: cases in one worker cannot use the warm browser at the same time, and a case that uses
whole-browser commands pays for the browser that replaces its own.
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
from uitest.browsers.sessions.protocols import Context, Contexts, ForwardToDriver
from uitest.compat import selenium_private
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)

BROWSER_WIDE_DOMAINS = ("Browser.", "Target.", "SystemInfo.", "Storage.", "Tethering.")
"""DevTools domains that act on more than the page they are sent to."""

WINDOW_COMMANDS = frozenset(
    {Command.SET_WINDOW_RECT, Command.W3C_MAXIMIZE_WINDOW, Command.MINIMIZE_WINDOW, Command.FULLSCREEN_WINDOW}
)

DEFAULT_TIMEOUTS = {"implicit": 0, "pageLoad": 300_000, "script": 30_000}
"""WebDriver's own defaults, milliseconds. https://www.w3.org/TR/webdriver2/#dfn-timeouts-configuration"""

SETTLE_S = 2.0
"""Seconds that are waited for what is under way beside the last case, when the browser is to be kept."""


class CaseDriver(selenium_private.BidiHookDriver):
    """What a case sees of the warm browser; ``SharedBrowser`` joins it with the engine's own driver class."""

    def __init__(self, browser: "SharedBrowser", context: Context) -> None:
        self._warm = browser
        self.context = context
        self._ended: str | None = None
        warm = browser.driver
        WebDriver.__init__(self, command_executor=warm.command_executor, options=browser.options)
        selenium_private.mark_local(self)
        self.is_shown = False
        """Whether the driver has been shown this case's window."""
        self.forwarded = 0
        """How many commands were sent to the driver."""

    def start_session(self, capabilities: dict[str, Any]) -> None:
        """Take over the warm browser's session."""
        self.session_id = self._warm.driver.session_id
        self.caps = dict(self._warm.driver.caps)

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Send a command, as if this case's context were all there is of the browser."""
        params = params or {}
        if self._ended is not None:
            if driver_command == Command.NEW_WINDOW and not _may_be_type(params.get("type")):
                self._warm.contexts.refuse_arguments(self._warm.driver, driver_command, params)
            words = self._warm.contexts.session_over
            raise InvalidSessionIdException(f"{words}: this case's browser is closed: {self._ended}")
        if driver_command == Command.QUIT:
            self._ended = "the case called quit()"
            return {"value": None}
        if driver_command == Command.NEW_WINDOW:
            return self._open(params.get("type"))
        if driver_command == Command.SWITCH_TO_WINDOW:
            self._check(params.get("handle"))
        return self._answer(driver_command, params)

    def _answer(self, driver_command: Any, params: dict[str, Any]) -> Any:
        try:
            value = self.context.answer(self, driver_command, params)
        except ForwardToDriver:
            return self.ask(driver_command, params)
        return {"value": with_elements(self, value)}

    def _open(self, kind: Any) -> Any:
        """Open a window in this case's context, where the driver itself would open one at all."""
        if not _may_be_type(kind):
            return self._answer(Command.NEW_WINDOW, {"type": kind})  # refused, in the driver's own words
        self._answer(Command.GET_CURRENT_URL, {})  # raises what is in the way: a dialog, or that the window is closed
        kind = "window" if kind == "window" else "tab"
        return {"value": {"handle": self.context.open(kind), "type": kind}}

    def _check(self, handle: Any) -> None:
        """Raise NoSuchWindowException for a handle of another case's window, or of none, as the driver would."""
        if isinstance(handle, str) and handle not in self.context.windows():
            raise NoSuchWindowException(self._warm.contexts.unknown_window.format(handle=handle))

    @property
    def command_timeout(self) -> float:
        """Seconds that an answer may take at present."""
        return float(self.command_executor.client_config.timeout)  # type: ignore[union-attr]

    def show_to_driver(self) -> None:
        """Show the driver this case's window, if it has not seen it. Raises WebDriverException."""
        if not self.is_shown:
            # Only now: the last case's windows may have gone on talking while they closed.
            self._warm.contexts.discard_console(self._warm.driver)
            self.context.show(self)
            self.is_shown = True

    def ask(self, command: Any, params: dict[str, Any]) -> Any:
        """Have the driver answer, and let the warm browser know what the command leaves behind."""
        self.forwarded += 1
        if not _is_of_the_session(command, params):
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
                exc.msg = (exc.msg or "").replace('"ignore"', '"dismiss"')  # as the driver says where it does so
            raise
        if command in (Command.W3C_GET_WINDOW_HANDLES, Command.CLOSE):
            own = self.context.windows()
            answer["value"] = [handle for handle in answer["value"] or () if handle in own]
            if command == Command.CLOSE and not answer["value"]:
                self._ended = "the case closed its last window"
        return answer

    def connect_bidi(self, url: str) -> Any:
        """Connect to BiDi, when Selenium wants it, where the case sees its own windows only."""
        self._warm.use_up()
        config = self.command_executor.client_config  # type: ignore[union-attr]
        return selenium_private.bidi_connection(url, config, UserContexts(self.context.user_contexts))

    def nap(self, seconds: float) -> None:
        """Sleep so long, or until the page has changed where that can be known."""
        self.context.nap(seconds)

    def quit(self) -> None:
        """End this case's browser; the warm one lives on."""
        if self._ended is None:
            self.execute(Command.QUIT)

    def kill(self) -> None:
        """End the warm browser at once."""
        self._warm.kill()

    def finish(self) -> None:
        """Refuse every further command."""
        self._ended = self._ended or "the case is over"


def _may_be_type(kind: Any) -> bool:
    """Whether a driver takes this for the type of a new window; it need not be one that exists."""
    return kind is None or isinstance(kind, str)


def _is_of_the_session(command: Any, params: dict[str, Any]) -> bool:
    """Whether it is nothing to the driver which window it sees. A limit for loading is: we do not keep to it."""
    return bool(command == Command.GET_TIMEOUTS or (command == Command.SET_TIMEOUTS and "pageLoad" not in params))


def serve(driver: LocalDriver, options: Any, contexts: Callable[[], Contexts]) -> "SharedBrowser":
    """Serve cases in a driver's browser, which is ended if that cannot be. Raises BrowserError, or what else broke."""
    try:
        return SharedBrowser(driver, options, contexts())
    except BaseException:
        driver.kill()
        raise


class SharedBrowser:
    """Hands out one case's driver after the other."""

    def __init__(self, driver: LocalDriver, options: Any, contexts: Contexts) -> None:
        self.driver = driver
        self.options = options
        self.contexts = contexts
        self._base = driver.current_window_handle
        """The window that keeps the browser alive between cases; no case ever sees it."""
        self._rect = driver.get_window_rect()
        self._dirty: set[str] = set()
        self._spent = False
        self._beside: BackgroundWorker[Context] = BackgroundWorker(contexts.create)
        self._case_class = type("Case" + type(driver).__name__, (CaseDriver, type(driver)), {"__module__": __name__})

    @property
    def spent(self) -> bool:
        """Whether it must be replaced: a case used it up, or what a case left could not be removed."""
        return self._spent or self._beside.failed

    def note(self, command: Any, params: dict[str, Any]) -> None:
        """Remember what a command leaves behind in the session or the browser."""
        if command in (Command.SET_TIMEOUTS, Command.W3C_ACTIONS):
            self._dirty.add(command)
        elif command in WINDOW_COMMANDS:
            self._dirty.add(Command.SET_WINDOW_RECT)
        elif command in self.contexts.forbidden_commands or (
            command == "executeCdpCommand" and str(params.get("cmd", "")).startswith(BROWSER_WIDE_DOMAINS)
        ):
            self._spent = True

    def use_up(self) -> None:
        """Be spent from now on, and remove what is there for a next case: the running one could notice it."""
        self._spent = True
        with log.suppress(
            LOGGER, "the next case's context could not be removed", WebDriverException, BrowserError, OSError, HTTPError
        ):
            ahead = self._beside.settle(SETTLE_S)
            if ahead is not None:
                ahead.remove()

    def prepare(self) -> None:
        """Make the next case's context beside this one."""
        if self.contexts.ahead and not self._spent:
            self._beside.prepare()

    def open(self) -> WebDriver:
        """The next case's driver. Raises BrowserError or WebDriverException if the browser cannot serve."""
        try:
            driver: CaseDriver = self._case_class(self, self._beside.take())
            if not driver.context.is_served():
                driver.show_to_driver()
        except BaseException:
            self._spent = True
            raise
        return driver

    def close(self, driver: WebDriver) -> None:
        """End a case: its windows, its data, what it left in the session. A browser that fails at it is spent."""
        assert isinstance(driver, CaseDriver)  # noqa: S101 - for the type checker
        spent, self._spent = self._spent, True  # until all is done: a time limit may stop us anywhere
        try:
            if driver.is_bidi_connected:
                # Handlers and subscriptions that came over it hold for the whole browser. Its end closes the socket:
                # closed from here, the thread that listens notices after ten seconds only, and is waited for.
                self.kill()
                return
            if Command.W3C_ACTIONS in self._dirty:
                # A case that closed its windows left none in which held keys could be released: that raises.
                WebDriver.execute(driver, Command.W3C_CLEAR_ACTIONS)
            driver.finish()
            if spent:
                return  # it goes as a whole
            self._beside.remove(driver.context.remove)
            self._put_back()
            self._spent = False
        except (WebDriverException, BrowserError, OSError, HTTPError):
            LOGGER.info("what a case left could not be removed: the browser is replaced", exc_info=True)
            return
        finally:
            self._dirty.clear()

    def _put_back(self) -> None:
        if Command.SET_TIMEOUTS in self._dirty:
            self.driver.execute(Command.SET_TIMEOUTS, dict(DEFAULT_TIMEOUTS))
        if Command.SET_WINDOW_RECT in self._dirty:
            self.driver.switch_to.window(self._base)
            self.driver.execute(Command.SET_WINDOW_RECT, dict(self._rect))

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines of the running case since they were last taken, oldest first."""
        assert isinstance(driver, CaseDriver)  # noqa: S101 - for the type checker
        said = driver.context.console()
        if said is not None:
            return said
        driver.show_to_driver()
        return self.contexts.console(self.driver)

    def lens(self, driver: WebDriver) -> PageInspector:
        """Looks at the running case's page, beside the driver."""
        assert isinstance(driver, CaseDriver)  # noqa: S101 - for the type checker
        return driver.context.lens()

    def allow_downloads(self, driver: WebDriver, folder: Path) -> None:
        """Let the running case download into ``folder``."""
        assert isinstance(driver, CaseDriver)  # noqa: S101 - for the type checker
        driver.context.allow_downloads(folder)

    def release(self) -> RunningBrowser | None:
        """Hang up and leave the browser running; None if it is spent, or does not get rid of its contexts in time."""
        if self.spent:
            return None
        try:
            ahead = self._beside.settle(SETTLE_S)
            if ahead is not None:
                self._beside.remove(ahead.remove)
                self._beside.settle(SETTLE_S)
        except (WebDriverException, BrowserError, OSError, HTTPError):
            LOGGER.info("the browser is not kept: it does not get rid of its contexts", exc_info=True)
            return None
        if self._beside.failed:
            return None
        self._spent = True
        self.contexts.close()
        return self.driver.keep(self._base)

    def kill(self) -> None:
        """End the browser at once, whatever it is doing."""
        self._spent = True
        self.driver.kill()
        self._beside.end()  # what it waits for will not come: it ends at once
        self.contexts.close()
