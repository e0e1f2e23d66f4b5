"""Opens and closes the drivers of a worker, for a test or a wider scope, and notes which tests use them.

A test's drivers are those opened for it and those of a wider scope that it sent a command to. When it fails, all of
them are captured. The first one represents the test: its version is that of the attempt, its commands form the trace.

A shared driver that hung or does not respond after a failed test is closed together with the fixtures that depend on
it, and the next test that uses it gets a new one.
"""

import contextlib
import logging
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from uitest.browsers.sessions.pool import Pool
from uitest.browsers.settings import Settings
from uitest.errors import BrowserError
from uitest.model import TimeCategory
from uitest.plugin import pytest_selenium
from uitest.plugin.artifacts import tracing
from uitest.plugin.timing import time_meter, waits
from uitest.plugin.timing.timeout import Limit
from uitest.short_text import first_line

if TYPE_CHECKING:
    from selenium.webdriver.common.options import ArgOptions
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers.sessions.protocols import Browser

LOGGER = logging.getLogger(__name__)

POOL = pytest.StashKey[Pool]()
LIMIT = pytest.StashKey[Limit]()
VERSION = pytest.StashKey[str]()
RUNNING = pytest.StashKey[pytest.Item]()
"""The test that runs in this worker, in the configuration's stash."""
LIVE = pytest.StashKey[list["OpenDriver"]]()
"""All open drivers, in the configuration's stash."""
OPENED = pytest.StashKey[list["OpenDriver"]]()
"""The drivers of a test."""
FAILED = pytest.StashKey[bool]()
"""Set on a test when its setup or call has failed."""

RESPONSE_TIMEOUT_S = 5.0
"""Seconds within which a shared driver must respond after a failed test."""

MAX_STARTS = 2
"""Maximum number of browsers that are started until one gives a window."""


@dataclass(eq=False)
class OpenDriver:
    """An open driver with its browser."""

    config: pytest.Config
    engine: str
    browser: "Browser"
    driver: "WebDriver"
    close_early: Callable[[], None] | None
    """Closes a shared driver and dependent fixtures before the end of its scope; None for one that is not shared."""
    unusable: bool = False
    """Whether its browser must not be used for another test."""

    def __post_init__(self) -> None:
        self._send = self.driver.execute
        self._console: list[str] = []
        self._closed = False
        self.handed: Any = self.driver
        """The object that tests get: the driver itself, or a listener's wrapper of it."""
        self._pause = getattr(self.driver, "pause", time.sleep)

    def join(self, item: pytest.Item) -> None:
        """Become a driver of this test."""
        is_first = not item.stash[OPENED]
        item.stash[OPENED].append(self)
        self._console = []
        self.driver.execute = self._execute  # type: ignore[method-assign]
        if is_first:
            item.stash[VERSION] = "{browserName} {browserVersion}".format(
                **{"browserName": self.engine, "browserVersion": "", **self.driver.capabilities}
            )
            tracing.begin(item, self.engine, self.browser, self.driver)

    def console(self) -> list[str]:
        """All console lines of the test that runs so far. Raises as ``Browser.console`` does."""
        self._console += self.browser.console(self.driver)
        return list(self._console)

    def leave(self) -> None:
        """Leave the current test; the next test that sends a command joins."""
        if not self._closed:
            self.driver.execute = self._execute_and_join  # type: ignore[method-assign]

    def close(self) -> None:
        """Close the driver; an unusable one ends its browser as well."""
        waits.pause_with(time.sleep)
        # The session may end in the background during the next test, whose commands these are not.
        self._closed = True
        self.driver.execute = self._send  # type: ignore[method-assign]
        with time_meter.current().on(TimeCategory.CONTEXT):
            if self.unusable:
                self.browser.kill()
            else:
                self.browser.close(self.driver)
        self.config.stash[POOL].give_back(self.browser)

    def close_if_broken(self) -> None:
        """Close a shared driver that is unusable or does not respond."""
        if self.close_early is not None and (self.unusable or not self._answers()):
            self.unusable = True
            self.close_early()

    def _answers(self) -> bool:
        from selenium.common.exceptions import WebDriverException
        from urllib3.exceptions import HTTPError

        from uitest.browsers.process.http_client import command_timeout

        try:
            with command_timeout(self.driver, RESPONSE_TIMEOUT_S):
                return bool(self.driver.window_handles)
        except (WebDriverException, BrowserError, HTTPError, OSError):
            LOGGER.info("a shared driver does not answer any more and is ended", exc_info=True)
            return False

    def _execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        from selenium.common.exceptions import WebDriverException

        __tracebackhide__ = True
        waits.pause_with(self._pause)  # a wait pauses after the command that did not satisfy it
        handled = sys.exception()
        try:
            return time_meter.current().metered(self._send, self._forwarded)(driver_command, params)
        except WebDriverException as exc:
            # The case's traceback ends with its own call: how the command was handled is none of its concern.
            exc.__cause__, exc.__context__, exc.__suppress_context__ = None, handled, False
            raise exc.with_traceback(None)  # noqa: B904 - it is the same exception

    def _forwarded(self) -> int | None:
        return getattr(self.driver, "forwarded", None)

    def _execute_and_join(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        item = self.config.stash.get(RUNNING, None)
        if item is None:
            return self._execute(driver_command, params)
        self.join(item)
        return self.driver.execute(driver_command, params)


def begin(item: pytest.Item) -> None:
    """Start a test, or another try of it, without drivers."""
    item.config.stash[RUNNING] = item
    item.stash[OPENED], item.stash[FAILED] = [], False
    if VERSION in item.stash:
        del item.stash[VERSION]
    tracing.forget(item)


def end(item: pytest.Item) -> None:
    """End a test: shared drivers leave it, or are closed if they are broken."""
    shared = [opened for opened in item.stash.get(OPENED, ()) if opened.close_early is not None]
    try:
        for opened in shared if item.stash.get(FAILED, False) else ():
            opened.close_if_broken()
    finally:
        for opened in shared:
            opened.leave()


def mark_unusable(item: pytest.Item) -> None:
    """Mark all browsers of a test that hung as unusable."""
    for opened in item.stash.get(OPENED, ()):
        opened.unusable = True


@contextlib.contextmanager
def open_driver(
    item: pytest.Item,
    engine: str,
    settings: Settings,
    selenium_options: "ArgOptions",
    *,
    close_early: Callable[[], None] | None = None,
) -> Iterator[OpenDriver]:
    """Open a driver in a fresh context for the block, as a driver of this test. Raises BrowserError."""
    with item.stash[LIMIT].paused():  # starting a browser does not count as the test's time
        browser, driver = open_window(item.config.stash[POOL], engine, settings, selenium_options)
    opened = OpenDriver(item.config, engine, browser, driver, close_early)
    live = item.config.stash[LIVE]
    live.append(opened)
    try:
        opened.join(item)
        opened.handed = pytest_selenium.listened(item.config, driver)
        yield opened
    finally:
        live.remove(opened)
        opened.close()


def open_window(
    pool: Pool, name: str, settings: Settings, selenium_options: "ArgOptions"
) -> "tuple[Browser, WebDriver]":
    """A browser of the pool and a driver in a fresh context of it.

    A browser that does not start or gives no window is started once more. Warm ones are tried before that, however many
    have died since the last test: that must not cost this one. Raises BrowserError.
    """
    from selenium.common.exceptions import WebDriverException
    from urllib3.exceptions import HTTPError

    def get() -> "tuple[Browser, WebDriver]":
        with time_meter.current().on(TimeCategory.BROWSER):
            browser = pool.get(name, settings, selenium_options)
        try:
            with time_meter.current().on(TimeCategory.CONTEXT):
                return browser, browser.open()
        except BaseException:
            pool.give_back(browser)
            raise

    last, before = pool.starts + MAX_STARTS, ""
    while True:
        try:
            opened = get()
        except (BrowserError, WebDriverException, HTTPError, OSError) as exc:
            if pool.starts >= last:
                problem = str(exc) if isinstance(exc, BrowserError) else f"{name} started but gives no window: {exc}"
                more = f"; the try before it failed too: {first_line(before)}" if before not in ("", str(exc)) else ""
                raise BrowserError(f"{problem.rstrip()}{more}", getattr(exc, "log", "")) from exc
            before = str(exc)
            LOGGER.info("%s gave no window", name, exc_info=True)
            continue
        if before:
            LOGGER.warning("%s gave no window at first, but at another try: %s", name, first_line(before))
        return opened
