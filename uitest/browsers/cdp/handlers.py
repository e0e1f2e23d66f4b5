"""Values of single commands, each by one or two requests to a page that keeps its scripts (``commands.js``).

Whether the page is quiet enough for them is decided in ``commands``.
"""

import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, TypeAlias

from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webelement import WebElement

from uitest.browsers.cdp.atoms import Scripts
from uitest.browsers.cdp.keyboard import strokes
from uitest.browsers.cdp.page_session import PageSession, object_id
from uitest.browsers.cdp.transport import Request
from uitest.browsers.sessions.element_references import ELEMENT
from uitest.browsers.sessions.protocols import ForwardToDriver
from uitest.compat.chrome_private import element_id

TOOLS = files("uitest.browsers.cdp").joinpath("commands.js").read_text()

CALL = "function (name, ...given) { return this[name](...given); }"

ATOM = re.compile(r"/\* (?:isDisplayed|getAttribute) \*/return ")
"""Start of Selenium's own scripts, the only ones of ``execute_script`` that are known to change nothing."""

SEARCHES = frozenset({"css selector", "tag name", "xpath"})

LINKS = {"link text": False, "partial link text": True}
"""Searches by the visible text of links, and whether a part of it is enough."""


class Handlers:
    """Handles single commands in one page, which must be quiet.

    Each handler raises ForwardToDriver for what it leaves to chromedriver, and BrowserError.
    """

    def __init__(self, page: PageSession, scripts: Scripts) -> None:
        """Commands that need a script of chromedriver's that is not known are forwarded."""
        self.page = page
        self._scripts = scripts

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
        return self._value("tag", self.object_of(params["id"]))

    def text(self, params: Mapping[str, Any]) -> Any:
        """The element's visible text."""
        return self._value("said", self._script("text"), self.object_of(params["id"]))

    def selected(self, params: Mapping[str, Any]) -> Any:
        """Whether an option, a check box or a radio button is chosen."""
        return self._value("selected", self.object_of(params["id"]))

    def enabled(self, params: Mapping[str, Any]) -> Any:
        """Whether a control takes input."""
        return self._value("enabled", self.object_of(params["id"]))

    def property(self, params: Mapping[str, Any]) -> Any:
        """A property that is plain data."""
        return self._value("property", self.object_of(params["id"]), {"value": params["name"]})["value"]

    def style(self, params: Mapping[str, Any]) -> Any:
        """A computed style that WebDriver shows as the browser does."""
        return self._value("style", self.object_of(params["id"]), {"value": params["propertyName"]})

    def attribute(self, params: Mapping[str, Any]) -> Any:
        """An attribute as written; ``true`` for a boolean attribute."""
        return self._value("attribute", self.object_of(params["id"]), {"value": params["name"]})["value"]

    def script(self, params: Mapping[str, Any]) -> Any:
        """Selenium's own scripts for ``is_displayed`` and ``get_attribute``."""
        script, args = params["script"], params["args"]
        if not ATOM.match(script) or not isinstance(args[0], WebElement):
            raise ForwardToDriver
        function = self.page.evaluate(script, f"(function () {{ {script} }})")
        more = [{"value": arg} for arg in args[1:]]
        return self._value("run", {"objectId": function}, self.object_of(args[0].id), *more)["value"]

    def click(self, params: Mapping[str, Any]) -> list[Request]:
        """The mouse events of a click on an element, or chromedriver's script that chooses an option."""
        element = self.object_of(params["id"])
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
        self._value("typeable", self.object_of(params["id"]))
        return [("Input.dispatchKeyEvent", event) for event in events]

    def _search(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        how, root = params["using"], [self.object_of(params["id"])] if "id" in params else []
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
            "objectId": self.tools(),
            "arguments": [{"value": name}, *args],
            "returnByValue": by_value,
            "awaitPromise": True,
        }
        return "Runtime.callFunctionOn", call

    def tools(self) -> str:
        """Id of the object with the functions of ``commands.js``."""
        return self.page.evaluate("tools", TOOLS)

    def _call(self, name: str, *args: Mapping[str, Any]) -> dict[str, Any]:
        return self.page.calls(self._request(name, *args))[0]

    def _value(self, name: str, *args: Mapping[str, Any]) -> Any:
        """The result of a function in ``commands.js``. Raises ForwardToDriver if it is undefined or throws."""
        return value_of(self.page.calls(self._request(name, *args, by_value=True))[0])

    def object_of(self, element: str) -> dict[str, str]:
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


def value_of(answer: Mapping[str, Any]) -> Any:
    """The value in a response. Raises ForwardToDriver if it is undefined or an exception."""
    if "exceptionDetails" in answer or "value" not in answer["result"]:
        raise ForwardToDriver
    return answer["result"]["value"]


Handler: TypeAlias = Callable[[Handlers, Mapping[str, Any]], Any]

ANSWERS: dict[str, Handler] = {
    Command.GET_TITLE: Handlers.title,
    Command.GET_CURRENT_URL: Handlers.address,
    Command.FIND_ELEMENT: Handlers.find,
    Command.FIND_ELEMENTS: Handlers.find_all,
    Command.FIND_CHILD_ELEMENT: Handlers.find,
    Command.FIND_CHILD_ELEMENTS: Handlers.find_all,
    Command.GET_ELEMENT_TAG_NAME: Handlers.tag,
    Command.GET_ELEMENT_TEXT: Handlers.text,
    Command.IS_ELEMENT_SELECTED: Handlers.selected,
    Command.IS_ELEMENT_ENABLED: Handlers.enabled,
    Command.GET_ELEMENT_ATTRIBUTE: Handlers.attribute,
    Command.GET_ELEMENT_PROPERTY: Handlers.property,
    Command.GET_ELEMENT_VALUE_OF_CSS_PROPERTY: Handlers.style,
    Command.W3C_EXECUTE_SCRIPT: Handlers.script,
}
"""Handlers of commands that change nothing."""

ACTS: dict[str, Handler] = {
    Command.CLICK_ELEMENT: Handlers.click,
    Command.SEND_KEYS_TO_ELEMENT: Handlers.type,
}
"""Functions that return the input events of a command, for a page that is ready for them."""
