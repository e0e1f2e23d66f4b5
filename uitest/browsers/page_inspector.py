"""Inspects the page of a running case without the case noticing.

In Chrome and Firefox this bypasses the driver and uses an isolated world, which a page's changes of built-ins do not
affect, and in which no dialog of the case is closed. In WebKit and on a grid there is only the driver, whose scripts
run in the page's own world.
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
from uitest.browsers.failed_requests import NotRecorded, Requests
from uitest.browsers.process.http_client import command_timeout
from uitest.browsers.sessions.element_references import ELEMENT
from uitest.errors import BrowserError

QUALITY = 60
"""JPEG quality in per cent: text is legible, and a window of 1366 x 768 takes about 40 KB."""

SANDBOX = "uitest"
"""Name of our sandbox in Firefox."""


class PageInspector(Protocol):
    """Inspects the window that a case has switched to."""

    closes_dialogs: bool
    """Whether an inspection closes an open dialog, as a command would; else it fails while one is open."""
    apart: bool
    """Whether functions run in an isolated world, invisible to the page's scripts."""

    requests: Requests
    """The failed requests of the inspected pages."""

    def call(self, function: str, element: str | None, argument: str, seconds: float) -> str:
        """The text that a JavaScript function returns for an element (by its id, or null) and ``argument``.

        It runs in the top document (with a driver: in the case's frame); an element elsewhere becomes null. Raises
        BrowserError, also after ``seconds``, and UnexpectedAlertPresentException after it has closed a dialog.
        """

    def picture(self, seconds: float) -> str:
        """A screenshot of the window, as a ``data:`` address. Raises as ``ask`` does."""

    def console(self) -> list[LoggedLine]:
        """Console lines of the inspected pages so far, if the browser offers them. Never raises."""


class CdpInspector:
    """Inspects Chrome over DevTools."""

    closes_dialogs = False
    apart = True

    def __init__(self, page: Callable[[float], PageSession], console: Console, requests: Requests) -> None:
        """``page`` attaches to the current window within a number of seconds, and may raise BrowserError.

        ``console`` records the lines of attached pages, ``requests`` their requests.
        """
        self._page = page
        self.requests = requests
        self._console = console

    def call(self, function: str, element: str | None, argument: str, seconds: float) -> str:
        """Run the function in an isolated world."""
        page = self._unblocked(seconds)
        world = page.world(seconds)
        call = {
            "functionDeclaration": function,
            "executionContextId": world,
            "arguments": [self._argument(page, element, world, seconds), {"value": argument}],
            "returnByValue": True,
        }
        answer = page.calls(("Runtime.callFunctionOn", call), timeout=seconds)[0]
        if "exceptionDetails" in answer:
            raise RefusedError("the page gives no answer: {}".format(answer["exceptionDetails"].get("text")))
        return str(answer["result"]["value"])

    def picture(self, seconds: float) -> str:
        """A JPEG."""
        options = {"format": "jpeg", "quality": QUALITY, "optimizeForSpeed": True}
        answer = self._unblocked(seconds).calls(("Page.captureScreenshot", options), timeout=seconds)[0]
        return f"data:image/jpeg;base64,{answer['data']}"

    def console(self) -> list[LoggedLine]:
        """The recorded lines."""
        return self._console.lines

    def _unblocked(self, seconds: float) -> PageSession:
        page = self._page(seconds)
        if page.is_blocked():
            raise BrowserError("a dialog is open, or the page is gone")
        return page

    def _argument(self, page: PageSession, element: str | None, world: int, seconds: float) -> Mapping[str, Any]:
        node = page.node(element) if element is not None else None
        if node is not None:
            with contextlib.suppress(RefusedError):  # it is no longer in the document
                node_in_world = {"backendNodeId": node, "executionContextId": world}
                resolved = page.calls(("DOM.resolveNode", node_in_world), timeout=seconds)[0]
                return {"objectId": object_id({"result": resolved["object"]})}
        return {"value": None}


class BidiInspector:
    """Inspects Firefox over BiDi."""

    closes_dialogs = False
    apart = True

    def __init__(self, wire: Transport, window: Callable[[], str], requests: Requests) -> None:
        """``window`` returns the handle of the current window."""
        self._wire, self._window = wire, window
        self.requests = requests

    def call(self, function: str, element: str | None, argument: str, seconds: float) -> str:
        """Run the function in a sandbox."""

        def call(element_: Mapping[str, str]) -> str:
            request = {
                "functionDeclaration": function,
                "target": {"context": self._window(), "sandbox": SANDBOX},
                "arguments": [element_, {"type": "string", "value": argument}],
                "awaitPromise": False,
            }
            answer = self._wire.calls([("script.callFunction", request)], timeout=seconds)[0]
            if answer["type"] != "success":
                raise BrowserError(f"the page gives no answer: {answer['exceptionDetails']['text']}")
            return str(answer["result"]["value"])

        if element is not None:
            with contextlib.suppress(RefusedError):
                return call({"sharedId": element})
        return call({"type": "null"})

    def picture(self, seconds: float) -> str:
        """A JPEG."""
        request = {"context": self._window(), "format": {"type": "image/jpeg", "quality": QUALITY / 100}}
        answer = self._wire.calls([("browsingContext.captureScreenshot", request)], timeout=seconds)[0]
        return f"data:image/jpeg;base64,{answer['data']}"

    def console(self) -> list[LoggedLine]:
        """The lines of events that have not been taken yet."""
        return [line for line in map(logged, self._wire.events()) if line is not None]


def logged(event: Mapping[str, Any]) -> LoggedLine | None:
    """The console line of a BiDi event, or None. https://w3c.github.io/webdriver-bidi/#event-log-entryAdded"""
    if event["method"] != "log.entryAdded":
        return None
    entry = event["params"]
    return LoggedLine(entry["timestamp"] / 1000, entry.get("level", "info").upper(), entry.get("text") or "")


class DriverInspector:
    """Inspects with the case's driver."""

    apart = False

    def __init__(self, driver: WebDriver) -> None:
        self.requests: Requests = NotRecorded()
        self._driver = driver
        self.closes_dialogs = driver.caps.get("unhandledPromptBehavior") != "ignore"

    def call(self, function: str, element: str | None, argument: str, seconds: float) -> str:
        """Run the function as a script in the page's world."""

        def call(element_: Mapping[str, str] | None) -> str:
            script = f"return ({function}).apply(null, arguments)"
            return str(self._execute(seconds, Command.W3C_EXECUTE_SCRIPT, script=script, args=[element_, argument]))

        if element is not None:
            with contextlib.suppress(_Elsewhere):
                return call({ELEMENT: element})
        return call(None)

    def picture(self, seconds: float) -> str:
        """The driver's PNG."""
        return f"data:image/png;base64,{self._execute(seconds, Command.SCREENSHOT)}"

    def console(self) -> list[LoggedLine]:
        """Empty, as drivers have no times of lines."""
        return []

    def _execute(self, seconds: float, command: str, **params: Any) -> Any:
        try:
            with command_timeout(self._driver, seconds):
                # Selenium's own method, as WebKit's handling of dialogs is meant for the case's commands.
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
    """The element is in another document, or removed."""
