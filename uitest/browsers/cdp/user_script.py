"""A case's own scripts as chromedriver would run them: with its code around them, and its way to write values.

chromedriver puts script and arguments into a function of its own. That replaces references by elements, runs the
script, waits for a promise and writes what comes of it as JSON, with references in place of elements. The function is
learned from chromedriver (``atoms``) with a mark for the script and one for the arguments, so what runs in the page is
the same text. What is done outside of the page is done here: arguments are written before, values are read afterwards.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.shadowroot import ShadowRoot
from selenium.webdriver.remote.webelement import WebElement

from uitest.browsers.sessions.element_references import ELEMENT, SHADOW
from uitest.browsers.sessions.protocols import ForwardToDriver
from uitest.compat.chrome_private import element_id

WINDOW = "window-fcc6-11e5-b4f8-330a88ab9d7f"
FRAME = "frame-075b-4da1-b6ba-e579c2d3230a"

REFERENCES = frozenset({ELEMENT, SHADOW, WINDOW, FRAME, "ELEMENT"})

UNREADABLE = "unknown error: cannot deserialize the result value received from Runtime.callFunctionOn"

SCRIPT_MARK, ARGUMENT_MARK = "return 'uitest script'", "uitest argument"

ORIGINAL = re.compile(r"window\.(cdc_\w+)_([A-Za-z]+) \|\| window\.\2\b")
"""How chromedriver's function refers to what it has kept of a window, in its own prefix and the global name."""

NODES = (1, 9, 11)
"""Types of nodes that have ids: elements, documents, shadow roots."""

MOST_LEVELS = 200

DEEPEST = 100
"""Levels of arguments that are written here; what is deeper is chromedriver's to accept or refuse."""


class Arguments:
    """A script's arguments as chromedriver writes them, and the elements in them."""

    def __init__(self, args: Any) -> None:
        """Raises NotOurs for what cannot be written so."""
        self.elements: list[str] = []
        """Ids of the elements and shadow roots, in the order in which the page is to be handed them."""
        written = self._written(args, 0)
        try:
            self.text = json.dumps(written, sort_keys=True, allow_nan=False).replace("<", "\\u003C")
        except (TypeError, ValueError) as exc:
            raise ForwardToDriver from exc

    def _written(self, value: Any, depth: int) -> Any:
        if depth > DEEPEST:
            raise ForwardToDriver
        if isinstance(value, WebElement):
            return self._reference(ELEMENT, value.id)
        if isinstance(value, ShadowRoot):
            return self._reference(SHADOW, value.id)
        if isinstance(value, list | tuple):
            return [self._written(one, depth + 1) for one in value]
        if isinstance(value, dict):
            if not all(isinstance(key, str) and key not in REFERENCES for key in value):
                raise ForwardToDriver
            return {key: self._written(one, depth + 1) for key, one in value.items()}
        if isinstance(value, str) and not value.isascii() and not _is_encodable(value):
            raise ForwardToDriver
        return value

    def _reference(self, key: str, element: str) -> dict[str, int]:
        self.elements.append(element)
        return {key: len(self.elements) - 1}


def function(template: str, script: str, arguments: Arguments) -> str:
    """The function that runs a script. Raises NotOurs for one with half a character."""
    if not _is_encodable(script):
        raise ForwardToDriver
    before, _, rest = template.partition(f'"{SCRIPT_MARK}"')
    between, _, after = rest.partition(f'["{ARGUMENT_MARK}"]')
    line_end = "\n" if "//" in script else ""  # a comment must not hide what comes after the script
    return f"{before}{json.dumps(script + line_end)}{between}{arguments.text}{after}"


def keep_originals(template: str | None) -> str:
    """A statement for the start of a document: keeps what ``template`` is made of, whatever the page replaces later.

    chromedriver does the same under the same names once it is shown a window, which may be after the page's scripts.
    So what is kept here cannot be assigned again.
    """
    names = sorted(set(ORIGINAL.findall(template or "")))
    keep = "{{ const value = window.{1}; Object.defineProperty(window, '{0}_{1}', {{value, enumerable: true}}); }}"
    return "\n".join(keep.format(prefix, name) for prefix, name in names)


def is_template(source: str) -> bool:
    """Whether a function of chromedriver's has each mark once."""
    return source.count(f'"{SCRIPT_MARK}"') == 1 and source.count(f'["{ARGUMENT_MARK}"]') == 1


AGAIN = "throw arguments[0]"
"""Does nothing but fail, so that chromedriver can be asked for class and text of a failure."""


class FailedScript(Exception):
    """A script that has run and failed."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        """``error`` makes ``AGAIN`` fail alike."""
        super().__init__(str(error))
        self.error = error


def outcome(answer: Mapping[str, Any], frame: str, loader: str) -> Any:
    """The value of a script that has ended, from the answer of ``Runtime.callFunctionOn``.

    ``frame`` and ``loader`` are those of the page. Raises FailedScript, and WebDriverException for a value that is not
    read here; chromedriver does not read those with half a character, or with more than 200 levels.
    """
    if "exceptionDetails" in answer:  # chromedriver's own code tripped, as over ``throw null``
        thrown = answer["exceptionDetails"].get("exception", {}).get("description", "")
        raise WebDriverException(f"unknown error: Runtime.callFunctionOn threw exception: {thrown}")
    try:
        text, *nodes = answer["result"]["deepSerializedValue"]["value"]
        response = json.loads(text["value"], parse_int=_integer, parse_constant=_refuse)
        if not isinstance(response, dict):
            raise WebDriverException("unknown error: deserialized Runtime.callFunctionOn result is not a dictionary")
        if response["status"] == 0:
            return _read(response["value"], _references(nodes, frame, loader), 1)
    except (LookupError, TypeError, ValueError, RecursionError) as exc:
        raise WebDriverException(UNREADABLE) from exc
    raise FailedScript({"code": response["status"], "message": response["value"]})


def _references(nodes: list[Mapping[str, Any]], frame: str, loader: str) -> list[tuple[str | None, str]]:
    """Key, if the page cannot know it, and id of what a script returned; the same again is told of by a number only."""
    known: dict[int, Mapping[str, Any]] = {}
    found: list[tuple[str | None, str]] = []
    for node in nodes:
        number = node.get("weakLocalObjectReference")
        told = node.get("value") or known[number]  # type: ignore[index]
        if number is not None:
            known[number] = told
        if node["type"] == "window":
            found.append((WINDOW if told["context"] == frame else FRAME, str(told["context"])))
        elif told["loaderId"] == loader and told["nodeType"] in NODES:
            found.append((None, element_id(frame, loader, told["backendNodeId"])))
        else:
            raise LookupError(node)
    return found


def _read(value: Any, references: list[tuple[str | None, str]], level: int) -> Any:
    """A value with ids in place of numbers, and keys in order, as chromedriver has it."""
    if level > MOST_LEVELS:
        raise ValueError(level)
    if isinstance(value, list):
        return [_read(one, references, level + 1) for one in value]
    if isinstance(value, dict):
        for key in value.keys() & REFERENCES:
            if not isinstance(value[key], int):
                raise WebDriverException("unknown error: node index is missing")
            known, reference = references[value[key]]
            return {known or key: reference}
        return {key: _read(value[key], references, level + 1) for key in sorted(value)}
    if isinstance(value, str) and not _is_encodable(value):
        raise ValueError(value)
    return value


def _integer(digits: str) -> int | float:
    """A whole number: chromedriver has those of more than 31 bits as floating-point numbers and writes them exactly."""
    number = float(digits)
    return int(number) if -(2**63) <= number < 2**63 else number


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _is_encodable(text: str) -> bool:
    """Whether it has no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
