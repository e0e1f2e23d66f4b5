"""WebDriver commands answered over DevTools, without chromedriver.

chromedriver takes 3 to 45 ms of processor time for a command, because it asks the browser several times over (a
click: some fifty times) and sends its scripts along each time. The commands that most cases consist of are
answered here with one or two questions to a page that keeps its scripts. What keeps this honest is one rule:

    Only plain success is answered here. Whatever is not certain goes to chromedriver, which answers as always:
    a page that loads or shows a dialog, a frame, an element that is stale, hidden, covered, out of view or not
    found, every error and its message, and every command that is not in ``ANSWERS``.

Reading twice does no harm, so a reading during which the page began to leave is thrown away and asked of
chromedriver. A click or key stroke is sent once, after all doubts; if the page leaves because of it, chromedriver is
asked to wait for the next one, as it would have after its own. Element ids are chromedriver's
(``f.<frame>.d.<loader>.e.<node>``), so both sides understand both. The text of an element is found by
chromedriver's own script, taken from it once per browser (``learn_text_script``): nobody agrees on visible text
but by running the same code.

``--commands driver`` turns all of this off. Given up: what chromedriver's log would show of these commands.
"""

import contextlib
import json
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, TypeAlias

from selenium.common.exceptions import ElementNotInteractableException, UnexpectedAlertPresentException
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from uitest.browsers.isolation import NotOurs
from uitest.browsers.keys import strokes
from uitest.browsers.lens import ELEMENT
from uitest.browsers.page import Page, object_id
from uitest.browsers.wire import Wire
from uitest.errors import BrowserError

TOOLS = files("uitest.browsers").joinpath("direct.js").read_text()

CALL = "function (name, ...given) { return this[name](...given); }"

ATOM = re.compile(r"/\* (?:isDisplayed|getAttribute) \*/return ")
"""How Selenium's own scripts begin: the only ones of ``execute_script`` known to be questions."""

SEARCHES = frozenset({"css selector", "tag name", "xpath"})


class Direct:
    """Answers for one page of one case."""

    def __init__(self, page: Page, text_script: str | None) -> None:
        """``text_script`` is the function that finds an element's text; without it that is chromedriver's to do."""
        self.page = page
        self._text_script = text_script
        self._typed: str | None = None

    def answer(self, command: Any, params: Mapping[str, Any]) -> Any:
        """The command's value. Raises NotOurs."""
        return self._while_quiet(ANSWERS, command, params)

    def go(self, address: str) -> None:
        """Open the first page of a window, where nobody can object to leaving. Raises NotOurs if it does not open."""
        try:
            if self.page.arrivals or not self.page.is_quiet():
                raise NotOurs
            self.page.go(address)
        except BrowserError as exc:
            raise NotOurs from exc

    def early_dialog(self, command: Any, params: Mapping[str, Any]) -> Any:
        """Answer for a dialog that opened before chromedriver saw the page, and that keeps it from seeing it.

        Every command that is not about the dialog dismisses it and raises UnexpectedAlertPresentException, which is
        WebDriver's way unless a case asks for another: then ``go`` is not ours.
        """
        dialog = self.page.dialog or {}
        if command == Command.W3C_GET_ALERT_TEXT:
            return dialog["message"]
        if command == Command.W3C_SET_ALERT_VALUE and dialog["type"] == "prompt":
            self._typed = str(params["text"])
        elif command in (Command.W3C_ACCEPT_ALERT, Command.W3C_DISMISS_ALERT):
            self.page.close_dialog(accept=command == Command.W3C_ACCEPT_ALERT, text=self._typed)
        elif command == Command.W3C_SET_ALERT_VALUE:
            raise ElementNotInteractableException("User dialog does not have a text box input field.")
        else:
            self.page.close_dialog(accept=False)
            said = dialog["message"]
            raise UnexpectedAlertPresentException(f"unexpected alert open: {{Alert text : {said}}}", alert_text=said)
        return None

    def act(self, command: Any, params: Mapping[str, Any]) -> bool:
        """Click or type; whether the page began to leave because of it. Raises NotOurs before anything was done."""
        inputs = self._while_quiet(ACTS, command, params)
        departures, arrivals = self.page.departures, self.page.arrivals
        with contextlib.suppress(BrowserError):  # a dialog opened, or the window closed: the next command will see
            # The last one is no input: its answer comes when the page has seen to all of them.
            self.page.calls(*inputs, ("Runtime.evaluate", {"expression": "1"}))
            if self.page.departures != departures:
                self.page.await_departure(arrivals)
        return self.page.departures != departures

    def _while_quiet(self, known: Mapping[str, "Answer"], command: Any, params: Mapping[str, Any]) -> Any:
        """What is known of the command, if the page is quiet from beginning to end. Raises NotOurs."""
        answer = known.get(command)
        if answer is None:
            raise NotOurs
        try:
            if self.page.is_quiet():
                value = answer(self, params)
                if self.page.quiet:
                    return value
        except (BrowserError, KeyError, TypeError) as exc:
            raise NotOurs from exc
        raise NotOurs

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
            raise NotOurs
        return self._elements(objects)

    def tag(self, params: Mapping[str, Any]) -> Any:
        """The element's tag name."""
        return self._value("tag", self._object(params["id"]))

    def text(self, params: Mapping[str, Any]) -> Any:
        """The element's text as it is seen."""
        if self._text_script is None:
            raise NotOurs
        script = self.page.evaluate("text", self._text_script)
        answer = self._value("run", {"objectId": script}, self._object(params["id"]))
        said = json.loads(answer["value"][0])
        if said["status"] != 0:
            raise NotOurs
        return said["value"]

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

    def script(self, params: Mapping[str, Any]) -> Any:
        """Selenium's own questions: is it displayed, what is its attribute."""
        script, args = params["script"], params["args"]
        if not ATOM.match(script) or not isinstance(args[0], WebElement):
            raise NotOurs
        function = self.page.evaluate(script, f"(function () {{ {script} }})")
        more = [{"value": arg} for arg in args[1:]]
        return self._value("run", {"objectId": function}, self._object(args[0].id), *more)["value"]

    def click(self, params: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """The mouse events of a click on an element."""
        x, y = self._value("clickable", self._object(params["id"]))
        at = {"x": x, "y": y}
        button = {"button": "left", "clickCount": 1, **at}
        return [
            ("Input.dispatchMouseEvent", {"type": "mouseMoved", **at}),
            ("Input.dispatchMouseEvent", {"type": "mousePressed", "buttons": 1, **button}),
            ("Input.dispatchMouseEvent", {"type": "mouseReleased", **button}),
        ]

    def type(self, params: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """The key events of a text for a plain field, which has the focus then."""
        events = strokes(params["text"])
        if not events:
            raise NotOurs
        self._value("typeable", self._object(params["id"]))
        return [("Input.dispatchKeyEvent", event) for event in events]

    def _search(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        if params["using"] not in SEARCHES:
            raise NotOurs
        root = [self._object(params["id"])] if "id" in params else []
        return [{"value": params["using"]}, {"value": params["value"]}, *root]

    def _call(self, name: str, *args: Mapping[str, Any], by_value: bool = False) -> dict[str, Any]:
        tools = self.page.evaluate("tools", TOOLS)
        return self.page.call(
            "Runtime.callFunctionOn",
            functionDeclaration=CALL,
            objectId=tools,
            arguments=[{"value": name}, *args],
            returnByValue=by_value,
            awaitPromise=True,
        )

    def _value(self, name: str, *args: Mapping[str, Any]) -> Any:
        """What a tool says. Raises NotOurs for undefined and for whatever it throws."""
        answer = self._call(name, *args, by_value=True)
        if "exceptionDetails" in answer or "value" not in answer["result"]:
            raise NotOurs
        return answer["result"]["value"]

    def _object(self, element: str) -> dict[str, str]:
        """An element by its id as an argument. Raises NotOurs for one of another document, or gone."""
        node = self.page.node(element)
        if node is None:
            raise NotOurs
        known = self.page.objects.get(element)
        if known is None:
            answer = self.page.call("DOM.resolveNode", backendNodeId=node)
            known = self.page.objects[element] = answer["object"]["objectId"]
        return {"objectId": known}

    def _elements(self, objects: list[str]) -> list[dict[str, str]]:
        document = f"f.{self.page.frame}.d.{self.page.loader}"
        nodes = self.page.calls(*(("DOM.describeNode", {"objectId": obj}) for obj in objects))
        found = []
        for obj, node in zip(objects, nodes, strict=True):
            element = f"{document}.e.{node['node']['backendNodeId']}"
            self.page.objects.setdefault(element, obj)
            found.append({ELEMENT: element})
        return found


Answer: TypeAlias = Callable[[Direct, Mapping[str, Any]], Any]

ANSWERS: dict[str, Answer] = {
    Command.GET_TITLE: Direct.title,
    Command.GET_CURRENT_URL: Direct.address,
    Command.FIND_ELEMENT: Direct.find,
    Command.FIND_ELEMENTS: Direct.find_all,
    Command.FIND_CHILD_ELEMENT: Direct.find,
    Command.FIND_CHILD_ELEMENTS: Direct.find_all,
    Command.GET_ELEMENT_TAG_NAME: Direct.tag,
    Command.GET_ELEMENT_TEXT: Direct.text,
    Command.IS_ELEMENT_SELECTED: Direct.selected,
    Command.IS_ELEMENT_ENABLED: Direct.enabled,
    Command.GET_ELEMENT_PROPERTY: Direct.property,
    Command.GET_ELEMENT_VALUE_OF_CSS_PROPERTY: Direct.style,
    Command.W3C_EXECUTE_SCRIPT: Direct.script,
}
"""Questions: asking them changes nothing."""

ACTS: dict[str, Answer] = {
    Command.CLICK_ELEMENT: Direct.click,
    Command.SEND_KEYS_TO_ELEMENT: Direct.type,
}
"""From a command to the inputs it consists of, for a page that is ready to take them."""


def learn_text_script(wire: Wire, driver: WebDriver) -> str | None:
    """The function with which chromedriver finds an element's text, None if it cannot be seen.

    chromedriver is asked for the text of its current page while our own debugger watches which script it sends.
    Called with an element it resolves to ``['{"status": 0, "value": "the text"}']``.
    """
    root = driver.find_element("css selector", "html")
    try:
        target = driver.current_window_handle
        session = wire.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        wire.calls([("Debugger.enable", {})], session)
        wire.take_events()
        _ = root.text
        wire.calls([("Runtime.evaluate", {"expression": "1"})], session)  # all that was told before has arrived with it
        told = [event["params"] for event in wire.take_events() if event["method"] == "Debugger.scriptParsed"]
        asked = [("Debugger.getScriptSource", {"scriptId": script["scriptId"]}) for script in told]
        sources = [answer["scriptSource"] for answer in wire.calls(asked, session)]
        wire.call("Target.detachFromTarget", sessionId=session)
    except (BrowserError, KeyError):
        return None
    return next((source for source in sources if "callFunction" in source), None)
