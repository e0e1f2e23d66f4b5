"""A look at the page of a running case that the case does not notice.

Chrome and Firefox are asked beside their drivers, in a world of our own: nothing that a page has made of its own
reaches it, and no command of the case finds a dialog closed. WebKit and a grid have nothing but the driver, whose
scripts run in the page's own world.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    UnexpectedAlertPresentException,
    WebDriverException,
)
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from uitest.browsers.cdp.console import Console, LoggedLine
from uitest.browsers.cdp.page_session import PageSession, object_id
from uitest.browsers.cdp.transport import RefusedError, Transport
from uitest.browsers.process.http_client import command_timeout
from uitest.browsers.sessions.element_references import ELEMENT
from uitest.errors import BrowserError

QUALITY = 60
"""Per cent, of a JPEG: text stays legible, and a window of 1366 x 768 takes about 40 KB."""

SANDBOX = "uitest"
"""Name of our world in Firefox."""


class PageInspector(Protocol):
    """Looks at the window that a case has switched to."""

    closes_dialogs: bool
    """Whether a look closes a dialog that is open, as a command of the case would; else it sees nothing then."""
    apart: bool
    """Whether functions run where the page's scripts cannot see what they leave."""

    def ask(self, function: str, element: str | None, given: str, seconds: float) -> str:
        """The text that a JavaScript function answers, given an element by its id, or null, and ``given``.

        It runs in the top document; an element that is not there is null. (Through a driver: in the frame that the case
        is in.) Raises BrowserError, also when ``seconds`` are over, and UnexpectedAlertPresentException once it has
        closed a dialog.
        """

    def picture(self, seconds: float) -> str:
        """What the window shows, as a ``data:`` address. Raises as ``ask`` does."""

    def console(self) -> list[LoggedLine]:
        """What the pages that were looked at have logged so far, as far as the browser tells. Never raises."""


class CdpInspector:
    """Looks at Chrome over DevTools."""

    closes_dialogs = False
    apart = True

    def __init__(self, page: Callable[[float], PageSession], console: Console) -> None:
        """``page`` attaches to the window that is seen, within so many seconds, and may raise BrowserError.

        ``console`` hears what pages log that are attached to.
        """
        self._page = page
        self._console = console

    def ask(self, function: str, element: str | None, given: str, seconds: float) -> str:
        """In an isolated world."""
        page = self._unblocked(seconds)
        world = page.world(seconds)
        call = {
            "functionDeclaration": function,
            "executionContextId": world,
            "arguments": [self._argument(page, element, world, seconds), {"value": given}],
            "returnByValue": True,
        }
        answer = page.calls(("Runtime.callFunctionOn", call), timeout=seconds)[0]
        if "exceptionDetails" in answer:
            raise RefusedError("the page gives no answer: {}".format(answer["exceptionDetails"].get("text")))
        return str(answer["result"]["value"])

    def picture(self, seconds: float) -> str:
        """A JPEG."""
        asked = {"format": "jpeg", "quality": QUALITY, "optimizeForSpeed": True}
        answer = self._unblocked(seconds).calls(("Page.captureScreenshot", asked), timeout=seconds)[0]
        return f"data:image/jpeg;base64,{answer['data']}"

    def console(self) -> list[LoggedLine]:
        """What was heard over DevTools."""
        return self._console.lines

    def _unblocked(self, seconds: float) -> PageSession:
        page = self._page(seconds)
        if page.is_blocked():
            raise BrowserError("a dialog is open, or the page is gone")
        return page

    def _argument(self, page: PageSession, element: str | None, world: int, seconds: float) -> Mapping[str, Any]:
        node = page.node(element) if element is not None else None
        if node is not None:
            with contextlib.suppress(RefusedError):  # it has left the document
                asked = {"backendNodeId": node, "executionContextId": world}
                found = page.calls(("DOM.resolveNode", asked), timeout=seconds)[0]
                return {"objectId": object_id({"result": found["object"]})}
        return {"value": None}


class BidiInspector:
    """Looks at Firefox over BiDi."""

    closes_dialogs = False
    apart = True

    def __init__(self, wire: Transport, window: Callable[[], str]) -> None:
        """``window`` is the handle of the one that is seen."""
        self._wire, self._window = wire, window

    def ask(self, function: str, element: str | None, given: str, seconds: float) -> str:
        """In a sandbox."""

        def call(found: Mapping[str, str]) -> str:
            asked = {
                "functionDeclaration": function,
                "target": {"context": self._window(), "sandbox": SANDBOX},
                "arguments": [found, {"type": "string", "value": given}],
                "awaitPromise": False,
            }
            answer = self._wire.calls([("script.callFunction", asked)], timeout=seconds)[0]
            if answer["type"] != "success":
                raise BrowserError(f"the page gives no answer: {answer['exceptionDetails']['text']}")
            return str(answer["result"]["value"])

        if element is not None:
            with contextlib.suppress(RefusedError):
                return call({"sharedId": element})
        return call({"type": "null"})

    def picture(self, seconds: float) -> str:
        """A JPEG."""
        asked = {"context": self._window(), "format": {"type": "image/jpeg", "quality": QUALITY / 100}}
        answer = self._wire.calls([("browsingContext.captureScreenshot", asked)], timeout=seconds)[0]
        return f"data:image/jpeg;base64,{answer['data']}"

    def console(self) -> list[LoggedLine]:
        """What the browser has told and nobody has taken yet."""
        return [line for line in map(logged, self._wire.events()) if line is not None]


def logged(event: Mapping[str, Any]) -> LoggedLine | None:
    """The line that a BiDi event tells of, if it does. https://w3c.github.io/webdriver-bidi/#event-log-entryAdded"""
    if event["method"] != "log.entryAdded":
        return None
    said = event["params"]
    return LoggedLine(said["timestamp"] / 1000, said.get("level", "info").upper(), said.get("text") or "")


class DriverInspector:
    """Looks with the case's own driver."""

    apart = False

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver
        self.closes_dialogs = driver.caps.get("unhandledPromptBehavior") != "ignore"

    def ask(self, function: str, element: str | None, given: str, seconds: float) -> str:
        """As a script of the page's."""

        def call(found: Mapping[str, str] | None) -> str:
            script = f"return ({function}).apply(null, arguments)"
            return str(self._execute(seconds, Command.W3C_EXECUTE_SCRIPT, script=script, args=[found, given]))

        if element is not None:
            with contextlib.suppress(_Elsewhere):
                return call({ELEMENT: element})
        return call(None)

    def picture(self, seconds: float) -> str:
        """The driver's PNG."""
        return f"data:image/png;base64,{self._execute(seconds, Command.SCREENSHOT)}"

    def console(self) -> list[LoggedLine]:
        """Nothing: no driver says when."""
        return []

    def _execute(self, seconds: float, command: str, **params: Any) -> Any:
        try:
            with command_timeout(self._driver, seconds):
                # Selenium's own: what WebKit's does about dialogs is for the case's commands.
                return WebDriver.execute(self._driver, command, params)["value"]
        except UnexpectedAlertPresentException as exc:
            if self.closes_dialogs:
                raise
            raise BrowserError("a dialog is open") from exc
        except (NoSuchElementException, StaleElementReferenceException) as exc:
            raise _Elsewhere("the element is not in this document") from exc
        except (WebDriverException, HTTPError, OSError) as exc:
            raise BrowserError(f"the page gives no answer: {type(exc).__name__}") from exc


class _Elsewhere(BrowserError):
    """The element is of another document, or gone."""
