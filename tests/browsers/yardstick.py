"""The same steps in several ways: in our contexts, directly or by the engine's driver, and with plain Selenium.

Plain Selenium is the yardstick for what a case sees: values, classes and messages of exceptions.
"""

import contextlib
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from urllib3.exceptions import HTTPError

from tests.fuzz.plain import PlainFirefox, Seat
from uitest import browsers
from uitest.browsers.process import discovery
from uitest.browsers.sessions.shared_browser import SharedBrowser
from uitest.browsers.settings import Settings
from uitest.errors import BrowserError

Step = Callable[[WebDriver], Any]
"""A command, or several, of a case."""

HANDLE = re.compile(r"\b(?:[0-9A-F]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
"""Chrome's handles, and Firefox's, whose elements look the same."""
OURS = re.compile(r"\s*\(Session info:.*?\)|; For documentation.*|: this case's browser is closed: .*", re.DOTALL)
"""What is not compared: versions, addresses of help, and our reason why a session is over."""
ELEMENT = re.compile(r"f\.[0-9A-F]+\.d\.[0-9A-F]+\.e\.\d+")


class Plain:
    """Sessions of plain Selenium in one Chrome whose processes end with ``kill``."""

    def __init__(self, settings: Settings) -> None:
        """Start chromedriver and the browser in a process group of their own."""
        self._settings = settings
        self._start()

    def _start(self) -> None:
        self._service = Service(discovery.chromedriver(), popen_kw={"start_new_session": True})
        self._driver = webdriver.Chrome(browsers.options("chrome", self._settings), self._service)

    def open(self) -> WebDriver:
        """The driver with one fresh window; with a browser of its own where the last case's pages cannot be closed."""
        try:
            return self._reopen()
        except (WebDriverException, HTTPError):
            self.kill()
            self._start()
            return self._driver

    def _reopen(self) -> WebDriver:
        driver, old = self._driver, []
        for handle in driver.window_handles:
            driver.switch_to.window(handle)
            with contextlib.suppress(WebDriverException):
                while True:
                    driver.switch_to.alert.dismiss()
            old.append(handle)
        driver.switch_to.new_window("window")
        fresh = driver.current_window_handle
        for handle in old:
            driver.switch_to.window(handle)
            driver.close()
        driver.switch_to.window(fresh)
        driver.execute("setTimeouts", {"implicit": 0, "pageLoad": 300_000, "script": 30_000})
        return driver

    def close(self, driver: WebDriver) -> None:
        """The windows stay until the next case begins."""

    def kill(self) -> None:
        """End all processes at once: ``quit`` leaves the headless shell running."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._service.process.pid, signal.SIGKILL)
        self._service.process.wait()


class Ways:
    """Browsers of all three ways for each set of capabilities that was asked for; started once."""

    def __init__(self) -> None:
        self._browsers: dict[str, dict[str, Seat]] = {}

    def browsers(self, capabilities: Mapping[str, Any]) -> dict[str, Seat]:
        """By the name of the way."""
        key = repr(capabilities)
        if key not in self._browsers:
            self._browsers[key] = _start_all(self.starters(capabilities))
        return self._browsers[key]

    def starters(self, capabilities: Mapping[str, Any]) -> dict[str, Callable[[], Seat]]:
        """What starts the browser of each way."""
        direct, driver = (Settings(capabilities=capabilities, direct=direct) for direct in (True, False))
        return {
            "plain": lambda: Plain(driver),
            "driver": lambda: _shared("chrome", driver),
            "direct": lambda: _shared("chrome", direct),
        }

    def end(self) -> None:
        """End all."""
        for started in self._browsers.values():
            for browser in started.values():
                browser.kill()


class FirefoxWays(Ways):
    """Firefox in our contexts and with plain Selenium."""

    def starters(self, capabilities: Mapping[str, Any]) -> dict[str, Callable[[], Seat]]:
        """What starts the browser of each way; there are no capabilities to ask for."""
        return {"plain": PlainFirefox, "ours": lambda: _shared("firefox", Settings())}


def _start_again(start: Callable[[], Seat]) -> Seat:
    """A browser, at the second try if need be: drivers choose a port that another process may take first."""
    try:
        return start()
    except (WebDriverException, BrowserError):
        return start()


def _start_all(starters: Mapping[str, Callable[[], Seat]]) -> dict[str, Seat]:
    """All browsers or none: where one does not start, the next test tries again, instead of comparing the others."""
    started: dict[str, Seat] = {}
    try:
        for way, start in starters.items():
            started[way] = _start_again(start)
    except BaseException:
        for browser in started.values():
            browser.kill()
        raise
    return started


def _shared(engine: str, settings: Settings) -> SharedBrowser:
    browser = browsers.launch(engine, settings, browsers.options(engine, settings))
    assert isinstance(browser, SharedBrowser)
    return browser


@contextlib.contextmanager
def ways(kind: type[Ways] = Ways) -> Iterator[Ways]:
    """All ways of an engine, ended afterwards."""
    started = kind()
    try:
        yield started
    finally:
        started.end()


def same(kinds: Ways, *steps: Step, **capabilities: Any) -> list[Any]:
    """What plain Selenium says to each step, which is what the other ways say.

    An exception reads ``"<class>: <message>"``. Handles and ids of elements are numbered as they come.
    """
    results = {way: _told(browser, steps) for way, browser in kinds.browsers(capabilities).items()}
    for way, values in results.items():
        assert values == results["plain"], f"{way} differs from plain Selenium: {values} is not {results['plain']}"
    return results["plain"]


def _opened(browser: Seat) -> WebDriver:
    """A case's driver; a plain browser whose session the last case has ended is started again."""
    with contextlib.suppress(WebDriverException, BrowserError):
        return browser.open()
    browser.kill()
    return browser.open()


def _told(browser: Seat, steps: tuple[Step, ...]) -> list[Any]:
    driver = _opened(browser)
    names = Names()
    try:
        return [names.all_in(outcome(step, driver)) for step in steps]
    finally:
        browser.close(driver)


def outcome(step: Step, driver: WebDriver) -> Any:
    """A step's value, or class and message of what it raises."""
    try:
        return step(driver)
    except WebDriverException as exc:
        message = OURS.sub("", exc.msg or "")
        return f"{type(exc).__name__}: {message}"


class Names:
    """Numbers handles and ids in the order in which they are met."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def all_in(self, value: Any) -> Any:
        """The value with all of them replaced."""
        if isinstance(value, WebElement):
            return self._name(value.id)
        if isinstance(value, str):
            return HANDLE.sub(lambda met: self._name(met[0]), ELEMENT.sub(lambda met: self._name(met[0]), value))
        if isinstance(value, list | tuple):
            return [self.all_in(item) for item in value]
        if isinstance(value, dict):
            return {key: self.all_in(item) for key, item in value.items()}
        return value

    def _name(self, met: str) -> str:
        return self._known.setdefault(met, f"#{len(self._known)}")
