"""Creates user contexts (containers) of Firefox over WebDriver BiDi, and handles their cookies."""

import base64
import contextlib
import functools
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from selenium.common.exceptions import (
    NoSuchCookieException,
    NoSuchWindowException,
    TimeoutException,
    UnexpectedAlertPresentException,
    WebDriverException,
)
from selenium.webdriver.firefox.options import Options
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver as RemoteWebDriver

from uitest.browsers.cdp.transport import Transport
from uitest.browsers.engines.firefox.requests import BidiRequests
from uitest.browsers.page_inspector import BidiInspector, logged
from uitest.browsers.sessions.protocols import ForwardToDriver

if TYPE_CHECKING:
    from uitest.browsers.sessions.case_driver import CaseDriver

COOKIE_COMMANDS = frozenset(
    {
        Command.GET_ALL_COOKIES,
        Command.GET_COOKIE,
        Command.ADD_COOKIE,
        Command.DELETE_COOKIE,
        Command.DELETE_ALL_COOKIES,
    }
)

CLOSED_ITSELF = "this[#curBrowser].contentBrowser is null"
"""What Firefox (153) says of a ``get`` whose page closed its tab, if the window has other tabs, as ours always has.

With plain Selenium a case's only tab closes with its window, and ``get`` returns.
"""

DEFAULT_JAR = {"type": "storageKey", "userContext": "default"}
"""The cookies of the default user context, which no case has."""

SAME_SITE = {"default": "None"}
"""What geckodriver says of a cookie that was set without this attribute."""

SETTABLE = frozenset({"name", "value", "domain", "path", "secure", "httpOnly", "sameSite", "expiry"})
"""Fields of a BiDi cookie that can be set. https://w3c.github.io/webdriver-bidi/#command-storage-setCookie"""


class FirefoxContext:
    """One case's user context."""

    def __init__(self, wire: Transport, requests: BidiRequests) -> None:
        """Create the context and its first tab in the background; ``requests`` are those of this Firefox."""
        self._wire, self._requests = wire, requests
        self._id = str(wire.call("browser.createUserContext")["userContext"])
        self.user_contexts = [self._id]
        self.window = self._seen = self._create("tab", background=True)

    def is_served(self) -> bool:
        """False: only cookie commands are handled, and they need geckodriver as well."""
        return False

    def handle(self, driver: "CaseDriver", command: Any, params: dict[str, Any]) -> Any:
        """Handle a cookie command with the context's cookies, which geckodriver does not use. Raises ForwardToDriver.

        ``get`` is sent to geckodriver, and its end awaited unless the page has closed its tab.
        """
        if command == Command.GET:
            try:
                value = driver.forward_to_driver(command, params)["value"]
            except WebDriverException as exc:
                if CLOSED_ITSELF not in (exc.msg or "") or self.windows():
                    raise
                return None
            strategy = driver.caps["pageLoadStrategy"]
            if not params["url"].startswith("about:") and strategy != "none":
                arrive(functools.partial(RemoteWebDriver.execute, driver), eager=strategy == "eager")
            return value
        if command == Command.SWITCH_TO_WINDOW:
            self._seen = params["handle"]
        if command not in COOKIE_COMMANDS:
            raise ForwardToDriver
        page = {"type": "context", "context": driver.current_window_handle}
        address = urlsplit(driver.current_url)
        name = {"name": params["name"]} if "name" in params else {}
        if command == Command.ADD_COOKIE:
            return self._add_cookie(driver, params, page)
        if command in (Command.DELETE_COOKIE, Command.DELETE_ALL_COOKIES):
            for cookie in self._cookies(page, address, name):
                only = {"name": cookie["name"], "domain": cookie["domain"], "path": cookie["path"]}
                self._wire.call("storage.deleteCookies", filter=only, partition=page)
            return None
        cookies = [_from_bidi(cookie) for cookie in self._cookies(page, address, name)]
        if command == Command.GET_ALL_COOKIES:
            return cookies
        if not cookies:
            raise NoSuchCookieException(f"No cookie with name {params['name']}")
        return cookies[0]

    def _add_cookie(self, driver: "CaseDriver", params: dict[str, Any], page: dict[str, Any]) -> None:
        """Move a cookie, once geckodriver has accepted it, from the default jar to that of this context."""
        driver.forward_to_driver(Command.ADD_COOKIE, params)
        named = {"name": params["cookie"]["name"]}
        for cookie in self._wire.call("storage.getCookies", filter=named, partition=DEFAULT_JAR)["cookies"]:
            self._wire.call(
                "storage.setCookie", cookie={key: cookie[key] for key in SETTABLE & cookie.keys()}, partition=page
            )
        self._wire.call("storage.deleteCookies", filter=named, partition=DEFAULT_JAR)

    def _cookies(self, page: dict[str, Any], address: SplitResult, name: dict[str, Any]) -> list[dict[str, Any]]:
        """The cookies that a page at the address has."""
        host, path = address.hostname or "", address.path or "/"
        jar = self._wire.call("storage.getCookies", filter=name, partition=page)["cookies"]
        own = [cookie for cookie in jar if f".{host}".endswith("." + cookie["domain"].lstrip("."))]
        return [cookie for cookie in own if path.startswith(cookie["path"])]

    def show(self, driver: "CaseDriver") -> None:
        """Switch geckodriver to the window."""
        RemoteWebDriver.execute(driver, Command.SWITCH_TO_WINDOW, {"handle": self.window})

    def within(self, command: Any, params: dict[str, Any]) -> None:
        """None: no command of geckodriver can be limited to a context."""

    def pause(self, seconds: float) -> None:
        """Sleep for ``seconds``."""
        time.sleep(seconds)

    def console(self) -> None:
        """None: the console of Firefox is that of all contexts."""

    def inspector(self) -> BidiInspector:
        """An inspector of the current window, over BiDi."""
        return BidiInspector(self._wire, lambda: self._seen, self._requests)

    def windows(self) -> set[str]:
        """Handles of its windows."""
        tree = self._wire.call("browsingContext.getTree", maxDepth=0)["contexts"]
        return {window["context"] for window in tree if window["userContext"] in self.user_contexts}

    def open(self, kind: str) -> str:
        """Handle of a new window, with the size of Firefox's window."""
        return self._create(kind, background=False)

    def _create(self, kind: str, *, background: bool) -> str:
        return str(
            self._wire.call("browsingContext.create", type=kind, userContext=self._id, background=background)["context"]
        )

    def allow_downloads(self, folder: Path) -> None:
        """Let it download into ``folder`` without asking."""
        set_downloads(self._wire, "allowed", folder, userContexts=[self._id])

    def remove(self) -> None:
        """Remove the context with its tabs and data."""
        self._wire.call("browser.removeUserContext", userContext=self._id)


class FirefoxContexts:
    """User contexts of one Firefox."""

    session_over = "Tried to run command without establishing a connection"
    forbidden_commands = frozenset({"SET_CONTEXT", "INSTALL_ADDON", "UNINSTALL_ADDON"})
    """Commands whose effect outlives a context, so the browser is replaced after the case that used them."""

    unknown_window = "Unable to locate window: {handle}"
    dismisses = True
    ahead = True

    def __init__(self, driver: RemoteWebDriver, selenium_options: Options) -> None:
        self._wire = Transport(driver.capabilities["webSocketUrl"])
        self._wire.call("session.subscribe", events=["log.entryAdded"])
        self._requests = BidiRequests(self._wire)
        if "browser.download.dir" not in selenium_options.preferences:
            set_downloads(self._wire, "denied")

    def create(self) -> FirefoxContext:
        """A fresh context with a tab."""
        return FirefoxContext(self._wire, self._requests)

    def console(self, driver: RemoteWebDriver) -> list[str]:
        """Console lines since the last call, oldest first."""
        self._wire.call("session.status")  # earlier events arrive before this response
        return [f"{line.level} {line.text}" for line in map(logged, self._wire.take_events()) if line is not None]

    def discard_console(self, driver: RemoteWebDriver) -> None:
        """Drop earlier lines."""
        self._wire.take_events()

    def refuse_arguments(self, driver: RemoteWebDriver, command: str, params: dict[str, Any]) -> None:
        """Have geckodriver refuse them: it reads a command before it looks for the session."""
        RemoteWebDriver.execute(driver, command, params)

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()


def arrive(execute: Callable[[str, dict[str, Any]], dict[str, Any]], *, eager: bool) -> None:
    """Wait until ``get`` has really read the page, if ``eager``, or else loaded it.

    On a busy machine geckodriver mistakes the empty document of a new process for the page, about once in two hundred
    times (Firefox 153). Nothing is raised for a dialog of the page, or when it has closed its window: that is left to
    the case's next command. Raises TimeoutException after the session's page load timeout.
    """

    def ask(command: str, **params: Any) -> Any:
        return execute(command, params)["value"]

    with contextlib.suppress(UnexpectedAlertPresentException, NoSuchWindowException):
        if ask(Command.GET_CURRENT_URL) != "about:blank":
            return
        limit_ms = ask(Command.GET_TIMEOUTS)["pageLoad"]
        ends = time.monotonic() + (math.inf if limit_ms is None else limit_ms / 1000)
        enough = ("interactive", "complete") if eager else ("complete",)
        look = "return document.URL === 'about:blank' ? 'empty' : document.readyState"
        while ask(Command.W3C_EXECUTE_SCRIPT, script=look, args=[]) not in enough:
            if time.monotonic() > ends:
                raise TimeoutException(f"Navigation timed out after {limit_ms} ms")
            time.sleep(0.01)


def set_downloads(wire: Transport, kind: str, folder: Path | None = None, **scope: Any) -> None:
    """Set the download behaviour and folder of Firefox, for the contexts of ``scope`` or all."""
    behavior = {"type": kind} if folder is None else {"type": kind, "destinationFolder": str(folder)}
    wire.call("browser.setDownloadBehavior", downloadBehavior=behavior, **scope)


def _from_bidi(cookie: dict[str, Any]) -> dict[str, Any]:
    """A BiDi cookie in WebDriver's format. https://w3c.github.io/webdriver-bidi/#type-network-Cookie"""
    value = cookie["value"]
    result = {
        "name": cookie["name"],
        "value": value["value"] if value["type"] == "string" else base64.b64decode(value["value"]).decode("latin-1"),
        "path": cookie["path"],
        "domain": cookie["domain"],
        "secure": cookie["secure"],
        "httpOnly": cookie["httpOnly"],
        "sameSite": SAME_SITE.get(cookie["sameSite"], cookie["sameSite"].capitalize()),
    }
    return {**result, "expiry": cookie["expiry"]} if "expiry" in cookie else result
