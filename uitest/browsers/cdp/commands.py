"""WebDriver commands answered over DevTools, without chromedriver.

chromedriver takes 3 to 45 ms of processor time for a command, because it asks the browser several times over (a
click: some fifty times) and sends its scripts along each time. The commands that most cases consist of are
answered here with one or two questions to a page that keeps its scripts. What keeps this honest is one rule:

    Only plain success is answered here. Whatever is not certain goes to chromedriver, which answers as always:
    a page that loads or shows a dialog, a frame, an element that is stale, hidden, covered, out of view or not
    found, every error and its message, and every command that is not in ``ANSWERS``.

There are two exceptions: what is wrong with a dialog or a window that chromedriver cannot be shown is said in its words
(``dialogs``), and a case's own script runs once, in chromedriver's own code (``user_script``).

Reading twice does no harm, so a reading during which the page began to leave is thrown away and asked of
chromedriver. A click or key stroke is sent once, after all doubts; if the page leaves because of it, chromedriver is
asked to wait for the next one, as it would have after its own. Element ids are chromedriver's
(``f.<frame>.d.<loader>.e.<node>``), so both sides understand both. The text of an element is found by
chromedriver's own script, taken from it once (``atoms``): nobody agrees on visible text but by running the
same code. So is an option of a drop-down chosen.

Most cases get by without chromedriver, and it is told of a window only when there is something to ask it (some 30 ms of
processor time a case). Until then nobody else watches the page (``Page.unattended``), and what chromedriver would see
to is seen to here: each command waits for a page that loads, and a dialog is for the case to answer, or is closed by
the next command as WebDriver says (``dialogs``).

``--commands driver`` turns all of this off. Given up: what chromedriver's log would show of these commands, and some 30
ms of the first command that needs it.
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
"""How Selenium's own scripts begin: the only ones of ``execute_script`` known to be questions."""

SEARCHES = frozenset({"css selector", "tag name", "xpath"})

LINKS = {"link text": False, "partial link text": True}
"""Searches by the text of links as it is seen, and whether a part of it is enough."""

RUNS = 3
"""How often chromedriver runs a script that its page leaves: again in the next one."""

TRIES = 5
"""How often a page may leave while it is asked."""


class DirectCommands:
    """Answers for one page of one case."""

    def __init__(self, page: PageSession, scripts: Scripts) -> None:
        """What has no script is chromedriver's to do."""
        self.page = page
        self.dialogs = Dialogs(page)
        self._scripts = scripts

    def answer(self, command: Any, params: Mapping[str, Any]) -> Any:
        """The command's value. Raises NotOurs."""
        return self._while_quiet(ANSWERS, command, params)

    def go(self, address: str) -> None:
        """Open a page where nobody can object to leaving. Raises NotOurs if it does not open."""
        self._load(lambda: self.page.go(address), may=self.page.unattended or not self.page.journey.arrivals)

    def reload(self) -> None:
        """Load the page again. Raises NotOurs if chromedriver watches."""
        self._load(self.page.reload, may=self.page.unattended)

    def _load(self, load: Callable[[], None], *, may: bool) -> None:
        try:
            if not may or not self._is_ready():
                raise ForwardToDriver
            load()
        except BrowserError as exc:
            raise ForwardToDriver from exc

    def _is_ready(self) -> bool:
        """Whether the page is quiet; waits for it if nobody else does. Raises BrowserError."""
        if self.page.unattended:
            self.page.await_whole()
        return self.page.is_quiet()

    def act(self, command: Any, params: Mapping[str, Any]) -> bool:
        """Click or type; whether the page began to leave because of it. Raises NotOurs before anything was done."""
        inputs = self._while_quiet(ACTS, command, params)
        departures = self.page.journey.departures
        with contextlib.suppress(BrowserError):  # a dialog opened, or the window closed: the next command will see
            # The last one is no input: its answer comes when the page has seen to all of them.
            first, *_ = self.page.calls(*inputs, ECHO)
            if not self._see_off(departures) and "result" in first:  # it is a tool's
                _value(first)
        return self.page.journey.departures != departures

    def _see_off(self, departures: int) -> bool:
        """Whether the page has begun to leave since, once it is where it goes. Raises BrowserError."""
        if self.page.journey.departures == departures:
            return False
        self.page.await_departure()
        if self.page.unattended:
            self.page.await_whole()
        return True

    def run(self, script: Any, args: Any, limit: float | None = None) -> tuple[Any, bool]:
        """The value of a case's own script, and whether the page began to leave because of it.

        ``limit`` is the seconds that the script may take, None for as long as it likes. Raises NotOurs before the
        script has run, FailedScript if it failed, and TimeoutException.
        """
        if self._scripts.run is None or not isinstance(script, str) or script.startswith(":"):
            raise ForwardToDriver
        arguments = Arguments(args)
        for _ in range(RUNS):
            call = self._prepared(script, arguments)
            try:
                return self._ran(call, limit)
            except RefusedError as exc:
                aborted = exc.reason
            with contextlib.suppress(BrowserError):
                self.page.await_whole()
        raise TimeoutException(f"timeout\nfrom aborted by navigation: {aborted}")

    def _prepared(self, script: str, arguments: Arguments) -> Request:
        """The call that runs a script in a page that is quiet. Raises NotOurs."""
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
        """The call that runs a script. Raises NotOurs and BrowserError.

        The page is asked something else first: the script must not wait behind a dialog that nobody has heard of yet.
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

    def _ran(self, call: Request, limit: float | None) -> tuple[Any, bool]:
        """What a script came to. Raises FailedScript and WebDriverException, never NotOurs: it has run.

        Raises RefusedError if the page left before the script had ended.
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
        with contextlib.suppress(BrowserError):  # a dialog opened, or the window closed: the next command will see
            self.page.calls(ECHO)
            self._see_off(departures)
        return outcome(result, frame, loader), journey.departures != departures

    def _while_quiet(self, known: Mapping[str, "Answer"], command: Any, params: Mapping[str, Any]) -> Any:
        """What is known of the command, if the page is quiet from beginning to end. Raises NotOurs."""
        answer = known.get(command)
        if answer is None:
            raise ForwardToDriver
        for _ in range(TRIES if self.page.unattended else 1):
            arrivals = self.page.journey.arrivals
            try:
                if not self._is_ready():
                    break
                value = answer(self, params)
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
        """The first element; none at all is chromedriver's to say, which knows how long to look."""
        found = self._call("find", *self._search(params))
        return self._elements([object_id(found)])[0]

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
        """The element's text as it is seen."""
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
        """An attribute as it is written; ``true`` for one that says something by being there."""
        return self._value("attribute", self._object(params["id"]), {"value": params["name"]})["value"]

    def script(self, params: Mapping[str, Any]) -> Any:
        """Selenium's own questions: is it displayed, what is its attribute."""
        script, args = params["script"], params["args"]
        if not ATOM.match(script) or not isinstance(args[0], WebElement):
            raise ForwardToDriver
        function = self.page.evaluate(script, f"(function () {{ {script} }})")
        more = [{"value": arg} for arg in args[1:]]
        return self._value("run", {"objectId": function}, self._object(args[0].id), *more)["value"]

    def click(self, params: Mapping[str, Any]) -> list[Request]:
        """The mouse events of a click on an element, or chromedriver's way to choose an option."""
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
        """The key events of a text for a plain field, which has the focus then."""
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
        """One of chromedriver's own scripts as an argument. Raises NotOurs if it is not known."""
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
        """What a tool says. Raises NotOurs for undefined and for whatever it throws."""
        return _value(self.page.calls(self._request(name, *args, by_value=True))[0])

    def _object(self, element: str) -> dict[str, str]:
        """An element by its id as an argument. Raises NotOurs for one of another document, or gone."""
        node = self.page.node(element)
        if node is None:
            raise ForwardToDriver
        known = self.page.objects.get(element)
        if known is None:
            answer = self.page.call("DOM.resolveNode", backendNodeId=node)
            known = self.page.objects[element] = answer["object"]["objectId"]
        return {"objectId": known}

    def _elements(self, objects: list[str]) -> list[dict[str, str]]:
        journey = self.page.journey
        nodes = self.page.calls(*(("DOM.describeNode", {"objectId": obj}) for obj in objects))
        found = []
        for obj, node in zip(objects, nodes, strict=True):
            element = element_id(journey.frame, journey.loader, node["node"]["backendNodeId"])
            self.page.objects.setdefault(element, obj)
            found.append({ELEMENT: element})
        return found


def _value(answer: Mapping[str, Any]) -> Any:
    """What a tool's answer holds. Raises NotOurs for undefined and for whatever it throws."""
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
"""Questions: asking them changes nothing."""

ACTS: dict[str, Answer] = {
    Command.CLICK_ELEMENT: DirectCommands.click,
    Command.SEND_KEYS_TO_ELEMENT: DirectCommands.type,
}
"""From a command to the inputs it consists of, for a page that is ready to take them."""
