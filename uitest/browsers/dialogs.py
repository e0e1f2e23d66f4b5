"""Dialogs of a page that chromedriver has not seen, and that would keep it from seeing the page."""

from collections.abc import Mapping
from typing import Any

from selenium.common.exceptions import (
    ElementNotInteractableException,
    NoAlertPresentException,
    UnexpectedAlertPresentException,
    WebDriverException,
)
from selenium.webdriver.remote.command import Command

from uitest.browsers.isolation import NotOurs
from uitest.browsers.page import Page
from uitest.errors import BrowserError

ALERTS = frozenset(
    {Command.W3C_GET_ALERT_TEXT, Command.W3C_SET_ALERT_VALUE, Command.W3C_ACCEPT_ALERT, Command.W3C_DISMISS_ALERT}
)


class Dialogs:
    """Of one page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._typed: str | None = None

    def answer(self, command: Any, params: Mapping[str, Any]) -> Any:
        """Answer for the dialog that is open.

        Every command that is not about the dialog dismisses it and raises UnexpectedAlertPresentException, which is
        WebDriver's way unless a case asks for another: then the page is never unattended. Raises NotOurs if there is
        none, but NoAlertPresentException where the command is about one, and WebDriverException if the page has
        crashed, which chromedriver would wait for in vain as well.
        """
        try:
            self._page.catch_up()
            if self._page.gone == "crashed":
                raise WebDriverException("tab crashed")
            if self._page.dialog is not None:
                return self._on(self._page.dialog, command, params)
        except BrowserError as exc:
            raise NotOurs from exc
        if command in ALERTS:
            raise NoAlertPresentException("no such alert")
        raise NotOurs

    def _on(self, dialog: Mapping[str, Any], command: Any, params: Mapping[str, Any]) -> Any:
        if command == Command.W3C_GET_ALERT_TEXT:
            return dialog["message"]
        if command == Command.W3C_SET_ALERT_VALUE:
            if dialog["type"] != "prompt":
                raise ElementNotInteractableException("User dialog does not have a text box input field.")
            self._typed = str(params["text"])
            return None
        typed = self._typed if self._typed is not None else dialog.get("defaultPrompt")
        self._typed = None
        self._page.close_dialog(accept=command == Command.W3C_ACCEPT_ALERT, text=typed)
        if command not in ALERTS:
            said = dialog["message"]
            raise UnexpectedAlertPresentException(f"unexpected alert open: {{Alert text : {said}}}", alert_text=said)
        return None
