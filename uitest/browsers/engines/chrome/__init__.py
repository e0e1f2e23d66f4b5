"""Chrome: how it is started."""

import json
import os
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.remote_connection import ChromeRemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver as RemoteWebDriver

from uitest.browsers.engines.chrome.contexts import ChromeContexts
from uitest.browsers.process import discovery
from uitest.browsers.process.handover import RunningBrowser
from uitest.browsers.process.local_driver import LocalDriver
from uitest.browsers.process.process_group import DriverProcess
from uitest.browsers.sessions import shared_browser
from uitest.browsers.sessions.shared_browser import SharedBrowser
from uitest.browsers.settings import Settings
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
        made.binary_location = discovery.chrome(settings.headless)
        if os.geteuid() == 0:
            made.add_argument("--no-sandbox")  # Chrome refuses to start as root with its sandbox
        for argument in os.environ.get("UITEST_CHROME_ARGUMENTS", "").split():  # what this machine cannot do without
            made.add_argument(argument)
    if settings.headless != "headed":
        made.add_argument("--headless" if discovery.is_shell(made.binary_location) else "--headless=new")
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


UNHEARD = "frame does not have execution context"
"""chromedriver's words for a document that it has not heard of."""


class Chrome(LocalDriver, webdriver.Chrome):
    """Selenium's Chrome on a chromedriver process of our own (see ``process``)."""

    def __init__(self, made: Options, process: DriverProcess, kept: RunningBrowser | None = None) -> None:
        self.begin("chrome", process, ChromeRemoteConnection, made, kept)

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Send a command, again where chromedriver has not heard of the document; then it has done nothing yet.

        That happens when it is shown a page whose loading a dialog has stopped, and lasts until the next page, unless
        the browser is made to tell of the document once more.
        """
        try:
            return super().execute(driver_command, params)
        except TimeoutException as exc:
            if UNHEARD not in (exc.msg or ""):
                raise
        for command in ("Runtime.disable", "Runtime.enable"):
            super().execute("executeCdpCommand", {"cmd": command, "params": {}})
        return super().execute(driver_command, params)


def start(made: Options, _settings: Settings, home: Path | None = None) -> Chrome:
    """A Chrome; ``home`` as for ``Guarded``. Raises BrowserError."""
    argv = [discovery.chromedriver(), "--port=0", "--log-level=WARNING", "--enable-chrome-logs"]
    return Chrome(made, DriverProcess(argv, home=home))


def launch(made: Options, settings: Settings, home: Path | None) -> SharedBrowser:
    """A Chrome that serves case after case. Raises BrowserError."""
    return serve(start(made, settings, home), made, settings)


adopt = Chrome
"""One that another process has kept."""


def serve(driver: Chrome, made: Options, settings: Settings) -> SharedBrowser:
    """Give each case a context in the driver's browser. Raises BrowserError, or what broke, once it is ended."""
    return shared_browser.serve(
        driver,
        made,
        lambda: ChromeContexts(devtools_url(driver), driver, made, settings.viewport, direct=settings.direct),
    )


def devtools_url(driver: RemoteWebDriver) -> str:
    """Address of the browser's DevTools socket. Raises BrowserError."""
    address = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
    try:
        with urllib.request.urlopen(f"http://{address}/json/version", timeout=10) as answer:
            found: Mapping[str, Any] = json.load(answer)
    except (OSError, ValueError) as exc:
        raise BrowserError(f"Chrome does not answer on its DevTools port {address}: {exc}") from exc
    return str(found["webSocketDebuggerUrl"])
