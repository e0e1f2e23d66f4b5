"""One case's browser context in Chrome: its windows, and the commands that it handles without chromedriver."""

import contextlib
import functools
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selenium.common.exceptions import NoSuchWindowException, TimeoutException, WebDriverException
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver

from uitest import log
from uitest.browsers.cdp.atoms import Scripts
from uitest.browsers.cdp.commands import DirectCommands
from uitest.browsers.cdp.console import Console
from uitest.browsers.cdp.dialog_watch import dismissing_dialogs
from uitest.browsers.cdp.dialogs import CLOSED
from uitest.browsers.cdp.handlers import ACTS, ATOM
from uitest.browsers.cdp.page_session import ECHO, PageSession
from uitest.browsers.cdp.requests import CdpRequests
from uitest.browsers.cdp.transport import Transport
from uitest.browsers.cdp.user_script import AGAIN, FailedScript
from uitest.browsers.engines.chrome.cdp_scopes import limited
from uitest.browsers.engines.chrome.windows import ContextWindows
from uitest.browsers.page_inspector import CdpInspector
from uitest.browsers.process.http_client import COMMAND_TIMEOUT_S
from uitest.browsers.sessions.protocols import OF_SESSION, ForwardToDriver
from uitest.errors import BrowserError

if TYPE_CHECKING:
    from uitest.browsers.sessions.case_driver import CaseDriver

LOGGER = logging.getLogger(__name__)

OF_WINDOWS = frozenset({Command.W3C_GET_CURRENT_WINDOW_HANDLE, Command.SWITCH_TO_WINDOW})
"""Commands that leave a dialog open. https://www.w3.org/TR/webdriver2/#contexts"""

SCRIPT_S = 30.0
"""WebDriver's default script timeout in seconds. https://www.w3.org/TR/webdriver2/#timeouts"""


@dataclass(frozen=True)
class ContextOptions:
    """Options of all contexts of one Chrome."""

    direct: bool
    """Whether plain commands are handled without chromedriver."""
    plain: bool
    """Whether capabilities are the defaults: ``get`` waits for loading, dialogs are dismissed, all is logged."""
    scripts: Scripts
    preload: str
    """A script that runs before those of each document (``user_script.keep_originals``)."""


class ChromeContext:
    """One case's browser context, with a separate socket, so that all events are about this case."""

    def __init__(self, url: str, size: tuple[int, int], downloads: str | None, how: ContextOptions) -> None:
        """Create the context and its first window; ``downloads`` is the download folder, None to deny downloads."""
        self._options = how
        self._page: DirectCommands | None = None
        """Direct commands for the current window, None if all commands are forwarded."""
        self._pages: list[PageSession] = []
        """Sessions with windows that were attached."""
        self._actions = False
        self._in_frame = False
        self._own_load_limit = False
        self._script_limit: float | None = SCRIPT_S
        self._console = Console()
        self._wire = Transport(url, timeout=COMMAND_TIMEOUT_S)
        self._requests = CdpRequests(self._wire, lambda: [page.session for page in self._pages if not page.gone])
        try:
            created = self._wire.call("Target.createBrowserContext", disposeOnDetach=True)
            self._id = str(created["browserContextId"])
            self.user_contexts = [self._id]
            self._windows = ContextWindows(self._wire, self.user_contexts, size)
            behavior = {"behavior": "allow", "downloadPath": downloads} if downloads else {"behavior": "deny"}
            self._wire.post("Browser.setDownloadBehavior", browserContextId=self._id, **behavior)
            self._attach(self._windows.open("window"))  # full Chrome opens no tab in an empty context
        except BaseException:
            self._wire.close()
            raise

    def is_served(self) -> bool:
        """Whether commands are handled before chromedriver is switched to the window. Raises BrowserError."""
        if self._page is None or not self._options.plain:
            return False
        self._page.page.calls(ECHO)  # the browser may have died since
        return True

    def handle(self, driver: "CaseDriver", command: Any, params: dict[str, Any]) -> Any:
        """The value of a command that does not need chromedriver. Raises ForwardToDriver."""
        if command == Command.SWITCH_TO_FRAME:
            self._in_frame = params.get("id") is not None
        elif command == Command.SWITCH_TO_PARENT_FRAME:
            self._in_frame = True  # or not, as nesting is not counted
        elif command == Command.SWITCH_TO_WINDOW and isinstance(params.get("handle"), str):
            self._in_frame = False
            self._attach(params["handle"])
        elif command == Command.W3C_ACTIONS:
            self._actions = True  # keys and buttons may stay pressed from now on
        elif command == Command.SET_TIMEOUTS:
            self._own_load_limit = self._own_load_limit or "pageLoad" in params
            self._script_limit = _seconds(params.get("script", -1), self._script_limit)
        elif command == Command.W3C_GET_WINDOW_HANDLES:
            return self._windows.in_order()
        if self._page is None:
            raise ForwardToDriver
        if self._own_load_limit and not driver.is_shown and not self._page.page.is_blocked():
            driver.show_to_driver()  # only chromedriver has such a limit
        unattended = self._page.page.unattended = not driver.is_shown
        self._page.page.met_dialog = False
        self._page.page.call_driver = None
        if driver.is_shown and self._options.plain:
            self._page.page.call_driver = functools.partial(_have_wait, driver)
        self._wire.timeout = driver.command_timeout
        if command == "getLog" and params.get("type") == "browser" and self._records_console:
            return self._console_entries()
        try:
            if command in OF_WINDOWS:
                return self._of_windows(self._page.page, command, params)
            return self._handle(self._page, driver, command, params)
        except ForwardToDriver:
            if command in OF_SESSION or not (unattended or self._page.page.gone == "closed"):
                raise
            return self._page.dialogs.handle(command, params)

    def _of_windows(self, page: PageSession, command: Any, params: dict[str, Any]) -> Any:
        """Handle commands about windows, which ignore dialogs and fail only if the current window is closed."""
        if command == Command.SWITCH_TO_WINDOW and not (page.unattended and params.get("handle") == self.window):
            raise ForwardToDriver
        if self.window not in self.windows():
            raise NoSuchWindowException(CLOSED)
        if command == Command.W3C_GET_CURRENT_WINDOW_HANDLE:
            return self.window
        self._windows.activate(self.window)
        return None

    def _handle(self, page: DirectCommands, driver: "CaseDriver", command: Any, params: dict[str, Any]) -> Any:
        if self._in_frame:
            raise ForwardToDriver
        if command in (Command.GET, Command.REFRESH):
            if self._own_load_limit or not self._options.plain:
                raise ForwardToDriver
            return page.go(params["url"]) if command == Command.GET else page.reload()
        if command == Command.W3C_EXECUTE_SCRIPT and not ATOM.match(str(params["script"])):
            return self._run(page, driver, params)
        if command not in ACTS:
            return page.handle(command, params)
        if self._actions:
            raise ForwardToDriver
        if page.act(command, params) and driver.is_shown:
            self._await_page(driver, page.page)
        return None

    def _run(self, page: DirectCommands, driver: "CaseDriver", params: dict[str, Any]) -> Any:
        """The value of a case's own script. For one that failed, chromedriver raises the same error."""
        if self._own_load_limit or not self._options.plain:
            raise ForwardToDriver
        try:
            value, is_leaving = page.run(params["script"], params["args"], self._script_limit)
        except FailedScript as exc:
            return driver.forward_to_driver(Command.W3C_EXECUTE_SCRIPT, {"script": AGAIN, "args": [exc.error]})["value"]
        if is_leaving and driver.is_shown:
            self._await_page(driver, page.page)
        return value

    def _await_page(self, driver: "CaseDriver", page: PageSession) -> None:
        """Have chromedriver wait for the page after an action, as it does after its own. Raises TimeoutException."""
        if not page.is_blocked():
            _have_wait(driver)

    @property
    def _records_console(self) -> bool:
        return self._options.direct and self._options.plain

    def _console_entries(self) -> list[Mapping[str, Any]]:
        """Log entries since the last call, in chromedriver's format."""
        if self._page is not None:
            self._page.page.catch_up()
        return self._console.take()

    def console(self) -> list[str] | None:
        """Console lines since the last call, oldest first; None if chromedriver must be asked."""
        if not self._records_console:
            return None
        return [f"{entry['level']} {entry['message']}" for entry in self._console_entries()]

    def _attach(self, window: str) -> None:
        self.window, self._page = window, None
        if not self._options.direct:
            self._windows.focus(window)
            return
        # On an error all commands are forwarded.
        with log.suppress(LOGGER, "no direct commands for this window", BrowserError):
            self._page = DirectCommands(self._page_session(), self._options.scripts)

    def show(self, driver: "CaseDriver") -> None:
        """Switch chromedriver to the window.

        A page that has written to its document without closing it claims to load forever. chromedriver, when it is
        switched to such a page, would wait for it, so the page is made to claim otherwise meanwhile.
        """
        page = self._page.page if self._page is not None else None
        if page is None or not page.is_left_open():
            self._switch(driver, page)
            return
        page.pretend_whole(whole=True)
        try:
            self._switch(driver, page)
            self._await_page(driver, page)
        finally:
            page.pretend_whole(whole=False)

    def _switch(self, driver: "CaseDriver", page: PageSession | None) -> None:
        with dismissing_dialogs(page) if page is not None else contextlib.nullcontext():
            WebDriver.execute(driver, Command.SWITCH_TO_WINDOW, {"handle": self.window})

    def within(self, command: Any, params: dict[str, Any]) -> dict[str, Any] | None:
        """The parameters of a DevTools command limited to this context; None if it cannot be limited."""
        return limited(params, self._id) if command == "executeCdpCommand" else None

    def pause(self, seconds: float) -> None:
        """Sleep for ``seconds``, or until something in the page has changed."""
        deadline = time.monotonic() + seconds
        try:
            if self._page is not None and not self._in_frame and self._page.page.is_quiet():
                self._page.page.await_change(seconds)
                return
        except BrowserError:
            pass  # it loads, hangs or is gone, which the waiting case finds out
        time.sleep(max(0.0, deadline - time.monotonic()))

    def inspector(self) -> CdpInspector:
        """An inspector of the current window, over DevTools."""
        return CdpInspector(self._page_session, self._console, self._requests)

    def _page_session(self, seconds: float | None = None) -> PageSession:
        """The session with the current window, attached once. Raises BrowserError, also after ``seconds``."""
        attached = next((page for page in self._pages if page.target == self.window and not page.gone), None)
        return attached or PageSession(
            self._wire, self.window, self._console, self._pages, seconds, preload=self._options.preload
        )

    def windows(self) -> set[str]:
        """Handles of its windows."""
        return self._windows.handles()

    def open(self, kind: str) -> str:
        """Handle of a new window; ``kind`` is ``tab`` or ``window``."""
        return self._windows.open(kind)

    def allow_downloads(self, folder: Path) -> None:
        """Let it download into ``folder`` without asking."""
        self._wire.call(
            "Browser.setDownloadBehavior",
            behavior="allow",
            browserContextId=self._id,
            downloadPath=str(folder),
        )

    def remove(self) -> None:
        """Dispose of the context with its windows and data."""
        try:
            self._wire.call("Target.disposeBrowserContext", browserContextId=self._id)
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()


def _have_wait(driver: "CaseDriver") -> None:
    """Have chromedriver wait for the page and accept its question whether to leave. Raises TimeoutException.

    It is asked for a dialog's text, because other commands would close a dialog that has opened meanwhile. Other
    errors are left to the next command.
    """
    try:
        WebDriver.execute(driver, Command.W3C_GET_ALERT_TEXT)
    except TimeoutException:
        raise
    except WebDriverException:
        return


def _seconds(milliseconds: Any, before: float | None) -> float | None:
    """A WebDriver timeout in seconds, None for none; an invalid value keeps ``before``."""
    if milliseconds is None:
        return None
    return milliseconds / 1000 if isinstance(milliseconds, int | float) and milliseconds >= 0 else before
