"""Starts browsers by name: ``start`` for a plain WebDriver, ``launch`` for a browser that serves isolated cases.

Selenium takes 0.3 s to import, so it is imported only where a browser is started. Each engine has a module that
implements ``Engine`` and its own way of isolation.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from uitest.browsers.settings import Settings
from uitest.errors import UsageError
from uitest.model import BROWSERS
from uitest.system.proxy_variables import exempt_this_machine

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver.common.options import ArgOptions
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers.process.handover import RunningBrowser
    from uitest.browsers.sessions.protocols import Browser


class Engine(Protocol):
    """The interface of an engine's module."""

    def options(self, settings: Settings, /) -> "ArgOptions":
        """Selenium's options for these settings. Raises BrowserError if the browser is missing."""

    def start(self, selenium_options: Any, settings: Settings, /) -> "WebDriver":
        """A WebDriver whose ``quit()`` ends its processes. Raises BrowserError."""

    def launch(self, selenium_options: Any, settings: Settings, home: "Path | None", /) -> "Browser":
        """A browser that serves one case after another, with its files below ``home``. Raises BrowserError."""

    def adopt(self, selenium_options: Any, settings: Settings, kept: "RunningBrowser", /) -> "Browser":
        """A browser that was handed over. On any error, ends the browser and raises it."""


class WarmEngine(Engine, Protocol):
    """An engine whose browsers serve many cases in one session."""

    def serve(self, driver: Any, selenium_options: Any, settings: Settings, /) -> "Browser":
        """Serve each case in a context of the driver's browser. On any error, ends the browser and raises it."""


def engine(name: str) -> Engine:
    """An engine's module, without importing the others. Raises UsageError for an unknown name.

    Whoever asks for one is about to talk to a driver, so from now on this process reaches its machine without a proxy.
    """
    if name not in BROWSERS:
        raise UsageError(f"unknown browser {name!r}; choose from {', '.join(BROWSERS)}")
    exempt_this_machine(os.environ)
    return cast(Engine, import_module(f"uitest.browsers.engines.{name}"))


def options(name: str, settings: Settings) -> "ArgOptions":
    """Selenium's options for an engine. Raises UsageError (unknown name), BrowserError (missing browser)."""
    module = engine(name)
    if isinstance(settings.mobile, str) and name != "chrome":
        raise UsageError(
            f"mobile={settings.mobile!r} is a name of Chrome's; for {name} describe the device: "
            "mobile={'deviceMetrics': {'width': 390, 'height': 844}, 'userAgent': '...'}"
        )
    selenium_options = module.options(settings)
    if settings.insecure:
        selenium_options.accept_insecure_certs = True
    return selenium_options


def start(name: str, settings: Settings | None = None, selenium_options: "ArgOptions | None" = None) -> "WebDriver":
    """A WebDriver for the engine; its ``quit()`` ends every process that was started for it.

    ``selenium_options`` replace the options that follow from ``settings``. Raises UsageError, BrowserError.
    """
    settings = settings or Settings()
    selenium_options = selenium_options or options(name, settings)
    if not settings.grid:
        return engine(name).start(selenium_options, settings)
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers.process.startup_errors import translating_startup_errors

    with translating_startup_errors(name):
        return WebDriver(command_executor=settings.grid, options=selenium_options)


def launch(name: str, settings: Settings, selenium_options: Any, home: "Path | None" = None) -> "Browser":
    """A browser that serves one case after another. Raises BrowserError.

    ``home`` is the folder for the files of a browser that may be handed over to another process.
    """
    module = engine(name)
    if _is_shared(module, settings) or not (settings.grid or hasattr(module, "serve")):
        return module.launch(selenium_options, settings, home)
    from uitest.browsers.sessions.session_per_case import SessionPerCase

    return SessionPerCase(lambda: start(name, settings, selenium_options))


def serve(name: str, settings: Settings, driver: Any) -> "Browser | None":
    """The browser of ``start``, to serve cases; None where each case needs a new session. Raises BrowserError."""
    module = engine(name)
    if not _is_shared(module, settings):
        return None
    return cast(WarmEngine, module).serve(driver, options(name, settings), settings)


def _is_shared(module: Engine, settings: Settings) -> bool:
    """Whether consecutive cases can share a browser."""
    from uitest.compat import selenium_private

    return not settings.grid and hasattr(module, "serve") and selenium_private.sharing_is_known()


def resume(name: str, settings: Settings, selenium_options: Any, kept: "RunningBrowser") -> "Browser":
    """A browser that another process has handed over. On any error, ends the browser and raises it."""
    return engine(name).adopt(selenium_options, settings, kept)
