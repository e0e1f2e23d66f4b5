"""WebKit: WebKitGTK behind WebKitWebDriver, on a virtual display of its own.

WebKitGTK has neither BiDi contexts nor a headless mode: each case gets a new session, made while the case before it
runs, and Xvfb stands in for the screen. What a session is made in stays (``host``), unless a suite wants a
MiniBrowser of its own or gives it arguments: then each session is a new one, with an empty, ephemeral profile. Given
up: one way only, for MiniBrowser's many options.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from selenium.common.exceptions import NoSuchFrameException, UnexpectedAlertPresentException, WebDriverException
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver as RemoteWebDriver
from selenium.webdriver.webkitgtk.options import Options

from uitest.browsers.engines.webkit.servers import Servers
from uitest.browsers.process import discovery
from uitest.browsers.process.http_client import LONGEST_S
from uitest.browsers.process.startup_errors import translating_startup_errors
from uitest.browsers.sessions.session_per_case import SessionPerCase
from uitest.browsers.settings import Settings
from uitest.compat.selenium_private import mark_local


def options(settings: Settings) -> Options:
    """Selenium's options for these settings. Raises BrowserError if MiniBrowser is missing."""
    made = Options()
    if settings.grid is None:
        made.binary_location = discovery.minibrowser()
    made.add_argument("--automation")
    made.add_argument("--geometry={}x{}".format(*settings.viewport))
    if settings.mobile and not isinstance(settings.mobile, str):
        made.add_argument(f"--user-agent={settings.mobile.get('userAgent', '')}")
    for argument in settings.arguments:
        made.add_argument(argument)
    # Told to ignore dialogs so that reading the console can never close one; WebKit.execute does what a case expects.
    made.set_capability("unhandledPromptBehavior", "ignore")
    for name, value in settings.capabilities.items():
        made.set_capability(name, value)
    return made


SESSION_LIMIT_S = 60.0
"""Seconds a session may take to start."""

RECORDED = """
const lines = (window.__uitestConsole || []).map(([, level, words]) => `${level} ${words}`);
return [performance.timeOrigin, lines];
"""
"""When the page began, which tells one document from the next, and what ``host`` has kept of its console."""

UNLOADED = "Callback was not called before the unload event"
"""WebKitWebDriver's words, as if a frame were missing, when the document went away while it was asked."""

LOOKS = frozenset(
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
"""Commands that change nothing, so that they can be sent again."""

SCRIPTED_LOOKS = ("/* isDisplayed */", "/* getAttribute */")
"""How the scripts begin that Selenium sends in place of a command; like those above."""

LOOKS_AT_MOST = 5
"""How often a page may go away while it is looked at; each look waits for the next page to load."""

SUBMIT = "/* submitForm */"
"""How the script begins that Selenium sends for ``submit()``."""

NEXT_TASK = {"script": "setTimeout(arguments[0], 0);", "args": []}
"""Comes back when the page has done what it had queued."""

NOTHING = {"script": "", "args": []}


def _is_look(command: str, params: Mapping[str, Any]) -> bool:
    return command in LOOKS or str(params.get("script")).startswith(SCRIPTED_LOOKS)


def _may_navigate(command: str, params: Mapping[str, Any]) -> bool:
    return command == Command.CLICK_ELEMENT or str(params.get("script")).startswith(SUBMIT)


class WebKit(RemoteWebDriver):
    """One WebKit session."""

    def __init__(self, made: Options, servers: Servers, size: tuple[int, int], *, owns: bool = False) -> None:
        """Start a session; with ``owns`` its ``quit`` ends the servers too. Raises BrowserError."""
        self._servers = servers
        self._owns = owns
        try:
            server = servers.next()
            connection = server.connection()
            # WebKitWebDriver does not notice a browser that ends at once: it waits for it as long as we do.
            connection.client_config.timeout = SESSION_LIMIT_S
            with translating_startup_errors("webkit", server.output):
                super().__init__(command_executor=connection, options=made)
                mark_local(self)
                self.set_window_size(*size)
                # WebKit starts a page's process with the first page: now, mostly beside the case before, not in it.
                super().execute(Command.GET, {"url": "about:blank"})
            connection.client_config.timeout = LONGEST_S
        except BaseException:
            if owns:
                servers.stop()
            raise

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Send a command; close a dialog that is in its way, repeat a look at a page that left meanwhile."""
        answer = self._answer(driver_command, params)
        if _may_navigate(driver_command, params or {}):
            self._await_navigation()
        return answer

    def _answer(self, driver_command: Any, params: dict[str, Any] | None) -> Any:
        looks = LOOKS_AT_MOST if _is_look(driver_command, params or {}) else 1
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
        """
        if self.caps.get("unhandledPromptBehavior") != "ignore":
            return  # a script would close the dialog that the click may have opened
        with contextlib.suppress(WebDriverException):  # the page is leaving, the window has closed, a dialog is open
            # The page has asked whether it may leave when this comes back, and has begun to when the next one does.
            super().execute(Command.W3C_EXECUTE_SCRIPT_ASYNC, dict(NEXT_TASK))
            super().execute(Command.W3C_EXECUTE_SCRIPT, dict(NOTHING))

    def _execute(self, driver_command: Any, params: dict[str, Any] | None) -> Any:
        try:
            return super().execute(driver_command, params)
        except UnexpectedAlertPresentException:
            if self.caps.get("unhandledPromptBehavior") == "ignore":
                super().execute(Command.W3C_DISMISS_ALERT)
            raise

    def console(self) -> list[str]:
        """Lines of the current page's console, none in a browser of the suite's own. Raises WebDriverException."""
        return self.logged()[1]

    def logged(self) -> tuple[float, list[str]]:
        """The same, after a number that tells the page from those before. Raises WebDriverException."""
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


def start(made: Options, settings: Settings) -> WebKit:
    """A WebKit with servers of its own. Raises BrowserError."""
    return WebKit(made, Servers(made, settings.locale), settings.viewport, owns=True)


def launch(made: Options, settings: Settings, _home: Path | None) -> SessionPerCase:
    """A WebKit that serves case after case. Raises BrowserError."""
    servers = Servers(made, settings.locale)
    return SessionPerCase(lambda: WebKit(made, servers, settings.viewport), servers.stop)
