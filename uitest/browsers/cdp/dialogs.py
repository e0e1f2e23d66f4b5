"""Handles dialogs of a page that chromedriver has not been switched to, and cannot be because of the dialog.

Errors have the classes and messages of chromedriver.
"""

from collections.abc import Mapping
from typing import Any

from selenium.common.exceptions import (
    ElementNotInteractableException,
    InvalidArgumentException,
    NoAlertPresentException,
    NoSuchWindowException,
    UnexpectedAlertPresentException,
    WebDriverException,
)
from selenium.webdriver.remote.command import Command

from uitest.browsers.cdp.page_loading import PageLoading
from uitest.browsers.cdp.page_session import ECHO, PageSession
from uitest.browsers.cdp.transport import InterruptedCall, RefusedError
from uitest.browsers.sessions.protocols import ForwardToDriver
from uitest.errors import BrowserError

ALERTS = frozenset(
    {Command.W3C_GET_ALERT_TEXT, Command.W3C_SET_ALERT_VALUE, Command.W3C_ACCEPT_ALERT, Command.W3C_DISMISS_ALERT}
)

CLOSED = "no such window: target window already closed\nfrom unknown error: web view not found"

NO_TEXT_FIELD = "element not interactable: User dialog does not have a text box input field."


class Dialogs:
    """The dialogs of one page."""

    def __init__(self, page: PageSession, loading: PageLoading) -> None:
        self._page, self._loading = page, loading
        self._typed: str | None = None

    def handle(self, command: Any, params: Mapping[str, Any]) -> Any:
        """Handle a command while a dialog is open.

        Every command that is not about dialogs dismisses it and raises UnexpectedAlertPresentException, which is
        WebDriver's default; a page of a case with another setting is never unattended. Like chromedriver, leaves a
        dialog open that opened while the command waited for the page to load. Without a dialog, raises
        ForwardToDriver, or NoAlertPresentException for a command about dialogs. Raises NoSuchWindowException if the
        page is closed, and WebDriverException if it has crashed.
        """
        if command == Command.W3C_SET_ALERT_VALUE and not isinstance(params["text"], str):
            raise InvalidArgumentException("invalid argument: missing or invalid 'text'")
        try:
            self._read_state(wait=command in ALERTS)
            if self._page.dialog is not None:
                return self._handle(self._page.dialog, command, params)
        except BrowserError as exc:
            raise ForwardToDriver from exc
        if command in ALERTS:
            raise NoAlertPresentException("no such alert")
        raise ForwardToDriver

    def _read_state(self, *, wait: bool) -> None:
        """Update the state of the page, with ``wait`` after it has loaded. Raises BrowserError."""
        try:
            self._page.catch_up()
            if wait and not (self._page.dialog or self._page.gone):
                self._page.calls(ECHO)
                self._loading.await_whole()
        except (InterruptedCall, RefusedError):
            if not (self._page.dialog or self._page.gone):
                raise
        if self._page.gone == "crashed":
            raise WebDriverException("tab crashed")
        if self._page.gone:
            raise NoSuchWindowException(CLOSED)

    def _handle(self, dialog: Mapping[str, Any], command: Any, params: Mapping[str, Any]) -> Any:
        if command == Command.W3C_GET_ALERT_TEXT:
            return dialog["message"]
        if command == Command.W3C_SET_ALERT_VALUE:
            if dialog["type"] != "prompt":
                raise ElementNotInteractableException(NO_TEXT_FIELD)
            self._typed = params["text"]
            return None
        typed = self._typed if self._typed is not None else dialog.get("defaultPrompt")
        if command in ALERTS:  # chromedriver keeps the text for the next prompt if it closes one by itself
            self._typed = None
        elif self._page.met_dialog:
            raise unexpected(dialog)
        try:
            self._page.close_dialog(accept=command == Command.W3C_ACCEPT_ALERT, text=typed)
        except RefusedError as exc:
            raise WebDriverException(f"aborted by navigation: {exc.reason}") from exc
        if command not in ALERTS:
            raise unexpected(dialog)
        return None


def unexpected(dialog: Mapping[str, Any]) -> UnexpectedAlertPresentException:
    """chromedriver's error about a dialog that it has dismissed."""
    text = dialog["message"]
    return UnexpectedAlertPresentException(f"unexpected alert open: {{Alert text : {text}}}", alert_text=text)
