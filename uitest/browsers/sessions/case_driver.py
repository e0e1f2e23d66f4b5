"""A case's driver in a warm browser, which shows the case only its own windows."""

from typing import TYPE_CHECKING, Any

from selenium.common.exceptions import (
    InvalidSessionIdException,
    NoSuchWindowException,
    UnexpectedAlertPresentException,
)
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver

from uitest.browsers.sessions.bidi import UserContexts
from uitest.browsers.sessions.element_references import with_elements
from uitest.browsers.sessions.protocols import OF_SESSION, Context, ForwardToDriver
from uitest.compat import selenium_private

if TYPE_CHECKING:
    from uitest.browsers.sessions.shared_browser import SharedBrowser


class CaseDriver(selenium_private.BidiHookDriver):
    """A case's driver in the warm browser; ``SharedBrowser`` combines it with the engine's driver class."""

    def __init__(self, browser: "SharedBrowser", context: Context) -> None:
        self._warm = browser
        self.context = context
        self._ended: str | None = None
        warm = browser.driver
        WebDriver.__init__(self, command_executor=warm.command_executor, options=browser.options)
        selenium_private.mark_local(self)
        self.is_shown = False
        """Whether the driver has been switched to this case's window."""
        self.forwarded = 0
        """Number of commands sent to the driver."""

    def start_session(self, capabilities: dict[str, Any]) -> None:
        """Take over the warm browser's session."""
        self.session_id = self._warm.driver.session_id
        self.caps = dict(self._warm.driver.caps)

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Handle a command as if this case's context were the whole browser."""
        params = params or {}
        if self._ended is not None:
            if driver_command == Command.NEW_WINDOW and not _may_be_type(params.get("type")):
                self._warm.contexts.refuse_arguments(self._warm.driver, driver_command, params)
            message = self._warm.contexts.session_over
            raise InvalidSessionIdException(f"{message}: this case's browser is closed: {self._ended}")
        if driver_command == Command.QUIT:
            self._ended = "the case called quit()"
            return {"value": None}
        if driver_command == Command.NEW_WINDOW:
            return self._open(params.get("type"))
        if driver_command == Command.SWITCH_TO_WINDOW:
            self._check(params.get("handle"))
        return self._handle(driver_command, params)

    def _handle(self, driver_command: Any, params: dict[str, Any]) -> Any:
        try:
            value = self.context.handle(self, driver_command, params)
        except ForwardToDriver:
            return self.forward_to_driver(driver_command, params)
        return {"value": with_elements(self, value)}

    def _open(self, kind: Any) -> Any:
        """Open a window in this case's context, or raise the driver's error."""
        if not _may_be_type(kind):
            return self._handle(Command.NEW_WINDOW, {"type": kind})  # the driver refuses it
        self._handle(Command.GET_CURRENT_URL, {})  # raises if a dialog is open or the window is closed
        kind = "window" if kind == "window" else "tab"
        return {"value": {"handle": self.context.open(kind), "type": kind}}

    def _check(self, handle: Any) -> None:
        """Raise the driver's NoSuchWindowException for a handle that is not one of this case's windows."""
        if isinstance(handle, str) and handle not in self.context.windows():
            raise NoSuchWindowException(self._warm.contexts.unknown_window.format(handle=handle))

    @property
    def command_timeout(self) -> float:
        """Current timeout of a command in seconds."""
        return float(self.command_executor.client_config.timeout)  # type: ignore[union-attr]

    def show_to_driver(self) -> None:
        """Switch the driver to this case's window, unless it has been. Raises WebDriverException."""
        if not self.is_shown:
            # Only now, as the last case's windows may have logged until they were closed.
            self._warm.contexts.discard_console(self._warm.driver)
            self.context.show(self)
            self.is_shown = True

    def forward_to_driver(self, command: Any, params: dict[str, Any]) -> Any:
        """Forward a command to the driver, and note its lasting effects on the warm browser."""
        self.forwarded += 1
        if command not in OF_SESSION:
            self.show_to_driver()
        within = self.context.within(command, params)
        if within is None:
            self._warm.note(command, params)
        else:
            params = within
        try:
            answer = super().execute(command, params)
        except UnexpectedAlertPresentException as exc:
            if self.caps.get("unhandledPromptBehavior") == "ignore" and self._warm.contexts.dismisses:
                super().execute(Command.W3C_DISMISS_ALERT)
                exc.msg = (exc.msg or "").replace('"ignore"', '"dismiss"')  # the driver's message for "dismiss"
            raise
        if command in (Command.W3C_GET_WINDOW_HANDLES, Command.CLOSE):
            own = self.context.windows()
            answer["value"] = [handle for handle in answer["value"] or () if handle in own]
            if command == Command.CLOSE and not answer["value"]:
                self._ended = "the case closed its last window"
        return answer

    def connect_bidi(self, url: str) -> Any:
        """Connect to BiDi when Selenium needs it, with translated messages (see ``bidi``)."""
        self._warm.use_up()
        config = self.command_executor.client_config  # type: ignore[union-attr]
        return selenium_private.bidi_connection(url, config, UserContexts(self.context.user_contexts))

    def pause(self, seconds: float) -> None:
        """Sleep for ``seconds``, or until the page has changed if that can be known."""
        self.context.pause(seconds)

    def quit(self) -> None:
        """End this case's session; the warm browser stays."""
        if self._ended is None:
            self.execute(Command.QUIT)

    def kill(self) -> None:
        """End the warm browser at once."""
        self._warm.kill()

    def finish(self) -> None:
        """Refuse every further command."""
        self._ended = self._ended or "the case is over"


def _may_be_type(kind: Any) -> bool:
    """Whether a driver accepts this as the type of a new window, known or not."""
    return kind is None or isinstance(kind, str)
