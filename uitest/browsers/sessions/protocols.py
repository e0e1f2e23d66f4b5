"""Protocols of browsers that serve isolated cases.

In engines with user contexts (Chrome, Firefox) one browser stays warm and each case gets a fresh context in it
(``shared_browser``). WebKit and a grid get a new session for each case (``session_per_case``).
"""

from pathlib import Path
from typing import Any, Protocol

from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver

from uitest.browsers.page_inspector import PageInspector
from uitest.browsers.process.handover import RunningBrowser

OF_SESSION = frozenset({Command.SET_TIMEOUTS, Command.GET_TIMEOUTS})
"""Commands that do not concern a window, so that the driver need not have been switched to the case's."""


class Context(Protocol):
    """One case's part of a warm browser: its cookies, storage and windows."""

    window: str
    """Handle of the window that the driver is to be switched to."""
    user_contexts: list[str]
    """Id of its own user context, then of those that the case has created over BiDi."""

    def is_served(self) -> bool:
        """Whether commands are handled before the driver is switched to the window. Raises BrowserError."""

    def handle(self, driver: Any, command: Any, params: dict[str, Any]) -> Any:
        """Handle a command that does not need the driver, or that the driver would handle wrongly.

        Raises ForwardToDriver for every other command, before doing anything.
        """

    def show(self, driver: Any) -> None:
        """Switch the driver to the window. Raises WebDriverException."""

    def within(self, command: Any, params: dict[str, Any]) -> dict[str, Any] | None:
        """``params`` limited to this context, for a command that can be limited; else None."""

    def pause(self, seconds: float) -> None:
        """Sleep for ``seconds``, or until the page has changed if that can be known. Never raises."""

    def console(self) -> list[str] | None:
        """Its console lines since the last call; None if only the driver has them, for all contexts."""

    def inspector(self) -> PageInspector:
        """An inspector of the window that the case has switched to."""

    def windows(self) -> set[str]:
        """Handles of its windows."""

    def open(self, kind: str) -> str:
        """Handle of a new window, a ``tab`` or a ``window``."""

    def allow_downloads(self, folder: Path) -> None:
        """Let it download into ``folder``."""

    def remove(self) -> None:
        """Remove the context with its windows and data."""


class Contexts(Protocol):
    """User contexts of one browser; ``create`` and a context's ``remove`` may run in another thread during a case."""

    session_over: str
    """The driver's message for a command to a session that has ended."""
    forbidden_commands: frozenset[str]
    """Commands whose effect outlives a context."""
    unknown_window: str
    """The driver's message for a ``{handle}`` of no window."""
    dismisses: bool
    """Whether an unexpected dialog must be dismissed on behalf of the driver."""
    ahead: bool
    """Whether a context can be created during a case without the case noticing."""

    def create(self) -> Context:
        """A fresh context with a window. Raises BrowserError."""

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines since the last call, if contexts do not have their own."""

    def discard_console(self, driver: WebDriver) -> None:
        """Drop console lines."""

    def refuse_arguments(self, driver: WebDriver, command: str, params: dict[str, Any]) -> None:
        """Raise what the driver says of arguments that it cannot read, if it says so even when the session is over."""

    def close(self) -> None:
        """Close connections."""


class ForwardToDriver(Exception):
    """The command must be forwarded to the driver."""


class Browser(Protocol):
    """Serves one isolated case after another."""

    @property
    def needs_replacement(self) -> bool:
        """Whether it must be replaced before the next case."""

    def open(self) -> WebDriver:
        """The next case's driver.

        Raises BrowserError, WebDriverException or OSError, and then sets ``needs_replacement``.
        """

    def prepare(self) -> None:
        """Prepare the next case during this one, if possible."""

    def close(self, driver: WebDriver) -> None:
        """End the case of ``driver`` and remove its data; never raises, but may set ``needs_replacement``."""

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines of the running case since they were last taken, oldest first."""

    def inspector(self, driver: WebDriver) -> PageInspector:
        """An inspector of the running case's page."""

    def allow_downloads(self, driver: WebDriver, folder: Path) -> None:
        """Let the running case download into ``folder``. Raises BrowserError where that is impossible."""

    def release(self) -> RunningBrowser | None:
        """Leave its processes to another process, and set ``needs_replacement`` here; None if that is impossible."""

    def kill(self) -> None:
        """End all its processes at once, and set ``needs_replacement``; may be called again."""
