"""Fresh user contexts (containers) of Firefox over WebDriver BiDi."""

import base64
import contextlib
import functools
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from selenium.common.exceptions import (
    NoSuchCookieException,
    TimeoutException,
    UnexpectedAlertPresentException,
)
from selenium.webdriver.firefox.options import Options
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver as RemoteWebDriver

from uitest.browsers.cdp.transport import Transport
from uitest.browsers.page_inspector import BidiInspector, logged
from uitest.browsers.sessions.protocols import ForwardToDriver

if TYPE_CHECKING:
    from uitest.browsers.sessions.shared_browser import CaseDriver

COOKIE_COMMANDS = frozenset(
    {
        Command.GET_ALL_COOKIES,
        Command.GET_COOKIE,
        Command.ADD_COOKIE,
        Command.DELETE_COOKIE,
        Command.DELETE_ALL_COOKIES,
    }
)


class FirefoxContext:
    """One case's user context."""

    def __init__(self, wire: Transport) -> None:
        """Make it and its first tab, behind whatever is seen now."""
        self._wire = wire
        self._id = str(wire.call("browser.createUserContext")["userContext"])
        self.user_contexts = [self._id]
        self.window = self._seen = self._create("tab", background=True)

    def is_served(self) -> bool:
        """Cookies only, and those by asking geckodriver for the page first."""
        return False

    def answer(self, driver: "CaseDriver", command: Any, params: dict[str, Any]) -> Any:
        """Answer a cookie command from the context's own jar, which geckodriver does not look into. Raises NotOurs.

        ``get`` is geckodriver's, seen to its end.
        """
        if command == Command.GET:
            value = driver.ask(command, params)["value"]
            strategy = driver.caps["pageLoadStrategy"]
            if not params["url"].startswith("about:") and strategy != "none":
                arrive(functools.partial(RemoteWebDriver.execute, driver), eager=strategy == "eager")
            return value
        if command == Command.SWITCH_TO_WINDOW:
            self._seen = params["handle"]
        if command not in COOKIE_COMMANDS:
            raise ForwardToDriver
        page = {"type": "context", "context": driver.current_window_handle}
        host = urlsplit(driver.current_url).hostname or ""
        name = {"name": params["name"]} if "name" in params else {}
        if command == Command.ADD_COOKIE:
            return self._wire.call("storage.setCookie", cookie=_to_bidi(params["cookie"], host), partition=page)
        if command in (Command.DELETE_COOKIE, Command.DELETE_ALL_COOKIES):
            for cookie in self._cookies(page, host, name):
                only = {"name": cookie["name"], "domain": cookie["domain"], "path": cookie["path"]}
                self._wire.call("storage.deleteCookies", filter=only, partition=page)
            return None
        found = [_from_bidi(cookie) for cookie in self._cookies(page, host, name)]
        if command == Command.GET_ALL_COOKIES:
            return found
        if not found:
            raise NoSuchCookieException(f"No cookie with name {params['name']}")
        return found[0]

    def _cookies(self, page: dict[str, Any], host: str, name: dict[str, Any]) -> list[dict[str, Any]]:
        jar = self._wire.call("storage.getCookies", filter=name, partition=page)["cookies"]
        return [c for c in jar if c["domain"] == host or f".{host}".endswith("." + c["domain"].lstrip("."))]

    def show(self, driver: "CaseDriver") -> None:
        """Have geckodriver look at the window."""
        RemoteWebDriver.execute(driver, Command.SWITCH_TO_WINDOW, {"handle": self.window})

    def within(self, command: Any, params: dict[str, Any]) -> None:
        """No command of geckodriver's can be limited to a context."""

    def nap(self, seconds: float) -> None:
        """Sleep: Firefox is not asked what its pages do."""
        time.sleep(seconds)

    def console(self) -> None:
        """Firefox tells of all its contexts in one."""

    def lens(self) -> BidiInspector:
        """Looks at the window that is seen, over BiDi."""
        return BidiInspector(self._wire, lambda: self._seen)

    def windows(self) -> set[str]:
        """Handles of its windows."""
        tree = self._wire.call("browsingContext.getTree", maxDepth=0)["contexts"]
        return {window["context"] for window in tree if window["userContext"] in self.user_contexts}

    def open(self, kind: str) -> str:
        """Handle of a new window; its size is that of the Firefox window it opens in."""
        return self._create(kind, background=False)

    def _create(self, kind: str, *, background: bool) -> str:
        return str(
            self._wire.call("browsingContext.create", type=kind, userContext=self._id, background=background)["context"]
        )

    def allow_downloads(self, folder: Path) -> None:
        """Let it download into ``folder`` without asking."""
        set_downloads(self._wire, "allowed", folder, userContexts=[self._id])

    def remove(self) -> None:
        """Close its tabs and forget all it kept."""
        self._wire.call("browser.removeUserContext", userContext=self._id)


class FirefoxContexts:
    """User contexts of one Firefox."""

    session_over = "Tried to run command without establishing a connection"
    forbidden_commands = frozenset({"SET_CONTEXT", "INSTALL_ADDON", "UNINSTALL_ADDON"})
    """Commands whose effect outlives a context, so the browser is replaced after the case that used them."""

    unknown_window = "Unable to locate window: {handle}"
    dismisses = True
    ahead = True

    def __init__(self, driver: RemoteWebDriver, made: Options) -> None:
        self._wire = Transport(driver.capabilities["webSocketUrl"])
        self._wire.call("session.subscribe", events=["log.entryAdded"])
        if "browser.download.dir" not in made.preferences:
            set_downloads(self._wire, "denied")

    def create(self) -> FirefoxContext:
        """A fresh context with a tab."""
        return FirefoxContext(self._wire)

    def console(self, driver: RemoteWebDriver) -> list[str]:
        """Console lines since they were last taken, oldest first."""
        self._wire.call("session.status")  # whatever was logged before this answer has arrived with it
        return [f"{line.level} {line.text}" for line in map(logged, self._wire.take_events()) if line is not None]

    def discard_console(self, driver: RemoteWebDriver) -> None:
        """Forget the lines of a case that passed."""
        self._wire.take_events()

    def refuse_arguments(self, driver: RemoteWebDriver, command: str, params: dict[str, Any]) -> None:
        """Have geckodriver refuse them: it reads a command before it looks for the session."""
        RemoteWebDriver.execute(driver, command, params)

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


def arrive(execute: Callable[[str, dict[str, Any]], dict[str, Any]], *, eager: bool) -> None:
    """Wait until ``get`` has done what it said: to read the page, if ``eager``, and else to load it.

    On a busy machine geckodriver takes the empty document that a new process starts with for the page, about once
    in two hundred times (Firefox 153). A dialog that the page has opened is left to the case. Raises
    TimeoutException when the session's own limit is over.
    """

    def ask(command: str, **params: Any) -> Any:
        return execute(command, params)["value"]

    with contextlib.suppress(UnexpectedAlertPresentException):
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
    """Where Firefox downloads to, in the contexts of ``scope`` or in all."""
    behavior = {"type": kind} if folder is None else {"type": kind, "destinationFolder": str(folder)}
    wire.call("browser.setDownloadBehavior", downloadBehavior=behavior, **scope)


def _from_bidi(cookie: dict[str, Any]) -> dict[str, Any]:
    """A BiDi cookie in WebDriver's words. https://w3c.github.io/webdriver-bidi/#type-network-Cookie"""
    value = cookie["value"]
    made = {
        "name": cookie["name"],
        "value": value["value"] if value["type"] == "string" else base64.b64decode(value["value"]).decode("latin-1"),
        "path": cookie["path"],
        "domain": cookie["domain"],
        "secure": cookie["secure"],
        "httpOnly": cookie["httpOnly"],
        "sameSite": cookie["sameSite"].capitalize(),
    }
    return {**made, "expiry": cookie["expiry"]} if "expiry" in cookie else made


def _to_bidi(cookie: dict[str, Any], host: str) -> dict[str, Any]:
    made = {key: value for key, value in cookie.items() if key in ("name", "path", "secure", "httpOnly", "expiry")}
    made["value"] = {"type": "string", "value": cookie["value"]}
    made["domain"] = cookie.get("domain") or host
    if cookie.get("sameSite"):
        made["sameSite"] = cookie["sameSite"].lower()
    return made
