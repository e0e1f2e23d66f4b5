"""What a warm browser does between two cases, with a driver and contexts that only write down what they are asked."""

from typing import Any

import pytest
from selenium.common.exceptions import InvalidSessionIdException, NoSuchWindowException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.remote.command import Command

from tests.support.processes import eventually
from tests.unit.browsers.sessions.fakes import FakeContexts, FakeDriver, FakeExecutor
from uitest.browsers.sessions.shared_browser import DEFAULT_TIMEOUTS, SharedBrowser
from uitest.errors import BrowserError


@pytest.fixture
def contexts() -> FakeContexts:
    """The fake contexts."""
    return FakeContexts()


@pytest.fixture
def browser(executor: FakeExecutor, contexts: FakeContexts) -> SharedBrowser:
    """A warm browser on them."""
    options = Options()
    warm = SharedBrowser(FakeDriver(executor, options=options), options, contexts)  # type: ignore[arg-type]
    executor.asked.clear()
    return warm


def test_case_sees_its_own_windows_only(browser: SharedBrowser, executor: FakeExecutor, contexts: FakeContexts) -> None:
    """A case sees its own windows only, and its context goes when it ends; nothing else is asked for."""
    driver = browser.open()
    assert driver.window_handles == ["window 1"]
    assert driver.get_cookies() == ["context 1", Command.GET_ALL_COOKIES]
    with pytest.raises(NoSuchWindowException):
        driver.switch_to.window("base")
    browser.close(driver)
    eventually(lambda: not contexts.alive, "its context is removed")
    assert not browser.needs_replacement
    sent = {command for command, _ in executor.asked}
    assert not sent & {Command.SET_TIMEOUTS, Command.SET_WINDOW_RECT, Command.W3C_CLEAR_ACTIONS}
    with pytest.raises(InvalidSessionIdException, match="the case is over"):
        driver.refresh()


def test_timeouts_window_and_keys_are_restored(browser: SharedBrowser, executor: FakeExecutor) -> None:
    """Timeouts, window and held keys of a case are put back, once."""
    driver = browser.open()
    driver.implicitly_wait(5)
    driver.maximize_window()
    driver.execute(Command.W3C_ACTIONS, {"actions": []})
    executor.asked.clear()
    browser.close(driver)
    sent = dict(executor.asked)
    assert {key: sent[Command.SET_TIMEOUTS][key] for key in DEFAULT_TIMEOUTS} == DEFAULT_TIMEOUTS
    assert sent[Command.SET_WINDOW_RECT]["width"] == 10
    assert Command.W3C_CLEAR_ACTIONS in sent
    executor.asked.clear()
    browser.close(browser.open())
    assert [command for command, _ in executor.asked] == [Command.SWITCH_TO_WINDOW]


@pytest.mark.parametrize(
    ("command", "params", "needs_replacement"),
    [
        (Command.SCREENSHOT, {}, True),
        ("executeCdpCommand", {"cmd": "Browser.crash"}, True),
        ("executeCdpCommand", {"cmd": "Target.createTarget"}, True),
        ("executeCdpCommand", {"cmd": "Browser.scoped"}, False),
        ("executeCdpCommand", {"cmd": "Network.enable"}, False),
        (Command.REFRESH, {}, False),
    ],
)
def test_browser_wide_commands_cost_the_browser(
    browser: SharedBrowser, command: str, params: dict[str, Any], needs_replacement: bool
) -> None:
    """Commands that act on the whole browser cost it, unless they can be limited to the case's context."""
    driver = browser.open()
    driver.execute(command, params)
    browser.close(driver)
    assert browser.needs_replacement is needs_replacement


def test_command_that_can_be_limited_names_the_context(browser: SharedBrowser, executor: FakeExecutor) -> None:
    """A command that can be limited is sent with the case's context."""
    browser.open().execute("executeCdpCommand", {"cmd": "Browser.scoped"})
    assert executor.asked[-1][1]["in"] == "context 1"


def test_case_with_its_own_socket_costs_the_browser(browser: SharedBrowser) -> None:
    """A case that opened a socket of its own to the browser costs it at once, which ends the socket."""
    driver = browser.open()
    driver._websocket_connection = object()  # type: ignore[assignment]
    browser.close(driver)
    assert isinstance(browser.driver, FakeDriver)
    assert (browser.needs_replacement, browser.driver.killed) == (True, True)


def test_failed_clean_up_costs_the_browser(browser: SharedBrowser, contexts: FakeContexts) -> None:
    """A browser that cannot forget a case needs replacement."""
    contexts.stops_with = BrowserError("gone")
    browser.close(browser.open())
    eventually(lambda: browser.needs_replacement, "it is known that the removal failed")


def test_interrupted_clean_up_costs_the_browser(browser: SharedBrowser, executor: FakeExecutor) -> None:
    """A browser needs replacement when a time limit interrupts its restoration."""
    driver = browser.open()
    driver.implicitly_wait(5)
    executor.stops_with = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        browser.close(driver)
    assert browser.needs_replacement


def test_next_case_gets_the_prepared_context(browser: SharedBrowser, contexts: FakeContexts) -> None:
    """The next case gets the context that was made while the one before it ran; one at a time."""
    first = browser.open()
    browser.prepare()
    browser.prepare()
    eventually(lambda: contexts.alive == ["context 1", "context 2"], "the next context is there")
    browser.close(first)
    second = browser.open()
    assert second.get_cookies() == ["context 2", Command.GET_ALL_COOKIES]
    assert contexts.made == 2


def test_failed_preparation_is_raised_for_the_next_case(browser: SharedBrowser, contexts: FakeContexts) -> None:
    """A context that could not be made is told to the case that wants it, and costs the browser."""
    driver = browser.open()
    contexts.breaks = True
    browser.prepare()
    browser.close(driver)
    with pytest.raises(BrowserError):
        browser.open()
    assert browser.needs_replacement


@pytest.mark.parametrize("end", ["quit", "close"])
def test_case_that_ends_its_browser_ends_no_other(browser: SharedBrowser, contexts: FakeContexts, end: str) -> None:
    """``quit`` and closing the last window end the case's browser and no other."""
    driver = browser.open()
    getattr(driver, end)()
    driver.quit()
    with pytest.raises(InvalidSessionIdException, match="this case's browser is closed: the case "):
        driver.refresh()
    browser.close(driver)
    eventually(lambda: not contexts.alive, "its context is removed")
    assert not browser.needs_replacement


def test_released_browser_has_no_context_left(browser: SharedBrowser, contexts: FakeContexts) -> None:
    """Left to another process without a context, not even a prepared one, and with the window to begin at."""
    first = browser.open()
    browser.prepare()
    browser.close(first)
    kept = browser.release()
    assert kept is not None
    assert (kept.state["window"], contexts.made, contexts.alive, browser.needs_replacement) == ("base", 2, [], True)
    assert isinstance(browser.driver, FakeDriver)
    assert not browser.driver.killed
    assert browser.release() is None


@pytest.mark.parametrize("prepared", [True, False])
def test_browser_that_keeps_a_context_is_not_released(
    browser: SharedBrowser, contexts: FakeContexts, prepared: bool
) -> None:
    """It is not to be gone on with."""
    case = browser.open()
    if prepared:
        browser.close(case)
        browser.prepare()
        eventually(lambda: contexts.alive == ["context 2"], "the next context is there, the last one is gone")
    contexts.stops_with = BrowserError("gone")
    if not prepared:
        browser.close(case)
    assert browser.release() is None
