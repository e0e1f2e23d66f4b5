"""What a warm browser does between two cases, with a driver and contexts that only write down what they are asked."""

import threading
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import InvalidSessionIdException, NoSuchWindowException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver

from tests.support.processes import eventually
from uitest.browsers.process.handover import RunningBrowser
from uitest.browsers.sessions.protocols import ForwardToDriver
from uitest.browsers.sessions.session_per_case import SessionPerCase
from uitest.browsers.sessions.shared_browser import DEFAULT_TIMEOUTS, SharedBrowser
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
        self.stops_with: BaseException | None = None
        self.may_quit = threading.Event()
        self.may_quit.set()

    def execute(self, command: str, params: dict[str, Any]) -> dict[str, Any]:
        if self.stops_with is not None:
            raise self.stops_with
        if command == self.breaks_at:
            raise WebDriverException("broken")
        if command == Command.QUIT:
            assert self.may_quit.wait(20)
        self.asked.append((command, params))
        return {"value": ANSWERS.get(command)}

    def close(self) -> None:
        """Nothing is open."""


class FakeDriver(WebDriver):
    """A driver whose browser can be ended at once."""

    killed = False

    def kill(self) -> None:
        self.killed = True

    def keep(self, window: str) -> RunningBrowser:
        return RunningBrowser((), {"window": window})


class FakeContext:
    """A context that answers for cookies."""

    def __init__(self, contexts: "FakeContexts", number: int) -> None:
        self.contexts = contexts
        self.name = f"context {number}"
        self.window = f"window {number}"

    def is_served(self) -> bool:
        return self.contexts.served

    def handle(self, driver: WebDriver, command: Any, params: dict[str, Any]) -> Any:
        if command == Command.GET_ALL_COOKIES:
            return [self.name, command]
        raise ForwardToDriver

    def show(self, driver: WebDriver) -> None:
        WebDriver.execute(driver, Command.SWITCH_TO_WINDOW, {"handle": self.window})

    def within(self, command: Any, params: dict[str, Any]) -> dict[str, Any] | None:
        return {**params, "in": self.name} if params.get("cmd") == "Browser.scoped" else None

    def pause(self, seconds: float) -> None:
        """Nothing changes."""

    def console(self) -> list[str] | None:
        return self.contexts.heard

    def windows(self) -> set[str]:
        return {self.window}

    def open(self, kind: str) -> str:
        return f"another {kind}"

    def allow_downloads(self, folder: Path) -> None:
        """Nothing to allow."""

    def remove(self) -> None:
        if self.contexts.stops_with is not None:
            raise self.contexts.stops_with
        self.contexts.alive.remove(self.name)


class FakeContexts:
    """Contexts that remember which of them are there."""

    session_over = "no session"
    forbidden_commands = frozenset({Command.SCREENSHOT})
    unknown_window = "no window {handle}"
    dismisses = True
    ahead = True

    def __init__(self) -> None:
        self.alive: list[str] = []
        self.made = 0
        self.stops_with: BaseException | None = None
        self.breaks = False
        self.served = False
        self.heard: list[str] | None = None

    def create(self) -> FakeContext:
        if self.breaks:
            raise BrowserError("no context to be had")
        self.made += 1
        context = FakeContext(self, self.made)
        self.alive.append(context.name)
        return context

    def console(self, driver: WebDriver) -> list[str]:
        return []

    def discard_console(self, driver: WebDriver) -> None:
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


def test_session_that_does_not_end_costs_the_browser(executor: FakeExecutor) -> None:
    """A session that does not end costs the browser; one on a grid is not prepared, and is ended by ``kill``."""
    sessions = SessionPerCase(lambda: WebDriver(executor, options=Options()))  # type: ignore[arg-type]
    sessions.close(sessions.open())
    eventually(lambda: executor.asked[-1][0] == Command.QUIT, "its session is ended")
    assert not sessions.needs_replacement
    sessions.open()
    executor.asked.clear()
    sessions.prepare()
    sessions.kill()
    assert [command for command, _ in executor.asked] == [Command.QUIT]  # and no new session
    executor.breaks_at = Command.QUIT
    broken = SessionPerCase(lambda: WebDriver(executor, options=Options()))  # type: ignore[arg-type]
    broken.close(broken.open())
    eventually(lambda: broken.needs_replacement, "it is known that the session did not end")


def test_sessions_of_a_grid_are_all_ended(executor: FakeExecutor) -> None:
    """Also the last case's, when the run is over before the grid has answered."""
    sessions = SessionPerCase(lambda: WebDriver(executor, options=Options()))  # type: ignore[arg-type]
    first = sessions.open()
    executor.may_quit.clear()
    sessions.close(first)
    threading.Timer(0.1, executor.may_quit.set).start()
    sessions.kill()
    assert [command for command, _ in executor.asked] == [Command.NEW_SESSION, Command.QUIT]


def test_next_session_is_started_ahead(executor: FakeExecutor) -> None:
    """Where sessions can be stopped they are started ahead, one at a time."""
    stopped: list[bool] = []
    connect = lambda: WebDriver(executor, options=Options())  # type: ignore[arg-type]  # noqa: E731
    sessions = SessionPerCase(connect, lambda: stopped.append(True))
    first = sessions.open()
    sessions.prepare()
    sessions.prepare()
    started = [Command.NEW_SESSION] * 2
    eventually(lambda: [command for command, _ in executor.asked] == started, "the next session is started")
    sessions.close(first)
    sessions.open()
    eventually(lambda: [command for command, _ in executor.asked] == [*started, Command.QUIT], "the first one is ended")
    sessions.kill()
    assert stopped
    assert [command for command, _ in executor.asked] == [*started, Command.QUIT]
