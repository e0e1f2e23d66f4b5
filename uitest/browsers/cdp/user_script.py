"""Runs a case's own scripts within chromedriver's wrapper function, with its serialisation.

chromedriver embeds script and arguments in a function that replaces references by elements, runs the script, awaits a
promise and serialises the result as JSON, with references in place of elements. That function is recorded from
chromedriver (``atoms``), with marks for script and arguments, so that the same code runs in the page. Arguments are
serialised and results parsed here.
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

MAX_LEVELS = 200

MAX_ARGUMENT_LEVELS = 100
"""Maximum nesting of arguments here; deeper ones are forwarded to chromedriver."""


class Arguments:
    """A script's arguments, serialised as by chromedriver, and the elements in them."""

    def __init__(self, args: Any) -> None:
        """Raises ForwardToDriver for arguments that cannot be serialised here."""
        self.elements: list[str] = []
        """Ids of the elements and shadow roots, in the order of their references."""
        written = self._written(args, 0)
        try:
            self.text = json.dumps(written, sort_keys=True, allow_nan=False).replace("<", "\\u003C")
        except (TypeError, ValueError) as exc:
            raise ForwardToDriver from exc

    def _written(self, value: Any, depth: int) -> Any:
        if depth > MAX_ARGUMENT_LEVELS:
            raise ForwardToDriver
        if isinstance(value, WebElement):
            return self._reference(ELEMENT, value.id)
        if isinstance(value, ShadowRoot):
            return self._reference(SHADOW, value.id)
        if isinstance(value, list | tuple):
            return [self._written(item, depth + 1) for item in value]
        if isinstance(value, dict):
            if not all(isinstance(key, str) and key not in REFERENCES for key in value):
                raise ForwardToDriver
            return {key: self._written(item, depth + 1) for key, item in value.items()}
        if isinstance(value, str) and not value.isascii() and not _is_encodable(value):
            raise ForwardToDriver
        return value

    def _reference(self, key: str, element: str) -> dict[str, int]:
        self.elements.append(element)
        return {key: len(self.elements) - 1}


def function(template: str, script: str, arguments: Arguments) -> str:
    """The function that runs a script. Raises ForwardToDriver for one with a lone surrogate."""
    if not _is_encodable(script):
        raise ForwardToDriver
    before, _, rest = template.partition(f'"{SCRIPT_MARK}"')
    between, _, after = rest.partition(f'["{ARGUMENT_MARK}"]')
    line_end = "\n" if "//" in script else ""  # ends a comment at the end of the script
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
    """Whether a function of chromedriver has each mark exactly once."""
    return source.count(f'"{SCRIPT_MARK}"') == 1 and source.count(f'["{ARGUMENT_MARK}"]') == 1


AGAIN = "throw arguments[0]"
"""A script that only throws, with which chromedriver produces class and message of a failure."""


class FailedScript(Exception):
    """A script has run and thrown."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        """``error`` is the argument with which ``AGAIN`` throws the same error."""
        super().__init__(str(error))
        self.error = error


def outcome(answer: Mapping[str, Any], frame: str, loader: str) -> Any:
    """The value of a script, from the response of ``Runtime.callFunctionOn``.

    ``frame`` and ``loader`` are those of the page. Raises FailedScript, and WebDriverException for a value that
    chromedriver cannot read either: one with a lone surrogate or more than 200 levels.
    """
    if "exceptionDetails" in answer:  # an error in chromedriver's function, as after ``throw null``
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
    """Key (if the page cannot know it) and id of the nodes in a result, where repeated nodes have only a number."""
    by_number: dict[int, Mapping[str, Any]] = {}
    references: list[tuple[str | None, str]] = []
    for node in nodes:
        number = node.get("weakLocalObjectReference")
        description = node.get("value") or by_number[number]  # type: ignore[index]
        if number is not None:
            by_number[number] = description
        if node["type"] == "window":
            references.append((WINDOW if description["context"] == frame else FRAME, str(description["context"])))
        elif description["loaderId"] == loader and description["nodeType"] in NODES:
            references.append((None, element_id(frame, loader, description["backendNodeId"])))
        else:
            raise LookupError(node)
    return references


def _read(value: Any, references: list[tuple[str | None, str]], level: int) -> Any:
    """A value with ids in place of reference numbers, and with sorted keys, as in chromedriver."""
    if level > MAX_LEVELS:
        raise ValueError(level)
    if isinstance(value, list):
        return [_read(item, references, level + 1) for item in value]
    if isinstance(value, dict):
        for key in value.keys() & REFERENCES:
            if not isinstance(value[key], int):
                raise WebDriverException("unknown error: node index is missing")
            fixed_key, reference = references[value[key]]
            return {fixed_key or key: reference}
        return {key: _read(value[key], references, level + 1) for key in sorted(value)}
    if isinstance(value, str) and not _is_encodable(value):
        raise ValueError(value)
    return value


def _integer(digits: str) -> int | float:
    """A whole number, as in chromedriver, which handles more than 31 bits as floating-point numbers."""
    number = float(digits)
    return int(number) if -(2**63) <= number < 2**63 else number


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _is_encodable(text: str) -> bool:
    """Whether the text has no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
