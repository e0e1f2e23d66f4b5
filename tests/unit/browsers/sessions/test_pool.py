"""Which browser a case gets, and which one outlives its worker; with browsers that are already there."""

from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.chrome.options import Options

from uitest.browsers import options
from uitest.browsers.sessions.pool import Pool
from uitest.browsers.sessions.protocols import Browser
from uitest.browsers.settings import Settings
from uitest.errors import BrowserError


class FakeBrowser:
    """Can be ended."""

    needs_replacement = False
    killed = False

    def kill(self) -> None:
        self.killed = True


class FakeKeep:
    """Has a browser for every key that is asked for."""

    home = Path("/")

    def __init__(self, *, full: bool = False) -> None:
        self.key: str | None = None
        self.full = full
        self.taken: list[FakeBrowser] = []
        self.given: list[Any] = []

    def take(self, key: str, name: str, settings: Settings, selenium_options: Any) -> Browser:
        self.taken.append(FakeBrowser())
        return self.taken[-1]  # type: ignore[return-value]

    def give(self, key: str, browser: Any) -> bool:
        self.given.append(browser)
        return not self.full


def get(pool: Pool, language: str = "en") -> Any:
    """A browser for these options, which is somebody's from now on."""
    return pool.get("chrome", Settings(locale=language), Options())


def use(pool: Pool, language: str = "en") -> Any:
    """A browser for these options, which has served somebody."""
    browser = get(pool, language)
    pool.give_back(browser)
    return browser


def test_browser_in_use_serves_nobody_else() -> None:
    """A browser that somebody has serves nobody else and is not ended; too many idle ones are, the oldest first."""
    keep = FakeKeep()
    pool = Pool(keep)
    mine = [get(pool) for _ in range(4)]
    assert keep.taken == mine
    pool.give_back(mine[2])
    assert mine[2].killed, "four are one too many"
    pool.give_back(mine[1])
    assert get(pool) is mine[1]
    assert [browser.killed for browser in mine] == [False, False, True, False]
    pool.kill()
    assert all(browser.killed for browser in mine)


def test_browser_that_needs_replacement_is_replaced() -> None:
    """Once it is wanted again."""
    pool = Pool(FakeKeep())
    first = use(pool)
    assert use(pool) is first
    first.needs_replacement = True
    assert use(pool) is not first
    assert first.killed


def test_nothing_is_expected_beside_a_busy_one() -> None:
    """The next test may be one that shares it."""
    keep = FakeKeep()
    pool = Pool(keep)
    get(pool, "de")
    settings = Settings(locale="de")
    pool.get("chrome", settings, options("chrome", settings))
    pool.expect("chrome", settings)
    pool.close()
    assert len(keep.taken) == 2


@pytest.mark.parametrize("full", [False, True])
def test_browsers_are_kept_beginning_with_the_last_used_one(full: bool) -> None:
    """Those that are not taken are ended, and one that is in use is not even offered."""
    keep = FakeKeep(full=full)
    pool = Pool(keep)
    first, second = use(pool), use(pool, "de")
    assert use(pool) is first
    busy = get(pool, "fr")
    pool.close()
    assert keep.taken == [first, second, busy]
    assert keep.given == [first, second]
    assert (first.killed, second.killed, busy.killed) == (full, full, True)


def test_kill_keeps_no_browser() -> None:
    """Whatever is there."""
    keep = FakeKeep()
    pool = Pool(keep)
    browser = use(pool)
    pool.kill()
    pool.close()
    assert (browser.killed, keep.given) == (True, [])


def test_none_is_started_early_beside_another_one() -> None:
    """A kept browser for other options is not joined by a second before it is known which one is wanted."""
    keep = FakeKeep()
    keep.key = "another"
    pool = Pool(keep)
    pool.expect("chrome", Settings(grid="http://127.0.0.1:1"))
    assert keep.taken == []
    assert get(pool) is keep.taken[0]


def test_error_of_the_early_start_is_part_of_the_next_or_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A browser that was to be ready early: its error is part of the next one, or of the log where the next works."""
    problems = ["no display", "no memory", "no display"]
    pool = Pool()

    def launch(*_: Any) -> FakeBrowser:
        if problems:
            raise BrowserError(problems.pop(0))
        return FakeBrowser()

    monkeypatch.setattr("uitest.browsers.sessions.pool.launch", launch)
    monkeypatch.setattr("uitest.browsers.sessions.pool.options", lambda *_: Options())
    pool.expect("chrome", Settings(locale="en"))
    with pytest.raises(BrowserError, match="no memory; the start before it failed too: no display"):
        get(pool)
    pool.expect("chrome", Settings(locale="en"))
    get(pool)
    assert [record.getMessage() for record in caplog.records] == [
        "chrome started at the second try; the first failed: no display"
    ]
