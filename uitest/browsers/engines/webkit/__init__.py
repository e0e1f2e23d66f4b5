"""Starts WebKitGTK with WebKitWebDriver on a virtual display.

WebKitGTK has neither BiDi contexts nor a headless mode, so each case gets a new session, started during the case
before, and Xvfb provides a display. All sessions share one browser process (``host``), unless a suite names its own
MiniBrowser or gives it arguments: then each session starts a new one with an ephemeral profile.
"""

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from selenium.common.exceptions import NoSuchFrameException, UnexpectedAlertPresentException, WebDriverException
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver as RemoteWebDriver
from selenium.webdriver.webkitgtk.options import Options
from urllib3.exceptions import HTTPError

from uitest.browsers.engines.webkit.servers import Servers
from uitest.browsers.process import discovery
from uitest.browsers.process.handover import RunningBrowser
from uitest.browsers.process.http_client import COMMAND_TIMEOUT_S, command_timeout
from uitest.browsers.process.startup_errors import translating_startup_errors
from uitest.browsers.sessions.session_per_case import SessionPerCase
from uitest.browsers.settings import Settings
from uitest.compat.selenium_private import mark_local

LOGGER = logging.getLogger(__name__)


def options(settings: Settings) -> Options:
    """Selenium's options for these settings. Raises BrowserError if MiniBrowser is missing."""
    selenium_options = Options()
    if settings.grid is None:
        selenium_options.binary_location = discovery.minibrowser()
    selenium_options.add_argument("--automation")
    selenium_options.add_argument("--geometry={}x{}".format(*settings.viewport))
    if settings.mobile and not isinstance(settings.mobile, str):
        selenium_options.add_argument(f"--user-agent={settings.mobile.get('userAgent', '')}")
    for argument in settings.arguments:
        selenium_options.add_argument(argument)
    # Told to ignore dialogs so that reading the console can never close one; WebKit.execute does what a case expects.
    selenium_options.set_capability("unhandledPromptBehavior", "ignore")
    for name, value in settings.capabilities.items():
        selenium_options.set_capability(name, value)
    return selenium_options


SESSION_LIMIT_S = 60.0
"""Timeout of starting a session in seconds."""

ADOPTED_LIMIT_S = 10.0
"""The same for a browser that was handed over, which is replaced if it hangs."""

RECORDED = """
const lines = (window.__uitestConsole || []).map(([, level, words]) => `${level} ${words}`);
return [performance.timeOrigin, lines];
"""
"""A script that returns the document's start time, which identifies it, and the console lines ``host`` recorded."""

UNLOADED = "Callback was not called before the unload event"
"""WebKitWebDriver's message (of a missing frame) when the page navigates during a command."""

READ_COMMANDS = frozenset(
    {
        Command.FIND_ELEMENT,
        Command.FIND_ELEMENTS,
        Command.FIND_CHILD_ELEMENT,
        Command.FIND_CHILD_ELEMENTS,
        Command.GET_CURRENT_URL,
        Command.GET_ELEMENT_ARIA_LABEL,
        Command.GET_ELEMENT_ARIA_ROLE,
        Command.GET_ELEMENT_ATTRIBUTE,
        Command.GET_ELEMENT_PROPERTY,
        Command.GET_ELEMENT_RECT,
        Command.GET_ELEMENT_TAG_NAME,
        Command.GET_ELEMENT_TEXT,
        Command.GET_ELEMENT_VALUE_OF_CSS_PROPERTY,
        Command.GET_PAGE_SOURCE,
        Command.GET_TITLE,
        Command.IS_ELEMENT_ENABLED,
        Command.IS_ELEMENT_SELECTED,
        Command.W3C_GET_ACTIVE_ELEMENT,
    }
)
"""Commands that change nothing and can be repeated."""

READ_SCRIPTS = ("/* isDisplayed */", "/* getAttribute */")
"""Start of Selenium's own scripts that change nothing."""

MAX_TRIES = 5
"""Maximum number of tries of such a command; each waits for the next page to load."""

SUBMIT = "/* submitForm */"
"""How the script begins that Selenium sends for ``submit()``."""

NEXT_TASK = {"script": "setTimeout(arguments[0], 0);", "args": []}
"""Comes back when the page has done what it had queued."""

NOTHING = {"script": "", "args": []}

ROUND_TRIP_LIMIT_S = 10.0
"""Longest time that a page may take for a round trip after a click."""

NAVIGATION_LIMIT_S = 2.0
"""Longest time to wait for a navigation to begin, in case the browser gives up on it without a sign."""


def _is_read(command: str, params: Mapping[str, Any]) -> bool:
    return command in READ_COMMANDS or str(params.get("script")).startswith(READ_SCRIPTS)


def _may_navigate(command: str, params: Mapping[str, Any]) -> bool:
    return command == Command.CLICK_ELEMENT or str(params.get("script")).startswith(SUBMIT)


class WebKit(RemoteWebDriver):
    """One WebKit session."""

    def __init__(
        self,
        selenium_options: Options,
        servers: Servers,
        size: tuple[int, int],
        *,
        owns: bool = False,
        limit_s: float = SESSION_LIMIT_S,
    ) -> None:
        """Start a session within ``limit_s``; with ``owns`` its ``quit`` ends the servers too. Raises BrowserError."""
        self._servers = servers
        self._owns = owns
        try:
            self.server = server = servers.next()
            connection = server.connection()
            # WebKitWebDriver does not notice a browser that ends at once, and waits for it.
            connection.client_config.timeout = limit_s
            with translating_startup_errors("webkit", server.output):
                super().__init__(command_executor=connection, options=selenium_options)
                mark_local(self)
                self.set_window_size(*size)
                # The web process starts with the first page; now, which is mostly during the case before.
                super().execute(Command.GET, {"url": "about:blank"})
            connection.client_config.timeout = COMMAND_TIMEOUT_S
        except BaseException:
            if owns:
                servers.stop()
            raise

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Send a command; repeats one that reads if the page navigated meanwhile, and closes an unexpected dialog."""
        answer = self._handle(driver_command, params)
        if _may_navigate(driver_command, params or {}):
            self._await_navigation()
        return answer

    def _handle(self, driver_command: Any, params: dict[str, Any] | None) -> Any:
        looks = MAX_TRIES if _is_read(driver_command, params or {}) else 1
        while True:
            looks -= 1
            try:
                return self._execute(driver_command, params)
            except NoSuchFrameException as exc:
                if not looks or UNLOADED not in (exc.msg or ""):
                    raise

    def _await_navigation(self) -> None:
        """Wait until a navigation that a click or a submit leads to has begun.

        WebKitWebDriver makes commands wait only for a navigation that has begun. In 12 of 60 clicks the next command
        met the page that was about to leave. The standard has a click wait, as Chrome and Firefox do
        (https://www.w3.org/TR/webdriver2/#element-click).

        A round trip makes sure that the page has asked whether it may leave, and the host knows when it begins to.
        A MiniBrowser does not tell: two further round trips take about as long, but on a busy machine one click in
        some hundreds still returns too early.
        """
        if self.caps.get("unhandledPromptBehavior") != "ignore":
            return  # a script would close the dialog that the click may have opened
        try:
            with command_timeout(self, ROUND_TRIP_LIMIT_S):
                super().execute(Command.W3C_EXECUTE_SCRIPT_ASYNC, dict(NEXT_TASK))
                if self.server.pending_navigations() is None:
                    super().execute(Command.W3C_EXECUTE_SCRIPT, dict(NOTHING))
                    super().execute(Command.W3C_EXECUTE_SCRIPT, dict(NOTHING))
        except (WebDriverException, HTTPError):
            # The page is leaving, a dialog is open, or the window has closed, perhaps while the script was sent: then
            # WebKitWebDriver never answers.
            LOGGER.debug("no round trip after a click", exc_info=True)
        deadline = time.monotonic() + NAVIGATION_LIMIT_S
        while self.server.pending_navigations() and time.monotonic() < deadline:
            time.sleep(0.002)

    def _execute(self, driver_command: Any, params: dict[str, Any] | None) -> Any:
        try:
            return super().execute(driver_command, params)
        except UnexpectedAlertPresentException:
            if self.caps.get("unhandledPromptBehavior") == "ignore":
                super().execute(Command.W3C_DISMISS_ALERT)
            raise

    def console(self) -> list[str]:
        """Console lines of the current page; empty in a suite's own MiniBrowser. Raises WebDriverException."""
        return self.logged()[1]

    def logged(self) -> tuple[float, list[str]]:
        """A number that identifies the page, and its console lines. Raises WebDriverException."""
        page, lines = super().execute(Command.W3C_EXECUTE_SCRIPT, {"script": RECORDED, "args": []})["value"]
        return page, lines

    def quit(self) -> None:
        """End the session, and the servers if they were started for this session."""
        try:
            super().quit()
        finally:
            if self._owns:
                self._servers.stop()

    def kill(self) -> None:
        """End servers and sessions at once."""
        self._servers.stop()


def start(selenium_options: Options, settings: Settings) -> WebKit:
    """A WebKit session with its own servers. Raises BrowserError."""
    return WebKit(selenium_options, Servers(selenium_options, settings.locale), settings.viewport, owns=True)


def launch(selenium_options: Options, settings: Settings, home: Path | None) -> SessionPerCase:
    """A WebKit that serves one case after another. Raises BrowserError.

    It cannot be handed over if its files must be below ``home``.
    """
    servers = Servers(selenium_options, settings.locale)
    return SessionPerCase(
        lambda: WebKit(selenium_options, servers, settings.viewport),
        servers.stop,
        servers.hand_over if home is None else None,
    )


def adopt(selenium_options: Options, settings: Settings, kept: RunningBrowser) -> SessionPerCase:
    """A WebKit that was handed over. On any error, ends it and raises the error."""
    servers = Servers(selenium_options, settings.locale, kept)
    return SessionPerCase(
        lambda: WebKit(selenium_options, servers, settings.viewport, limit_s=ADOPTED_LIMIT_S),
        servers.stop,
        servers.hand_over,
    )
