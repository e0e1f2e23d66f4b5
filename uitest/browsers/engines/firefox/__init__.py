"""Firefox: how it is started."""

import os
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.firefox.options import Options
from selenium.webdriver.firefox.remote_connection import FirefoxRemoteConnection

from uitest.browsers.engines.firefox import startup_cache
from uitest.browsers.engines.firefox.contexts import FirefoxContexts
from uitest.browsers.process import discovery
from uitest.browsers.process.handover import RunningBrowser
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

STILL: dict[str, str | int | bool] = {
    "ui.prefersReducedMotion": 1,
    "privacy.fingerprintingProtection": True,
    "privacy.fingerprintingProtection.overrides": "-AllTargets,+CSSPrefersReducedMotion",
}
"""Firefox's own frame does not move, which took 0.08 s of processor time a page for tabs; pages are not told of it."""


OTHER_PROFILE = frozenset({"-profile", "--profile", "-P", "-CreateProfile"})
"""Arguments that name one."""


def options(settings: Settings) -> Options:
    """Selenium's options for these settings. Raises BrowserError if no Firefox is installed."""
    made = Options()
    if settings.grid is None:
        made.binary_location = discovery.firefox()
    if settings.headless != "headed":
        made.add_argument("-headless")
    made.add_argument(f"--width={settings.viewport[0]}")
    made.add_argument(f"--height={settings.viewport[1]}")
    for argument in settings.arguments:
        made.add_argument(argument)
    preferences: dict[str, Any] = dict(PREFERENCES)
    if settings.locale:
        preferences["intl.accept_languages"] = settings.locale
    if settings.mobile and not isinstance(settings.mobile, str):
        preferences["general.useragent.override"] = settings.mobile.get("userAgent", "")
        preferences["dom.w3c_touch_events.enabled"] = 1
    for name, value in {**preferences, **settings.preferences}.items():
        made.set_preference(name, value)
    made.set_capability("webSocketUrl", True)
    # With BiDi on, Firefox answers dialogs itself the moment they open, unless told to ignore them; what a
    # case expects (the next command closes the dialog and says so) is done by CaseDriver instead.
    made.set_capability("unhandledPromptBehavior", "ignore")
    for name, value in settings.capabilities.items():
        made.set_capability(name, value)
    return made


class Firefox(LocalDriver, webdriver.Firefox):
    """Selenium's Firefox on a geckodriver process of our own (see ``process``)."""

    def __init__(self, made: Options, process: DriverProcess, kept: RunningBrowser | None = None) -> None:
        self._binary, self._profile = str(made.binary_location), process.scratch / "profile"
        self.begin("firefox", process, FirefoxRemoteConnection, made, kept)

    def start_session(self, capabilities: dict[str, Any]) -> None:
        """With a profile that has a head start, unless the suite brings a profile; or go on with a kept session."""
        asked = capabilities[Options.KEY]
        words = asked.get("args", [])
        if self._kept is None and "profile" not in asked and not OTHER_PROFILE.intersection(words):
            startup_cache.make_profile(self._profile, self._binary)
            asked["args"] = [*words, "-profile", str(self._profile)]
        super().start_session(capabilities)

    def kill(self) -> None:
        """End the processes at once; what Firefox has compiled is of use to the next."""
        startup_cache.leave(self._profile, self._binary)
        super().kill()


def start(made: Options, _settings: Settings, home: Path | None = None) -> Firefox:
    """A Firefox; ``home`` as for ``Guarded``. Raises BrowserError."""
    if not STILL.keys() & made.preferences.keys():  # a suite that sets one of them has pages in mind
        for name, value in STILL.items():
            made.set_preference(name, value)
    # With port 0 it would listen, but refuse every request: it wants to be addressed by the port that it was told.
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
        return Firefox(made, process)
    except BrowserError:
        startup_cache.forget(str(made.binary_location))  # it is not known to be at fault, but can be had again
        raise


def launch(made: Options, settings: Settings, home: Path | None) -> SharedBrowser:
    """A Firefox that serves case after case. Raises BrowserError."""
    return serve(start(made, settings, home), made, settings)


adopt = Firefox
"""One that another process has kept."""


def serve(driver: Firefox, made: Options, _settings: Settings) -> SharedBrowser:
    """Give each case a context in the driver's browser. Raises BrowserError, or what broke, once it is ended."""
    return shared_browser.serve(driver, made, lambda: FirefoxContexts(driver, made))
