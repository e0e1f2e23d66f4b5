"""To which test a driver belongs."""

from types import SimpleNamespace
from typing import Any

import pytest
from selenium.webdriver.chrome.options import Options as ChromeOptions

from uitest.browsers.sessions.pool import Pool
from uitest.browsers.settings import Settings
from uitest.errors import BrowserError
from uitest.plugin.drivers import OPENED, POOL, RUNNING, OpenDriver, open_window


class FakeBrowser:
    """Ends a case's session later, as WebKit's does in the background."""

    def __init__(self) -> None:
        self.ended: list[Any] = []

    def close(self, driver: Any) -> None:
        self.ended.append(driver)


@pytest.fixture
def test() -> Any:
    """A test that has a driver of its own already, and is the one that runs."""
    config = SimpleNamespace(stash=pytest.Stash())
    config.stash[POOL] = Pool(None)
    item = SimpleNamespace(config=config, stash=pytest.Stash())
    item.stash[OPENED] = ["its own"]
    config.stash[RUNNING] = item
    return item


def opened(config: Any) -> OpenDriver:
    """A driver that tests share."""
    driver = SimpleNamespace(execute=lambda command, params=None: {"value": command}, capabilities={})
    return OpenDriver(config, "webkit", FakeBrowser(), driver, close_early=lambda: None)  # type: ignore[arg-type]


def test_shared_driver_joins_the_test_that_uses_it(test: Any) -> None:
    """A command of the running test makes it one of its drivers, once."""
    shared = opened(test.config)
    shared.leave()
    assert shared.driver.execute("getTitle") == {"value": "getTitle"}
    shared.driver.execute("getTitle")
    assert test.stash[OPENED] == ["its own", shared]


def test_closed_driver_joins_no_test(test: Any) -> None:
    """Its session is ended while the next test runs; that test has nothing to do with it."""
    shared = opened(test.config)
    shared.leave()
    shared.close()
    shared.leave()  # the end of the last test that used it comes after the end of its scope
    shared.driver.execute("quit")
    assert test.stash[OPENED] == ["its own"]


class FakeBrowsers:
    """Starts browsers, a ``BrowserKeeper``; all but the last one fail with these messages."""

    home = key = None

    def __init__(self, *failures: str) -> None:
        self.failures = list(failures)

    def take(self, key: str, name: str, settings: Settings, selenium_options: Any) -> Any:
        if self.failures:
            raise BrowserError(f"{name} {self.failures.pop(0)}")
        return WarmBrowser()

    def give(self, key: str, browser: Any) -> bool:
        return False


class WarmBrowser:
    """Opens a window until it has died."""

    needs_replacement = False
    is_dead = False

    def open(self) -> Any:
        self.needs_replacement = self.is_dead
        if self.is_dead:
            raise ConnectionRefusedError("dead")
        return self

    def kill(self) -> None:
        """Ends nothing."""


def window_of(pool: Pool) -> Any:
    return open_window(pool, "chrome", Settings(), ChromeOptions())[1]


def test_second_try_of_a_browser_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """It is shown with the attempt; the traceback of the first one is in the log."""
    caplog.set_level("INFO", "uitest.plugin")
    assert isinstance(window_of(Pool(FakeBrowsers("died"))), WarmBrowser)
    info, warning = caplog.records
    assert (info.levelname, warning.levelname) == ("INFO", "WARNING")
    assert warning.getMessage() == "chrome gave no window at first, but at another try: chrome died"
    assert info.exc_info is not None


@pytest.mark.parametrize(
    ("failures", "message"),
    [
        (("died", "died"), "chrome died"),
        (("died", "is not there"), "chrome is not there; the try before it failed too: chrome died"),
    ],
    ids=["same", "different"],
)
def test_browser_that_never_opens_is_told_once(
    caplog: pytest.LogCaptureFixture, failures: tuple[str, ...], message: str
) -> None:
    """By the error, which names what failed first if that was something else; not by a warning too."""
    with pytest.raises(BrowserError) as raised:
        window_of(Pool(FakeBrowsers(*failures)))
    assert str(raised.value) == message
    assert caplog.records == []


def test_warm_browsers_that_died_leave_both_starts(caplog: pytest.LogCaptureFixture) -> None:
    """Two have died, and a start fails: the other start succeeds."""
    browsers = FakeBrowsers()
    pool = Pool(browsers)
    warm = [window_of(pool), window_of(pool)]
    for browser in warm:
        browser.is_dead = True
        pool.give_back(browser)
    browsers.failures = ["died"]
    assert window_of(pool) not in warm
    assert [record.getMessage() for record in caplog.records] == [
        "chrome gave no window at first, but at another try: dead"
    ]
