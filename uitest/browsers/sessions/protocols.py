"""A browser of its own for each case, at the price of a tab: the Protocols.

Where the engine has user contexts (Chrome, Firefox) one browser is kept warm and each case gets a fresh context
in it (``shared_browser``). WebKit and a grid get a new session for each case (``session_per_case``).
"""

from pathlib import Path
from typing import Any, Protocol

from selenium.webdriver.remote.webdriver import WebDriver

from uitest.browsers.page_inspector import PageInspector
from uitest.browsers.process.handover import RunningBrowser


class Context(Protocol):
    """One case's share of a warm browser: a jar, its storage, its windows."""

    window: str
    """Handle of the window that the driver is to see when it is shown one."""
    user_contexts: list[str]
    """Ids of its own user context, then of those that the case has created over BiDi."""

    def is_served(self) -> bool:
        """Whether commands are answered before the driver is shown the window. Raises BrowserError if it is gone."""

    def answer(self, driver: Any, command: Any, params: dict[str, Any]) -> Any:
        """The value of a command that the driver need not, or could not rightly, answer.

        Raises NotOurs for every other command, before anything was done.
        """

    def show(self, driver: Any) -> None:
        """Have the driver look at the window. Raises WebDriverException."""

    def within(self, command: Any, params: dict[str, Any]) -> dict[str, Any] | None:
        """``params`` for a command that acts on one context if told which; None for every other command."""

    def nap(self, seconds: float) -> None:
        """Sleep so long, or until the page has changed where that can be known. Never raises."""

    def console(self) -> list[str] | None:
        """Its console lines since they were last taken; None where the driver has to be asked, of all contexts."""

    def lens(self) -> PageInspector:
        """Looks at the window that the case has switched to."""

    def windows(self) -> set[str]:
        """Handles of its windows."""

    def open(self, kind: str) -> str:
        """Handle of a new window, a ``tab`` or a ``window``."""

    def allow_downloads(self, folder: Path) -> None:
        """Let it download into ``folder``."""

    def remove(self) -> None:
        """Close its windows and forget all it kept."""


class Contexts(Protocol):
    """User contexts of one browser; ``create`` and a context's ``remove`` may run beside a case, in another thread."""

    session_over: str
    """The driver's message for a command to a session that has ended."""
    forbidden_commands: frozenset[str]
    """Commands whose effect outlives a context."""
    unknown_window: str
    """What the driver says of a ``{handle}`` that belongs to no window."""
    dismisses: bool
    """Whether a dialog that is in a command's way must be dismissed for the driver."""
    ahead: bool
    """Whether a context can be made while a case runs without the case noticing."""

    def create(self) -> Context:
        """A fresh context with a window. Raises BrowserError."""

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines since they were last taken, where contexts do not know their own."""

    def discard_console(self, driver: WebDriver) -> None:
        """Forget console lines."""

    def refuse_arguments(self, driver: WebDriver, command: str, params: dict[str, Any]) -> None:
        """Raise what the driver says of arguments that it cannot read, if it says so even when the session is over."""

    def close(self) -> None:
        """Hang up."""


class ForwardToDriver(Exception):
    """The driver is to answer."""


class Browser(Protocol):
    """Serves case after case, each alone in it."""

    @property
    def spent(self) -> bool:
        """Whether it must be replaced before the next case."""

    def open(self) -> WebDriver:
        """The next case's driver."""

    def prepare(self) -> None:
        """Get ready for a further case while this one runs, where that is possible."""

    def close(self, driver: WebDriver) -> None:
        """End the case of ``driver`` and remove all it left behind; never raises, may leave the browser spent."""

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines of the running case since they were last taken, oldest first."""

    def lens(self, driver: WebDriver) -> PageInspector:
        """Looks at the running case's page."""

    def allow_downloads(self, driver: WebDriver, folder: Path) -> None:
        """Let the running case download into ``folder``. Raises BrowserError where that is impossible."""

    def release(self) -> RunningBrowser | None:
        """Leave its processes to another process and be spent here; None where there is nothing to go on with."""

    def kill(self) -> None:
        """End all its processes at once, after which it is spent; harmless when repeated."""
