"""Fakes of a shared browser's parts: a driver that answers at once, and contexts that note what is done to them."""

import threading
from pathlib import Path
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver

from uitest.browsers.process.handover import RunningBrowser
from uitest.browsers.sessions.protocols import ForwardToDriver
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
