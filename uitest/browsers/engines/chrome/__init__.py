"""Starts Chrome."""

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
from uitest.browsers.process.handover import RESPONSE_TIMEOUT_S, AdoptedProcess, RunningBrowser
from uitest.browsers.process.http_client import command_timeout
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
    selenium_options = Options()
    for argument in QUIET:
        selenium_options.add_argument(argument)
    if settings.grid is None:
        selenium_options.binary_location = discovery.chrome(settings.headless)
        if os.geteuid() == 0:
            selenium_options.add_argument("--no-sandbox")  # Chrome refuses to start as root with its sandbox
        for argument in os.environ.get("UITEST_CHROME_ARGUMENTS", "").split():  # what this machine cannot do without
            selenium_options.add_argument(argument)
    if settings.headless != "headed":
        selenium_options.add_argument(
            "--headless" if discovery.is_shell(selenium_options.binary_location) else "--headless=new"
        )
    selenium_options.add_argument("--window-size={},{}".format(*settings.window_size))
    preferences = dict(settings.preferences)
    if settings.locale:
        selenium_options.add_argument(f"--lang={settings.locale}")
        selenium_options.add_argument(f"--accept-lang={settings.locale}")
        preferences.setdefault("intl.accept_languages", settings.locale)
    for argument in settings.arguments:
        selenium_options.add_argument(argument)
    if preferences:
        selenium_options.add_experimental_option("prefs", preferences)
    if settings.mobile:
        mobile = {"deviceName": settings.mobile} if isinstance(settings.mobile, str) else dict(settings.mobile)
        selenium_options.add_experimental_option("mobileEmulation", mobile)
    selenium_options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for name, value in settings.capabilities.items():
        selenium_options.set_capability(name, value)
    return selenium_options


UNKNOWN_DOCUMENT = "frame does not have execution context"
"""chromedriver's error for a document that it does not know."""


class Chrome(LocalDriver, webdriver.Chrome):
    """Selenium's Chrome with a guarded chromedriver process (see ``process``)."""

    def __init__(self, selenium_options: Options, process: DriverProcess, kept: RunningBrowser | None = None) -> None:
        self.begin("chrome", process, ChromeRemoteConnection, selenium_options, kept)

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Send a command, and again if chromedriver does not know the document and so has done nothing.

        That happens when it is switched to a page whose loading was stopped by a dialog, and lasts until the next page,
        unless the browser is made to announce the document again.
        """
        try:
            return super().execute(driver_command, params)
        except TimeoutException as exc:
            if UNKNOWN_DOCUMENT not in (exc.msg or ""):
                raise
        for command in ("Runtime.disable", "Runtime.enable"):
            super().execute("executeCdpCommand", {"cmd": command, "params": {}})
        return super().execute(driver_command, params)


def start(selenium_options: Options, _settings: Settings, home: Path | None = None) -> Chrome:
    """A Chrome; ``home`` as for ``Guarded``. Raises BrowserError."""
    argv = [discovery.chromedriver(), "--port=0", "--log-level=WARNING", "--enable-chrome-logs"]
    return Chrome(selenium_options, DriverProcess(argv, home=home))


def launch(selenium_options: Options, settings: Settings, home: Path | None) -> SharedBrowser:
    """A Chrome that serves one case after another. Raises BrowserError."""
    return serve(start(selenium_options, settings, home), selenium_options, settings)


def adopt(selenium_options: Options, settings: Settings, kept: RunningBrowser) -> SharedBrowser:
    """A Chrome that was handed over. On any error, ends it and raises the error."""
    driver = Chrome(selenium_options, AdoptedProcess(kept.processes[0]), kept)
    with command_timeout(driver, RESPONSE_TIMEOUT_S):
        return serve(driver, selenium_options, settings)


def serve(driver: Chrome, selenium_options: Options, settings: Settings) -> SharedBrowser:
    """Serve each case in a context of the driver's browser. On any error, ends the browser and raises it."""
    return shared_browser.serve(
        driver,
        selenium_options,
        lambda: ChromeContexts(
            devtools_url(driver), driver, selenium_options, settings.viewport, direct=settings.direct
        ),
    )


def devtools_url(driver: RemoteWebDriver) -> str:
    """Address of the browser's DevTools socket. Raises BrowserError."""
    address = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
    try:
        with urllib.request.urlopen(f"http://{address}/json/version", timeout=10) as answer:
            version: Mapping[str, Any] = json.load(answer)
    except (OSError, ValueError) as exc:
        raise BrowserError(f"Chrome does not respond on its DevTools port {address}: {exc}") from exc
    return str(version["webSocketDebuggerUrl"])
