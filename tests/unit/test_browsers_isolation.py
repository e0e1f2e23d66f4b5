"""What a warm browser does between two cases, with a driver and contexts that only write down what they are asked."""

from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import InvalidSessionIdException, NoSuchWindowException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver

from uitest.browsers.isolation import DEFAULT_TIMEOUTS, FreshSessions, WarmBrowser
from uitest.errors import BrowserError

ANSWERS: dict[str, Any] = {
    Command.NEW_SESSION: {"sessionId": "s", "capabilities": {}},
    Command.W3C_GET_CURRENT_WINDOW_HANDLE: "base",
    Command.W3C_GET_WINDOW_HANDLES: ["base", "window 1"],
    Command.GET_WINDOW_RECT: {"x": 0, "y": 0, "width": 10, "height": 10},
    Command.CLOSE: ["base"],
}


class FakeExecutor:
    """In place of a connection to a driver."""

    def __init__(self) -> None:
        self.client_config = ClientConfig("http://127.0.0.1:1")
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.breaks_at: str | None = None

    def execute(self, command: str, params: dict[str, Any]) -> dict[str, Any]:
        if command == self.breaks_at:
            raise WebDriverException("broken")
        self.asked.append((command, params))
        return {"value": ANSWERS.get(command)}

    def close(self) -> None:
        """Nothing is open."""


class FakeDriver(WebDriver):
    """A driver whose browser can be ended at once."""

    killed = False

    def kill(self) -> None:
        self.killed = True


class FakeContexts:
    """Contexts that remember which of them are there."""

    forbidden_commands = frozenset({Command.SCREENSHOT})
    cookie_commands = frozenset({Command.GET_ALL_COOKIES})
    dismisses = True

    def __init__(self) -> None:
        self.alive: list[str] = []
        self.made = 0
        self.stops_with: BaseException | None = None

    def cookies(self, context: str, command: str, params: dict[str, Any]) -> Any:
        return [context, command]

    def within(self, context: str, command: str, params: dict[str, Any]) -> dict[str, Any] | None:
        return {**params, "in": context} if params.get("cmd") == "Browser.scoped" else None

    def create(self) -> str:
        self.made += 1
        self.alive.append(f"context {self.made}")
        return self.alive[-1]

    def open(self, context: str, kind: str, size: tuple[int, int]) -> str:
        return f"window {self.made}"

    def remove(self, context: str) -> None:
        if self.stops_with is not None:
            raise self.stops_with
        self.alive.remove(context)

    def allow_downloads(self, context: str, folder: Path) -> None:
        """Nothing to allow."""

    def console(self, driver: WebDriver) -> list[str]:
        return []

    def drop_console(self, driver: WebDriver) -> None:
        """Nothing to drop."""

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def executor() -> FakeExecutor:
    """The fake connection."""
    return FakeExecutor()


@pytest.fixture
def contexts() -> FakeContexts:
    """The fake contexts."""
    return FakeContexts()


@pytest.fixture
def browser(executor: FakeExecutor, contexts: FakeContexts) -> WarmBrowser:
    """A warm browser on them."""
    made = Options()
    found = WarmBrowser(FakeDriver(executor, options=made), made, contexts, (10, 10))  # type: ignore[arg-type]
    executor.asked.clear()
    return found


def test_one_case(browser: WarmBrowser, executor: FakeExecutor, contexts: FakeContexts) -> None:
    """A case sees its own windows only, and its context goes when it ends; nothing else is asked for."""
    driver = browser.open()
    assert driver.window_handles == ["window 1"]
    assert driver.get_cookies() == ["context 1", Command.GET_ALL_COOKIES]
    with pytest.raises(NoSuchWindowException):
        driver.switch_to.window("base")
    browser.close(driver)
    assert (contexts.alive, browser.spent) == ([], False)
    sent = {command for command, _ in executor.asked}
    assert not sent & {Command.SET_TIMEOUTS, Command.SET_WINDOW_RECT, Command.W3C_CLEAR_ACTIONS}
    with pytest.raises(InvalidSessionIdException, match="the case is over"):
        driver.refresh()


def test_put_back(browser: WarmBrowser, executor: FakeExecutor) -> None:
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
    ("command", "params", "spent"),
    [
        (Command.SCREENSHOT, {}, True),
        ("executeCdpCommand", {"cmd": "Browser.crash"}, True),
        ("executeCdpCommand", {"cmd": "Target.createTarget"}, True),
        ("executeCdpCommand", {"cmd": "Browser.scoped"}, False),
        ("executeCdpCommand", {"cmd": "Network.enable"}, False),
        (Command.REFRESH, {}, False),
    ],
)
def test_browser_wide_commands(browser: WarmBrowser, command: str, params: dict[str, Any], spent: bool) -> None:
    """Commands that act on the whole browser cost it, unless they can be limited to the case's context."""
    driver = browser.open()
    driver.execute(command, params)
    browser.close(driver)
    assert browser.spent is spent


def test_limited_to_the_context(browser: WarmBrowser, executor: FakeExecutor) -> None:
    """A command that can be limited is sent with the case's context."""
    browser.open().execute("executeCdpCommand", {"cmd": "Browser.scoped"})
    assert executor.asked[-1][1]["in"] == "context 1"


class FakeSocket:
    """A BiDi connection that a case opened."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_own_socket(browser: WarmBrowser) -> None:
    """A case that opened a socket of its own to the browser costs it, and the socket is closed."""
    driver = browser.open()
    opened = FakeSocket()
    driver._websocket_connection = opened  # type: ignore[assignment]
    browser.close(driver)
    assert isinstance(browser.driver, FakeDriver)
    assert (opened.closed, browser.spent, browser.driver.killed) == (True, True, True)


def test_failing_clean_up(browser: WarmBrowser, contexts: FakeContexts) -> None:
    """A browser that cannot forget a case is spent, also when a time limit interrupts it."""
    contexts.stops_with = BrowserError("gone")
    browser.close(browser.open())
    assert browser.spent
    browser.spent = False
    contexts.stops_with = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        browser.close(browser.open())
    assert browser.spent


@pytest.mark.parametrize("end", ["quit", "close"])
def test_case_that_ends_its_browser(browser: WarmBrowser, contexts: FakeContexts, end: str) -> None:
    """``quit`` and closing the last window end the case's browser and no other."""
    driver = browser.open()
    getattr(driver, end)()
    driver.quit()
    with pytest.raises(InvalidSessionIdException, match="this case's browser is closed: the case "):
        driver.refresh()
    browser.close(driver)
    assert (contexts.alive, browser.spent) == ([], False)


def test_fresh_sessions(executor: FakeExecutor) -> None:
    """A session that does not end costs the browser; one on a grid is ended by ``kill``."""
    sessions = FreshSessions(lambda: WebDriver(executor, options=Options()))  # type: ignore[arg-type]
    sessions.close(sessions.open())
    assert not sessions.spent
    sessions.open()
    executor.asked.clear()
    sessions.kill()
    assert [command for command, _ in executor.asked] == [Command.QUIT]
    executor.breaks_at = Command.QUIT
    sessions.spent = False
    sessions.close(sessions.open())
    assert sessions.spent
