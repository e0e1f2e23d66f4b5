"""Handles WebDriver commands over DevTools, without chromedriver.

chromedriver takes 3 to 45 ms of processor time for a command, because it sends several requests to the browser (some
fifty for a click), with its scripts each time. The most frequent commands are handled here with one or two requests to
a page that keeps its scripts. One rule keeps the results equal:

    Only plain success is handled here. Everything uncertain is forwarded to chromedriver: a page that loads or
    shows a dialog, a frame, an element that is stale, hidden, covered, out of view or not found, every error and
    its message, and every command that is not in ``ANSWERS``.

There are two exceptions: errors about a dialog or a window that chromedriver cannot be switched to are raised here,
with its messages (``dialogs``), and a case's own script runs only once, within chromedriver's code (``user_script``).

Reading twice does no harm, so a result during which the page began to navigate is discarded and the command forwarded.
A click or key stroke is sent once, after all checks; if it causes a navigation, chromedriver is made to wait for the
next page, as after its own clicks. Element ids are those of chromedriver (``f.<frame>.d.<loader>.e.<node>``), so both
can use them. Visible text and the choice of an option are computed by chromedriver's own scripts (``atoms``).

Most cases never need chromedriver, so it is switched to a case's window only when a command must be forwarded, which
saves some 30 ms of processor time per case. Until then no driver watches the page (``PageSession.unattended``), and its
duties are done here: each command waits for a loading page, and a dialog is handled by the case, or closed by the next
command as the standard says (``dialogs``).

``--commands driver`` turns all of this off. Trade-off: chromedriver's log does not have these commands, and the first
forwarded command of a case takes some 30 ms longer.
"""

import contextlib
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, TypeAlias

from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webelement import WebElement

from uitest.browsers.cdp.atoms import Scripts
from uitest.browsers.cdp.dialogs import Dialogs
from uitest.browsers.cdp.keyboard import strokes
from uitest.browsers.cdp.page_session import ECHO, PageSession, object_id
from uitest.browsers.cdp.transport import InterruptedCall, RefusedError, Request
from uitest.browsers.cdp.user_script import Arguments, function, outcome
from uitest.browsers.sessions.element_references import ELEMENT
from uitest.browsers.sessions.protocols import ForwardToDriver
from uitest.compat.chrome_private import element_id
from uitest.errors import BrowserError

TOOLS = files("uitest.browsers.cdp").joinpath("commands.js").read_text()

CALL = "function (name, ...given) { return this[name](...given); }"

ATOM = re.compile(r"/\* (?:isDisplayed|getAttribute) \*/return ")
"""Start of Selenium's own scripts, the only ones of ``execute_script`` that are known to change nothing."""

SEARCHES = frozenset({"css selector", "tag name", "xpath"})

LINKS = {"link text": False, "partial link text": True}
"""Searches by the visible text of links, and whether a part of it is enough."""

RUNS = 3
"""How often chromedriver runs a script whose page navigates meanwhile."""

TRIES = 5
"""How often a page may navigate during a command."""


class DirectCommands:
    """Handles the commands for one page of one case."""

    def __init__(self, page: PageSession, scripts: Scripts) -> None:
        """Commands without a recorded script are forwarded."""
        self.page = page
        self.dialogs = Dialogs(page)
        self._scripts = scripts

    def handle(self, command: Any, params: Mapping[str, Any]) -> Any:
        """The value of a command that reads. Raises ForwardToDriver."""
        return self._while_quiet(ANSWERS, command, params)

    def go(self, address: str) -> None:
        """Open a page, if no page can ask whether to leave it. Raises ForwardToDriver if it does not open."""
        self._load(lambda: self.page.go(address), may=self.page.unattended or not self.page.journey.arrivals)

    def reload(self) -> None:
        """Reload the page. Raises ForwardToDriver if chromedriver watches it."""
        self._load(self.page.reload, may=self.page.unattended)

    def _load(self, load: Callable[[], None], *, may: bool) -> None:
        try:
            if not may:
                raise ForwardToDriver
            if not self.page.unattended:
                self.page.catch_up()  # chromedriver may have heard of a dialog before us
            if not self._is_ready():
                raise ForwardToDriver
            load()
        except BrowserError as exc:
            raise ForwardToDriver from exc

    def _is_ready(self) -> bool:
        """Whether the page is quiet; waits for it if no driver watches it. Raises BrowserError."""
        if self.page.unattended:
            self.page.await_whole()
        return self.page.is_quiet()

    def act(self, command: Any, params: Mapping[str, Any]) -> bool:
        """Click or type; returns whether the page began to navigate. Raises ForwardToDriver before doing anything."""
        inputs = self._while_quiet(ACTS, command, params)
        departures = self.page.journey.departures
        with contextlib.suppress(BrowserError):  # a dialog opened or the window closed, which the next command reports
            # The response to ECHO comes after the page has handled all inputs.
            first, *_ = self.page.calls(*inputs, ECHO)
            if not self._await_departure(departures) and "result" in first:  # it is a tool's
                _value(first)
        return self.page.journey.departures != departures

    def _await_departure(self, departures: int) -> bool:
        """Whether the page has begun to navigate since; waits for the navigation. Raises BrowserError."""
        if self.page.journey.departures == departures:
            return False
        self.page.await_departure()
        if self.page.unattended:
            self.page.await_whole()
        return True

    def run(self, script: Any, args: Any, limit: float | None = None) -> tuple[Any, bool]:
        """The value of a case's own script, and whether the page began to navigate.

        ``limit`` is the script timeout in seconds, None for none. Raises ForwardToDriver before the script has run,
        FailedScript if it failed, and TimeoutException.
        """
        if self._scripts.run is None or not isinstance(script, str) or script.startswith(":"):
            raise ForwardToDriver
        arguments = Arguments(args)
        for _ in range(RUNS):
            call = self._prepare_call(script, arguments)
            try:
                return self._run_call(call, limit)
            except RefusedError as exc:
                aborted = exc.reason
            with contextlib.suppress(BrowserError):
                self.page.await_whole()
        raise TimeoutException(f"timeout\nfrom aborted by navigation: {aborted}")

    def _prepare_call(self, script: str, arguments: Arguments) -> Request:
        """The request that runs a script, when the page is quiet. Raises ForwardToDriver."""
        for _ in range(TRIES if self.page.unattended else 1):
            try:
                if not self._is_ready():
                    break
                call = self._call_of(script, arguments)
            except BrowserError as exc:
                raise ForwardToDriver from exc
            if self.page.quiet:
                return call
        raise ForwardToDriver

    def _call_of(self, script: str, arguments: Arguments) -> Request:
        """The request that runs a script. Raises ForwardToDriver and BrowserError.

        Another request is sent before, so that the script does not wait behind a dialog that is not known yet.
        """
        self.page.calls(ECHO)
        call = {
            "functionDeclaration": function(str(self._scripts.run), script, arguments),
            "objectId": self.page.evaluate("tools", TOOLS),
            "arguments": [self._object(element) for element in arguments.elements],
            "serializationOptions": {"serialization": "deep"},
            "awaitPromise": True,
            "objectGroup": "uitest scripts",
        }
        return "Runtime.callFunctionOn", call

    def _run_call(self, call: Request, limit: float | None) -> tuple[Any, bool]:
        """Run a script. Raises FailedScript and WebDriverException, never ForwardToDriver, as it must not run again.

        Raises RefusedError if the page navigated before the script had ended.
        """
        journey, departures = self.page.journey, self.page.journey.departures
        frame, loader = journey.frame, journey.loader
        try:
            (result,) = self.page.calls(call, timeout=limit)
        except InterruptedCall as exc:
            if self.page.dialog or self.page.gone == "closed":
                return None, False
            if self.page.gone:
                raise WebDriverException("tab crashed") from exc
            raise TimeoutException("script timeout") from exc
        with contextlib.suppress(BrowserError):  # a dialog opened or the window closed, which the next command reports
            self.page.calls(ECHO)
            self._await_departure(departures)
        return outcome(result, frame, loader), journey.departures != departures

    def _while_quiet(self, handlers: Mapping[str, "Answer"], command: Any, params: Mapping[str, Any]) -> Any:
        """The result of the command's handler, if the page is quiet all the time. Raises ForwardToDriver."""
        handler = handlers.get(command)
        if handler is None:
            raise ForwardToDriver
        for _ in range(TRIES if self.page.unattended else 1):
            arrivals = self.page.journey.arrivals
            try:
                if not self._is_ready():
                    break
                value = handler(self, params)
                if self.page.quiet:
                    return value
            except (BrowserError, KeyError, TypeError) as exc:
                if self.page.quiet and self.page.journey.arrivals == arrivals:
                    raise ForwardToDriver from exc
        raise ForwardToDriver

    def title(self, params: Mapping[str, Any]) -> str:
        """The document's title."""
        return str(self._value("title"))

    def address(self, params: Mapping[str, Any]) -> str:
        """The document's address."""
        return str(self._value("address"))

    def find(self, params: Mapping[str, Any]) -> dict[str, str]:
        """The first element; without any, the command is forwarded, as chromedriver knows the implicit wait."""
        element = self._call("find", *self._search(params))
        return self._elements([object_id(element)])[0]

    def find_all(self, params: Mapping[str, Any]) -> list[dict[str, str]]:
        """All elements, at least one."""
        array = object_id(self._call("findAll", *self._search(params)))
        listed = self.page.call("Runtime.getProperties", objectId=array, ownProperties=True)["result"]
        objects = [entry["value"]["objectId"] for entry in listed if entry["name"].isdigit()]
        if not objects:
            raise ForwardToDriver
        return self._elements(objects)

    def tag(self, params: Mapping[str, Any]) -> Any:
        """The element's tag name."""
        return self._value("tag", self._object(params["id"]))

    def text(self, params: Mapping[str, Any]) -> Any:
        """The element's visible text."""
        return self._value("said", self._script("text"), self._object(params["id"]))

    def selected(self, params: Mapping[str, Any]) -> Any:
        """Whether an option, a check box or a radio button is chosen."""
        return self._value("selected", self._object(params["id"]))

    def enabled(self, params: Mapping[str, Any]) -> Any:
        """Whether a control takes input."""
        return self._value("enabled", self._object(params["id"]))

    def property(self, params: Mapping[str, Any]) -> Any:
        """A property that is plain data."""
        return self._value("property", self._object(params["id"]), {"value": params["name"]})["value"]

    def style(self, params: Mapping[str, Any]) -> Any:
        """A computed style that WebDriver shows as the browser does."""
        return self._value("style", self._object(params["id"]), {"value": params["propertyName"]})

    def attribute(self, params: Mapping[str, Any]) -> Any:
        """An attribute as written; ``true`` for a boolean attribute."""
        return self._value("attribute", self._object(params["id"]), {"value": params["name"]})["value"]

    def script(self, params: Mapping[str, Any]) -> Any:
        """Selenium's own scripts for ``is_displayed`` and ``get_attribute``."""
        script, args = params["script"], params["args"]
        if not ATOM.match(script) or not isinstance(args[0], WebElement):
            raise ForwardToDriver
        function = self.page.evaluate(script, f"(function () {{ {script} }})")
        more = [{"value": arg} for arg in args[1:]]
        return self._value("run", {"objectId": function}, self._object(args[0].id), *more)["value"]

    def click(self, params: Mapping[str, Any]) -> list[Request]:
        """The mouse events of a click on an element, or chromedriver's script that chooses an option."""
        element = self._object(params["id"])
        place = self._value("clickable", element)
        if place == "option":
            return [self._request("said", self._script("select"), element, by_value=True)]
        x, y = place
        at = {"x": x, "y": y}
        button = {"button": "left", "clickCount": 1, **at}
        return [
            ("Input.dispatchMouseEvent", {"type": "mouseMoved", **at}),
            ("Input.dispatchMouseEvent", {"type": "mousePressed", "buttons": 1, **button}),
            ("Input.dispatchMouseEvent", {"type": "mouseReleased", **button}),
        ]

    def type(self, params: Mapping[str, Any]) -> list[Request]:
        """The key events of a text for a plain field, which gets the focus."""
        events = strokes(params["text"])
        if not events:
            raise ForwardToDriver
        self._value("typeable", self._object(params["id"]))
        return [("Input.dispatchKeyEvent", event) for event in events]

    def _search(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        how, root = params["using"], [self._object(params["id"])] if "id" in params else []
        if how in LINKS:
            return [self._script("text"), {"value": [LINKS[how], params["value"]]}, *root]
        if how not in SEARCHES:
            raise ForwardToDriver
        return [{"value": how}, {"value": params["value"]}, *root]

    def _script(self, name: str) -> dict[str, str]:
        """One of chromedriver's own scripts as an argument. Raises ForwardToDriver if it is not known."""
        source = getattr(self._scripts, name)
        if source is None:
            raise ForwardToDriver
        return {"objectId": self.page.evaluate(name, source)}

    def _request(self, name: str, *args: Mapping[str, Any], by_value: bool = False) -> Request:
        call = {
            "functionDeclaration": CALL,
            "objectId": self.page.evaluate("tools", TOOLS),
            "arguments": [{"value": name}, *args],
            "returnByValue": by_value,
            "awaitPromise": True,
        }
        return "Runtime.callFunctionOn", call

    def _call(self, name: str, *args: Mapping[str, Any]) -> dict[str, Any]:
        return self.page.calls(self._request(name, *args))[0]

    def _value(self, name: str, *args: Mapping[str, Any]) -> Any:
        """The result of a function in ``commands.js``. Raises ForwardToDriver if it is undefined or throws."""
        return _value(self.page.calls(self._request(name, *args, by_value=True))[0])

    def _object(self, element: str) -> dict[str, str]:
        """An argument for an element id. Raises ForwardToDriver for one that is not in this document."""
        node = self.page.node(element)
        if node is None:
            raise ForwardToDriver
        object_id_ = self.page.objects.get(element)
        if object_id_ is None:
            answer = self.page.call("DOM.resolveNode", backendNodeId=node)
            object_id_ = self.page.objects[element] = answer["object"]["objectId"]
        return {"objectId": object_id_}

    def _elements(self, objects: list[str]) -> list[dict[str, str]]:
        journey = self.page.journey
        nodes = self.page.calls(*(("DOM.describeNode", {"objectId": obj}) for obj in objects))
        references = []
        for obj, node in zip(objects, nodes, strict=True):
            element = element_id(journey.frame, journey.loader, node["node"]["backendNodeId"])
            self.page.objects.setdefault(element, obj)
            references.append({ELEMENT: element})
        return references


def _value(answer: Mapping[str, Any]) -> Any:
    """The value in a response. Raises ForwardToDriver if it is undefined or an exception."""
    if "exceptionDetails" in answer or "value" not in answer["result"]:
        raise ForwardToDriver
    return answer["result"]["value"]


Answer: TypeAlias = Callable[[DirectCommands, Mapping[str, Any]], Any]

ANSWERS: dict[str, Answer] = {
    Command.GET_TITLE: DirectCommands.title,
    Command.GET_CURRENT_URL: DirectCommands.address,
    Command.FIND_ELEMENT: DirectCommands.find,
    Command.FIND_ELEMENTS: DirectCommands.find_all,
    Command.FIND_CHILD_ELEMENT: DirectCommands.find,
    Command.FIND_CHILD_ELEMENTS: DirectCommands.find_all,
    Command.GET_ELEMENT_TAG_NAME: DirectCommands.tag,
    Command.GET_ELEMENT_TEXT: DirectCommands.text,
    Command.IS_ELEMENT_SELECTED: DirectCommands.selected,
    Command.IS_ELEMENT_ENABLED: DirectCommands.enabled,
    Command.GET_ELEMENT_ATTRIBUTE: DirectCommands.attribute,
    Command.GET_ELEMENT_PROPERTY: DirectCommands.property,
    Command.GET_ELEMENT_VALUE_OF_CSS_PROPERTY: DirectCommands.style,
    Command.W3C_EXECUTE_SCRIPT: DirectCommands.script,
}
"""Handlers of commands that change nothing."""

ACTS: dict[str, Answer] = {
    Command.CLICK_ELEMENT: DirectCommands.click,
    Command.SEND_KEYS_TO_ELEMENT: DirectCommands.type,
}
"""Functions that return the input events of a command, for a page that is ready for them."""
