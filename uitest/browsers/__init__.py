"""Browsers by name: ``start`` for one plain WebDriver, ``launch`` for one that serves cases in isolation.

Selenium takes 0.3 s to import, so it is imported where a browser is started, and ``uitest status`` answers sooner. An
engine's module offers what ``Engine`` says; how its cases are kept apart is its own.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from uitest.browsers.settings import Settings
from uitest.errors import UsageError
from uitest.model import BROWSERS

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver.common.options import ArgOptions
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers.process.handover import AdoptedDriver, RunningBrowser
    from uitest.browsers.process.local_driver import LocalDriver
    from uitest.browsers.sessions.protocols import Browser


class Engine(Protocol):
    """What the module of an engine offers."""

    def options(self, settings: Settings, /) -> "ArgOptions":
        """Selenium's options for these settings. Raises BrowserError if the browser is missing."""

    def start(self, made: Any, settings: Settings, /) -> "WebDriver":
        """A WebDriver that ends with its processes. Raises BrowserError."""

    def launch(self, made: Any, settings: Settings, home: "Path | None", /) -> "Browser":
        """A browser that serves case after case, its files below ``home``. Raises BrowserError."""


class WarmEngine(Engine, Protocol):
    """One whose browsers serve many cases, and can be kept for another process."""

    def adopt(self, made: Any, process: "AdoptedDriver", kept: "RunningBrowser", /) -> "LocalDriver":
        """The driver of a browser that was kept. Raises BrowserError."""

    def serve(self, driver: Any, made: Any, settings: Settings, /) -> "Browser":
        """Give each case a context in the driver's browser. Raises BrowserError, or what broke, once it is ended."""


def engine(name: str) -> Engine:
    """An engine's module, without importing the others. Raises UsageError for an unknown name."""
    if name not in BROWSERS:
        raise UsageError(f"unknown browser {name!r}; choose from {', '.join(BROWSERS)}")
    return cast(Engine, import_module(f"uitest.browsers.engines.{name}"))


def options(name: str, settings: Settings) -> "ArgOptions":
    """Selenium's options for an engine. Raises UsageError (unknown name), BrowserError (missing browser)."""
    found = engine(name)
    if isinstance(settings.mobile, str) and name != "chrome":
        raise UsageError(
            f"mobile={settings.mobile!r} is a name of Chrome's; for {name} describe the device: "
            "mobile={'deviceMetrics': {'width': 390, 'height': 844}, 'userAgent': '...'}"
        )
    made = found.options(settings)
    if settings.insecure:
        made.accept_insecure_certs = True
    return made


def start(name: str, settings: Settings | None = None, made: "ArgOptions | None" = None) -> "WebDriver":
    """A WebDriver for the engine; its ``quit()`` ends every process that was started for it.

    ``made`` replaces the options that follow from ``settings``. Raises UsageError, BrowserError.
    """
    settings = settings or Settings()
    made = made or options(name, settings)
    if not settings.grid:
        return engine(name).start(made, settings)
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers.process.startup_errors import translating_startup_errors

    with translating_startup_errors(name):
        return WebDriver(command_executor=settings.grid, options=made)


def launch(name: str, settings: Settings, made: Any, home: "Path | None" = None) -> "Browser":
    """A browser that serves case after case. Raises BrowserError.

    ``home`` is the folder for the files of one that another process may go on with.
    """
    found = engine(name)
    if _is_shared(found, settings) or not (settings.grid or hasattr(found, "serve")):
        return found.launch(made, settings, home)
    from uitest.browsers.sessions.session_per_case import SessionPerCase

    return SessionPerCase(lambda: start(name, settings, made))


def serve(name: str, settings: Settings, driver: Any) -> "Browser | None":
    """The browser of ``start`` for case after case; None where each has a session of its own. Raises BrowserError."""
    found = engine(name)
    if not _is_shared(found, settings):
        return None
    return cast(WarmEngine, found).serve(driver, options(name, settings), settings)


def _is_shared(found: Engine, settings: Settings) -> bool:
    """Whether cases can follow each other in one browser."""
    from uitest.compat import selenium_private

    return not settings.grid and hasattr(found, "serve") and selenium_private.sharing_is_known()


def resume(name: str, settings: Settings, made: Any, kept: "RunningBrowser") -> "Browser":
    """The browser that another process has kept. Raises BrowserError, or what else broke, once it has been ended."""
    from uitest.browsers.process.handover import ANSWER_S, AdoptedDriver
    from uitest.browsers.process.http_client import command_timeout

    found = cast(WarmEngine, engine(name))
    driver = found.adopt(made, AdoptedDriver(kept), kept)
    with command_timeout(driver, ANSWER_S):
        return found.serve(driver, made, settings)
