"""Chrome: how it is started, and its fresh user contexts over the browser's DevTools socket.

The DevTools socket makes a context in half the time of BiDi on Chrome and needs no mapper tab.
"""

import contextlib
import json
import os
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import WeakSet

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.remote_connection import ChromeRemoteConnection
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver as RemoteWebDriver

from uitest.browsers import locate
from uitest.browsers.client import LONGEST_S
from uitest.browsers.direct import ACTS, Direct, learn_text_script
from uitest.browsers.isolation import NotOurs
from uitest.browsers.own import OwnProcess
from uitest.browsers.page import Page
from uitest.browsers.process import DriverProcess, free_port
from uitest.browsers.settings import Settings
from uitest.browsers.wire import Wire
from uitest.errors import BrowserError

QUIET = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # containers give /dev/shm 64 MB
    "--disable-gpu",
    "--disable-quic",
    "--disable-search-engine-choice-screen",
    "--password-store=basic",
)


def options(settings: Settings) -> Options:
    """Selenium's options for these settings. Raises BrowserError if no Chrome is installed."""
    made = Options()
    for argument in QUIET:
        made.add_argument(argument)
    if settings.grid is None:
        made.binary_location = locate.chrome(settings.headless)
        if os.geteuid() == 0:
            made.add_argument("--no-sandbox")  # Chrome refuses to start as root with its sandbox
    if settings.headless != "headed":
        made.add_argument("--headless" if locate.is_shell(made.binary_location) else "--headless=new")
    made.add_argument("--window-size={},{}".format(*settings.window_size))
    preferences = dict(settings.preferences)
    if settings.locale:
        made.add_argument(f"--lang={settings.locale}")
        made.add_argument(f"--accept-lang={settings.locale}")
        preferences.setdefault("intl.accept_languages", settings.locale)
    for argument in settings.arguments:
        made.add_argument(argument)
    if preferences:
        made.add_experimental_option("prefs", preferences)
    if settings.mobile:
        mobile = {"deviceName": settings.mobile} if isinstance(settings.mobile, str) else dict(settings.mobile)
        made.add_experimental_option("mobileEmulation", mobile)
    made.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for name, value in settings.capabilities.items():
        made.set_capability(name, value)
    return made


IN_CONTEXT = frozenset(
    {
        "Browser.grantPermissions",
        "Browser.resetPermissions",
        "Browser.setDownloadBehavior",
        "Browser.setPermission",
        "Storage.clearCookies",
        "Storage.getCookies",
        "Storage.setCookies",
    }
)
"""DevTools commands that take a ``browserContextId`` and mean the default context, not the page's, without one.
https://chromedevtools.github.io/devtools-protocol/tot/Browser/"""


class Chrome(OwnProcess, webdriver.Chrome):
    """Selenium's Chrome on a chromedriver process of our own (see ``process``)."""

    def __init__(self, made: Options) -> None:
        port = free_port()
        process = DriverProcess([locate.chromedriver(), f"--port={port}", "--log-level=WARNING"], port)
        self.begin(process, ChromeRemoteConnection, made)


class ChromeContext:
    """One case's browser context, on a socket of its own: what it hears is about this case."""

    def __init__(
        self, url: str, size: tuple[int, int], downloads: str | None, text_script: str | None, *, direct: bool
    ):
        """Make the context and its first window; ``downloads`` is where files go, else ``allow_downloads`` says."""
        self._wire = Wire(url, timeout=LONGEST_S)
        try:
            self._begin(size, downloads, text_script, direct=direct)
        except BaseException:
            self._wire.close()
            raise

    def _begin(self, size: tuple[int, int], downloads: str | None, text_script: str | None, *, direct: bool) -> None:
        self._size, self._text_script, self._direct = size, text_script, direct
        self._id: str = self._wire.call("Target.createBrowserContext", disposeOnDetach=True)["browserContextId"]
        behavior = {"behavior": "allow", "downloadPath": downloads} if downloads else {"behavior": "deny"}
        self._wire.post("Browser.setDownloadBehavior", browserContextId=self._id, **behavior)
        self.window = self._create("window")  # full Chrome opens no tab in an empty context
        self._page: Direct | None = None
        self._actions = False
        self._in_frame = False
        self._look_at(self.window)

    def answer(self, driver: RemoteWebDriver, command: Any, params: dict[str, Any]) -> Any:
        """The value of a command that needs no chromedriver. Raises NotOurs."""
        if command == Command.SWITCH_TO_FRAME:
            self._in_frame = params.get("id") is not None
        elif command == Command.SWITCH_TO_PARENT_FRAME:
            self._in_frame = True  # or not: nobody counts
        elif command == Command.SWITCH_TO_WINDOW:
            self._in_frame = False
            self._look_at(params["handle"])
        elif command == Command.W3C_ACTIONS:
            self._actions = True  # keys and buttons may stay pressed from here on
        elif self._page is not None and not self._in_frame:
            return self._answer(self._page, driver, command, params)
        raise NotOurs

    def _answer(self, page: Direct, driver: RemoteWebDriver, command: Any, params: dict[str, Any]) -> Any:
        if command not in ACTS:
            return page.answer(command, params)
        if self._actions:
            raise NotOurs
        if page.act(command, params):
            # What every command of chromedriver's does: wait until the page it leads to is there.
            RemoteWebDriver.execute(driver, Command.GET_TITLE)
        return None

    def _look_at(self, window: str) -> None:
        self._page = None
        if self._direct:
            with contextlib.suppress(BrowserError):  # chromedriver may see more than we do
                self._page = Direct(Page(self._wire, window), self._text_script)

    def within(self, command: Any, params: dict[str, Any]) -> dict[str, Any] | None:
        """DevTools commands that can be limited to the context, limited to it."""
        if command != "executeCdpCommand" or params.get("cmd") not in IN_CONTEXT:
            return None
        return {**params, "params": {**params.get("params", {}), "browserContextId": self._id}}

    def nap(self, seconds: float) -> None:
        """Sleep so long, or until something in the page has changed."""
        give_up = time.monotonic() + seconds
        try:
            if self._page is not None and not self._in_frame and self._page.page.is_quiet():
                self._page.page.await_change(seconds)
                return
        except BrowserError:
            pass  # it is loading, or hangs, or is gone: whoever waits will see
        time.sleep(max(0.0, give_up - time.monotonic()))

    def windows(self) -> set[str]:
        """Handles of its windows."""
        targets = self._wire.call("Target.getTargets")["targetInfos"]
        return {target["targetId"] for target in targets if target.get("browserContextId") == self._id}

    def open(self, kind: str) -> str:
        """Handle of a new window; ``kind`` is ``tab`` or ``window``."""
        return self._create(kind)

    def _create(self, kind: str) -> str:
        as_window = kind == "window"
        size = dict(zip(("width", "height"), self._size, strict=True)) if as_window else {}  # a tab has its window's
        target: str = self._wire.call(
            "Target.createTarget", url="about:blank", browserContextId=self._id, newWindow=as_window, **size
        )["targetId"]
        return target

    def allow_downloads(self, folder: Path) -> None:
        """Let it download into ``folder`` without asking."""
        self._wire.call(
            "Browser.setDownloadBehavior",
            behavior="allow",
            browserContextId=self._id,
            downloadPath=str(folder),
        )

    def remove(self) -> None:
        """Close its windows and forget all it kept."""
        try:
            self._wire.call("Target.disposeBrowserContext", browserContextId=self._id)
        finally:
            self.close()

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


class ChromeContexts:
    """Browser contexts of one Chrome."""

    forbidden_commands = frozenset({"setNetworkConditions", "setPermissions", "addVirtualAuthenticator", "launchApp"})
    """Commands whose effect outlives a context, so the browser is replaced after the case that used them."""

    dismisses = False

    def __init__(self, driver: RemoteWebDriver, made: Options, size: tuple[int, int], *, direct: bool) -> None:
        self._url = _devtools_url(driver)
        self._size = size
        self._downloads: str | None = made.experimental_options.get("prefs", {}).get("download.default_directory")
        # A finger is not a mouse: chromedriver taps where a device is described.
        self._direct = direct and "mobileEmulation" not in made.experimental_options
        self.ahead = locate.is_shell(made.binary_location)  # a new window of the full browser takes the focus
        self._made: WeakSet[ChromeContext] = WeakSet()
        self._text_script: str | None = None
        if self._direct:
            wire = Wire(self._url)
            self._text_script = learn_text_script(wire, driver)
            wire.close()

    def create(self) -> ChromeContext:
        """A fresh context with a window."""
        made = ChromeContext(self._url, self._size, self._downloads, self._text_script, direct=self._direct)
        self._made.add(made)
        return made

    def console(self, driver: RemoteWebDriver) -> list[str]:
        """Console lines since they were last taken, oldest first."""
        return [f"{entry['level']} {entry['message']}" for entry in driver.get_log("browser")]  # type: ignore[attr-defined]

    def drop_console(self, driver: RemoteWebDriver) -> None:
        """Forget the lines of a case that passed, so that they neither leak nor pile up."""
        driver.execute("getLog", {"type": "browser"})

    def close(self) -> None:
        """Hang up in each context."""
        for context in list(self._made):
            context.close()


def _devtools_url(driver: RemoteWebDriver) -> str:
    address = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
    try:
        with urllib.request.urlopen(f"http://{address}/json/version", timeout=10) as answer:
            found: Mapping[str, Any] = json.load(answer)
    except (OSError, ValueError) as exc:
        raise BrowserError(f"Chrome does not answer on its DevTools port {address}: {exc}") from exc
    return str(found["webSocketDebuggerUrl"])
