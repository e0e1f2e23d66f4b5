"""Browsers by name: ``start`` for one plain WebDriver, ``launch`` for one that serves cases in isolation.

Selenium takes 0.3 s to import, so it is imported where a browser is started, and ``uitest status`` answers sooner.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from uitest.browsers.settings import Settings
from uitest.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver.common.options import ArgOptions
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers.isolation import Browser
    from uitest.browsers.kept import Kept
    from uitest.browsers.own import OwnProcess


def options(name: str, settings: Settings) -> "ArgOptions":
    """Selenium's options for an engine. Raises UsageError (unknown name), BrowserError (missing browser)."""
    from uitest.browsers import chrome, firefox, webkit

    makers: dict[str, Callable[[Settings], ArgOptions]] = {
        "chrome": chrome.options,
        "firefox": firefox.options,
        "webkit": webkit.options,
    }
    if name not in makers:
        raise UsageError(f"unknown browser {name!r}; choose from {', '.join(makers)}")
    if isinstance(settings.mobile, str) and name != "chrome":
        raise UsageError(
            f"mobile={settings.mobile!r} is a name of Chrome's; for {name} describe the device: "
            "mobile={'deviceMetrics': {'width': 390, 'height': 844}, 'userAgent': '...'}"
        )
    return makers[name](settings)


def start(name: str, settings: Settings | None = None, made: "ArgOptions | None" = None) -> "WebDriver":
    """A WebDriver for the engine; its ``quit()`` ends every process that was started for it.

    ``made`` replaces the options that follow from ``settings``. Raises UsageError, BrowserError.
    """
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers import chrome, firefox, webkit
    from uitest.browsers.starting import starting

    settings = settings or Settings()
    made = made or options(name, settings)
    if settings.grid:
        with starting(name):
            return WebDriver(command_executor=str(settings.grid), options=made)
    starters: dict[str, Callable[[Any], WebDriver]] = {
        "chrome": chrome.start,
        "firefox": firefox.start,
        "webkit": lambda made: webkit.WebKit(made, webkit.Servers(made, settings.locale), settings.viewport, owns=True),
    }
    return starters[name](made)


def launch(name: str, settings: Settings, made: Any, home: "Path | None" = None) -> "Browser":
    """A browser that serves case after case. Raises BrowserError.

    ``home`` is the folder for the files of one that another process may go on with.
    """
    from uitest.browsers import chrome, firefox, webkit
    from uitest.browsers.fresh import FreshSessions

    if settings.grid:
        return FreshSessions(lambda: start(name, settings, made))
    if name == "webkit":
        servers = webkit.Servers(made, settings.locale)
        return FreshSessions(lambda: webkit.WebKit(made, servers, settings.viewport), servers.stop)
    starter = chrome.start if name == "chrome" else firefox.start
    return _warm(name, settings, made, starter(made, home))


def resume(name: str, settings: Settings, made: Any, kept: "Kept") -> "Browser":
    """The browser that another process has kept. Raises BrowserError, or what else broke, once it has been ended."""
    from uitest.browsers import chrome, firefox
    from uitest.browsers.client import patience
    from uitest.browsers.kept import ANSWER_S, Adopted

    driver_class = chrome.Chrome if name == "chrome" else firefox.Firefox
    driver = driver_class(made, Adopted(kept), kept)
    with patience(driver, ANSWER_S):
        return _warm(name, settings, made, driver)


def _warm(name: str, settings: Settings, made: Any, driver: "OwnProcess") -> "Browser":
    from uitest.browsers import chrome, chrome_context, firefox
    from uitest.browsers.isolation import Contexts
    from uitest.browsers.warm import WarmBrowser

    try:
        contexts: Contexts
        if name == "chrome":
            contexts = chrome_context.ChromeContexts(
                chrome.devtools_url(driver), driver, made, settings.viewport, direct=settings.direct
            )
        else:
            contexts = firefox.FirefoxContexts(driver, made)
        return WarmBrowser(driver, made, contexts)
    except BaseException:
        driver.kill()
        raise
