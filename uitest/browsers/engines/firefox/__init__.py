"""Starts Firefox."""

import os
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.firefox.options import Options
from selenium.webdriver.firefox.remote_connection import FirefoxRemoteConnection

from uitest.browsers.engines.firefox import startup_cache
from uitest.browsers.engines.firefox.contexts import FirefoxContexts
from uitest.browsers.process import discovery
from uitest.browsers.process.handover import RESPONSE_TIMEOUT_S, AdoptedProcess, RunningBrowser
from uitest.browsers.process.http_client import command_timeout
from uitest.browsers.process.local_driver import LocalDriver
from uitest.browsers.process.process_group import DriverProcess, on_free_port
from uitest.browsers.sessions import shared_browser
from uitest.browsers.sessions.shared_browser import SharedBrowser
from uitest.browsers.settings import Settings
from uitest.errors import BrowserError

PREFERENCES = {
    "browser.zoom.siteSpecific": False,  # zoom belongs to the tab, not to every later visit of the site
    "browser.cache.disk.enable": False,
    "browser.download.alwaysOpenPanel": False,  # it opens late and keeps the focus, also from the next case's page
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.normandy.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "dom.ipc.processPrelaunch.enabled": True,
}

REDUCED_MOTION: dict[str, str | int | bool] = {
    "ui.prefersReducedMotion": 1,
    "privacy.fingerprintingProtection": True,
    "privacy.fingerprintingProtection.overrides": "-AllTargets,+CSSPrefersReducedMotion",
}
"""Preferences that turn off animations of Firefox's own UI (0.08 s of processor time a page), invisible to pages."""


OTHER_PROFILE = frozenset({"-profile", "--profile", "-P", "-CreateProfile"})
"""Arguments that name a profile."""


def options(settings: Settings) -> Options:
    """Selenium's options for these settings. Raises BrowserError if no Firefox is installed."""
    selenium_options = Options()
    if settings.grid is None:
        selenium_options.binary_location = discovery.firefox()
    if settings.headless != "headed":
        selenium_options.add_argument("-headless")
    selenium_options.add_argument(f"--width={settings.viewport[0]}")
    selenium_options.add_argument(f"--height={settings.viewport[1]}")
    for argument in settings.arguments:
        selenium_options.add_argument(argument)
    preferences: dict[str, Any] = dict(PREFERENCES)
    if not settings.capabilities.get("webSocketUrl"):
        preferences["dom.disable_beforeunload"] = True  # as in a session without BiDi, which is ours alone
    if settings.locale:
        preferences["intl.accept_languages"] = settings.locale
    if settings.mobile and not isinstance(settings.mobile, str):
        preferences["general.useragent.override"] = settings.mobile.get("userAgent", "")
        preferences["dom.w3c_touch_events.enabled"] = 1
    for name, value in {**preferences, **settings.preferences}.items():
        selenium_options.set_preference(name, value)
    selenium_options.set_capability("webSocketUrl", True)
    # With BiDi on, Firefox closes dialogs as soon as they open, unless told to ignore them. The behaviour that a case
    # expects (the next command closes the dialog and raises) is implemented by CaseDriver instead.
    selenium_options.set_capability("unhandledPromptBehavior", "ignore")
    for name, value in settings.capabilities.items():
        selenium_options.set_capability(name, value)
    return selenium_options


class Firefox(LocalDriver, webdriver.Firefox):
    """Selenium's Firefox with a guarded geckodriver process (see ``process``)."""

    def __init__(self, selenium_options: Options, process: DriverProcess, kept: RunningBrowser | None = None) -> None:
        self._binary, self._profile = str(selenium_options.binary_location), process.scratch / "profile"
        self.begin("firefox", process, FirefoxRemoteConnection, selenium_options, kept)

    def start_session(self, capabilities: dict[str, Any]) -> None:
        """Start a session with a profile from the startup cache, unless the suite has its own, or adopt a session."""
        firefox_options = capabilities[Options.KEY]
        arguments = firefox_options.get("args", [])
        if self._kept is None and "profile" not in firefox_options and not OTHER_PROFILE.intersection(arguments):
            startup_cache.make_profile(self._profile, self._binary)
            firefox_options["args"] = [*arguments, "-profile", str(self._profile)]
        super().start_session(capabilities)

    def keep(self, window: str) -> RunningBrowser:
        """Save Firefox's startup cache, and hand the session over."""
        startup_cache.leave(self._profile, self._binary)
        return super().keep(window)

    def kill(self) -> None:
        """End the processes at once, and save Firefox's startup cache."""
        startup_cache.leave(self._profile, self._binary)
        super().kill()


def start(selenium_options: Options, _settings: Settings, home: Path | None = None) -> Firefox:
    """A Firefox; ``home`` as for ``Guarded``. Raises BrowserError."""
    if (
        not REDUCED_MOTION.keys() & selenium_options.preferences.keys()
    ):  # unless the suite sets one of them for its pages
        for name, value in REDUCED_MOTION.items():
            selenium_options.set_preference(name, value)
    # geckodriver refuses requests to any other port than the one it was given, so port 0 does not work.
    process = on_free_port(
        lambda port: DriverProcess(
            [
                discovery.geckodriver(),
                f"--port={port}",
                "--host=127.0.0.1",
                "--websocket-port=0",  # the default, 9222, is the same for every worker
                "--log=error",
            ],
            {**os.environ, "MOZ_CRASHREPORTER_DISABLE": "1"},  # its helper leaves the process group
            home,
            port,
        )
    )
    try:
        return Firefox(selenium_options, process)
    except BrowserError:
        startup_cache.forget(
            str(selenium_options.binary_location)
        )  # it is not known to be at fault, but can be had again
        raise


def launch(selenium_options: Options, settings: Settings, home: Path | None) -> SharedBrowser:
    """A Firefox that serves one case after another. Raises BrowserError."""
    return serve(start(selenium_options, settings, home), selenium_options, settings)


def adopt(selenium_options: Options, settings: Settings, kept: RunningBrowser) -> SharedBrowser:
    """A Firefox that was handed over. On any error, ends it and raises the error."""
    driver = Firefox(selenium_options, AdoptedProcess(kept.processes[0]), kept)
    with command_timeout(driver, RESPONSE_TIMEOUT_S):
        return serve(driver, selenium_options, settings)


def serve(driver: Firefox, selenium_options: Options, _settings: Settings) -> SharedBrowser:
    """Serve each case in a context of the driver's browser. On any error, ends the browser and raises it."""
    return shared_browser.serve(driver, selenium_options, lambda: FirefoxContexts(driver, selenium_options))
