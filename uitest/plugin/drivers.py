"""The drivers of a worker: each is opened for a test or a wider scope, noted on the tests that use it, and ended.

A test's drivers are those that were opened for it and those of a wider scope that it sent a command to. When it fails,
all of them are captured. The first one stands for the test in what is recorded: its version is the attempt's, its
commands are the trace.

A driver that tests share is replaced when it is of no use any more: after a test that failed, if it does not answer or
hung, it is ended together with the fixtures that were built on it, and the next test that asks for it gets a new one.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from uitest.browsers.sessions.pool import Pool
from uitest.browsers.settings import Settings
from uitest.errors import BrowserError
from uitest.executors.attempt import first_line
from uitest.model import TimeCategory
from uitest.plugin import pytest_selenium, time_meter, tracing, waits
from uitest.plugin.timeout import Limit

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
"""All drivers that are open, in the configuration's stash."""
OPENED = pytest.StashKey[list["OpenDriver"]]()
"""The drivers of a test."""
FAILED = pytest.StashKey[bool]()
"""Set on a test once its setup or call has failed."""

ANSWER_S = 5.0
"""Seconds a shared driver may take to answer after a test that failed."""


@dataclass(eq=False)
class OpenDriver:
    """A driver from its start to its end."""

    config: pytest.Config
    engine: str
    browser: "Browser"
    driver: "WebDriver"
    close_early: Callable[[], None] | None
    """Ends a shared driver and what was built on it before its scope does; None for one that is not shared."""
    unusable: bool = False
    """Whether its browser must not serve anybody any more."""

    def __post_init__(self) -> None:
        self._send = self.driver.execute
        self._console: list[str] = []
        self._closed = False
        self.handed: Any = self.driver
        """What tests get as their driver: itself, or with a listener around it."""
        self._nap = getattr(self.driver, "nap", time.sleep)

    def join(self, item: pytest.Item) -> None:
        """Count as a driver of this test from now on."""
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
        """Belong to no test until one sends a command."""
        if not self._closed:
            self.driver.execute = self._execute_and_join  # type: ignore[method-assign]

    def close(self) -> None:
        """End it; its browser is ended as well if it is of no use any more."""
        waits.pause_with(time.sleep)
        # Its session may be ended in the background, while the next test runs: that is not a command of that test.
        self._closed = True
        self.driver.execute = self._send  # type: ignore[method-assign]
        with time_meter.current().on(TimeCategory.CONTEXT):
            if self.unusable:
                self.browser.kill()
            else:
                self.browser.close(self.driver)
        self.config.stash[POOL].give_back(self.browser)

    def close_if_broken(self) -> None:
        """End a shared driver that nobody could go on with."""
        if self.close_early is not None and (self.unusable or not self._answers()):
            self.unusable = True
            self.close_early()

    def _answers(self) -> bool:
        from selenium.common.exceptions import WebDriverException
        from urllib3.exceptions import HTTPError

        from uitest.browsers.process.http_client import command_timeout

        try:
            with command_timeout(self.driver, ANSWER_S):
                return bool(self.driver.window_handles)
        except (WebDriverException, BrowserError, HTTPError, OSError):
            LOGGER.info("a shared driver does not answer any more and is ended", exc_info=True)
            return False

    def _execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        waits.pause_with(self._nap)  # a wait pauses after the command whose result did not satisfy it
        return time_meter.current().metered(self._send, self._forwarded)(driver_command, params)

    def _forwarded(self) -> int | None:
        return getattr(self.driver, "forwarded", None)

    def _execute_and_join(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        item = self.config.stash.get(RUNNING, None)
        if item is None:
            return self._execute(driver_command, params)
        self.join(item)
        return self.driver.execute(driver_command, params)


def begin(item: pytest.Item) -> None:
    """A test, or another try of it, begins without any driver."""
    item.config.stash[RUNNING] = item
    item.stash[OPENED], item.stash[FAILED] = [], False
    if VERSION in item.stash:
        del item.stash[VERSION]
    tracing.forget(item)


def end(item: pytest.Item) -> None:
    """A test is over: shared drivers leave it, or end if they are broken."""
    shared = [one for one in item.stash.get(OPENED, ()) if one.close_early is not None]
    try:
        for one in shared if item.stash.get(FAILED, False) else ():
            one.close_if_broken()
    finally:
        for one in shared:
            one.leave()


def mark_unusable(item: pytest.Item) -> None:
    """Remember that a test hung: none of its browsers may serve another one."""
    for one in item.stash.get(OPENED, ()):
        one.unusable = True


@contextlib.contextmanager
def open_driver(
    item: pytest.Item,
    engine: str,
    settings: Settings,
    made: "ArgOptions",
    *,
    close_early: Callable[[], None] | None = None,
) -> Iterator[OpenDriver]:
    """A driver in a fresh context for the block, counted as one of this test's. Raises BrowserError."""
    with item.stash[LIMIT].paused():  # no test pays for the start of a browser
        browser, driver = _open(item.config.stash[POOL], engine, settings, made)
    one = OpenDriver(item.config, engine, browser, driver, close_early)
    live = item.config.stash[LIVE]
    live.append(one)
    try:
        one.join(item)
        one.handed = pytest_selenium.listened(item.config, driver)
        yield one
    finally:
        live.remove(one)
        one.close()


def _open(pool: Pool, name: str, settings: Settings, made: "ArgOptions") -> "tuple[Browser, WebDriver]":
    from selenium.common.exceptions import WebDriverException
    from urllib3.exceptions import HTTPError

    def get() -> "tuple[Browser, WebDriver]":
        with time_meter.current().on(TimeCategory.BROWSER):
            browser = pool.get(name, settings, made)
        try:
            with time_meter.current().on(TimeCategory.CONTEXT):
                return browser, browser.open()
        except BaseException:
            pool.give_back(browser)
            raise

    try:
        return get()
    except (BrowserError, WebDriverException, HTTPError, OSError) as exc:
        # A warm browser may have died since the last case: that must not cost this one.
        first = exc
        LOGGER.info("%s gave no window", name, exc_info=True)
    try:
        opened = get()
    except (WebDriverException, HTTPError, OSError) as exc:
        raise BrowserError(f"{name} started but gives no window: {exc}") from exc
    LOGGER.warning("%s gave a window at the second try only; the first failed: %s", name, first_line(str(first)))
    return opened
