"""Chrome: how it is started, and its fresh user contexts over the browser's DevTools socket.

The DevTools socket makes a context in half the time of BiDi on Chrome and needs no mapper tab.
"""

import json
import os
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.remote_connection import ChromeRemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver as RemoteWebDriver

from uitest.browsers import locate
from uitest.browsers.own import OwnProcess
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


class ChromeContexts:
    """Browser contexts of one Chrome."""

    forbidden_commands = frozenset({"setNetworkConditions", "setPermissions", "addVirtualAuthenticator", "launchApp"})
    """Commands whose effect outlives a context, so the browser is replaced after the case that used them."""

    cookie_commands: frozenset[str] = frozenset()
    dismisses = False

    def __init__(self, driver: RemoteWebDriver, made: Options) -> None:
        self._wire = Wire(_devtools_url(driver))
        self._downloads: str | None = made.experimental_options.get("prefs", {}).get("download.default_directory")
        self._empty: str | None = None
        """A context without a window: full Chrome opens no tab in it, only a window."""

    def within(self, context: str, command: str, params: dict[str, Any]) -> dict[str, Any] | None:
        """DevTools commands that can be limited to the context, limited to it."""
        if command != "executeCdpCommand" or params.get("cmd") not in IN_CONTEXT:
            return None
        return {**params, "params": {**params.get("params", {}), "browserContextId": context}}

    def create(self) -> str:
        """A fresh context's id; downloads go where the options say, else they wait for ``allow_downloads``."""
        context: str = self._wire.call("Target.createBrowserContext")["browserContextId"]
        if self._downloads is None:
            self._wire.post("Browser.setDownloadBehavior", behavior="deny", browserContextId=context)
        else:
            self.allow_downloads(context, Path(self._downloads))
        self._empty = context
        return context

    def open(self, context: str, kind: str, size: tuple[int, int]) -> str:
        """Handle of a new window in the context; ``kind`` is ``tab`` or ``window``."""
        as_window = kind == "window" or context == self._empty
        size_of_window = {"width": size[0], "height": size[1]} if as_window else {}  # a tab has its window's
        target: str = self._wire.call(
            "Target.createTarget",
            url="about:blank",
            browserContextId=context,
            newWindow=as_window,
            **size_of_window,
        )["targetId"]
        self._empty = None
        return target

    def remove(self, context: str) -> None:
        """Close the context's windows and forget all it kept."""
        self._wire.call("Target.disposeBrowserContext", browserContextId=context)
        self._wire.take_events()

    def allow_downloads(self, context: str, folder: Path) -> None:
        """Let this context download into ``folder`` without asking."""
        self._wire.call(
            "Browser.setDownloadBehavior",
            behavior="allow",
            browserContextId=context,
            downloadPath=str(folder),
        )

    def cookies(self, context: str, command: str, params: dict[str, Any]) -> Any:
        """Never called: chromedriver looks into the page's own jar."""
        raise AssertionError(command)

    def console(self, driver: RemoteWebDriver) -> list[str]:
        """Console lines since they were last taken, oldest first."""
        return [f"{entry['level']} {entry['message']}" for entry in driver.get_log("browser")]  # type: ignore[attr-defined]

    def drop_console(self, driver: RemoteWebDriver) -> None:
        """Forget the lines of a case that passed, so that they neither leak nor pile up."""
        driver.execute("getLog", {"type": "browser"})

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


def _devtools_url(driver: RemoteWebDriver) -> str:
    address = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
    try:
        with urllib.request.urlopen(f"http://{address}/json/version", timeout=10) as answer:
            found: Mapping[str, Any] = json.load(answer)
    except (OSError, ValueError) as exc:
        raise BrowserError(f"Chrome does not answer on its DevTools port {address}: {exc}") from exc
    return str(found["webSocketDebuggerUrl"])
