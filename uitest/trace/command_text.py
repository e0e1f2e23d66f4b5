"""Describes a WebDriver command for readers: its name, target, arguments and result. Pure.

Secrets are left out: text for a field that is or may be a password field, the keys of an action, the value of a cookie.
Trade-off: arguments and results of scripts are shown as they are, since their meaning is not known.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.shadowroot import ShadowRoot
from selenium.webdriver.remote.webelement import WebElement

from uitest.trace.elements import Elements

RESULT_LIMIT = 200
"""Characters of a text that a step shows."""
MASKING_LIMIT = 20_000
"""Characters of a text that are masked before it is cut to ``RESULT_LIMIT``."""

DOTS = "••••••••"
"""Replaces typed text of any length."""

ATOM = re.compile(r"/\* (isDisplayed|getAttribute) \*/")
"""Start of the scripts that Selenium sends for its own commands."""

NAMES: Mapping[str, str] = {
    Command.GET: "open",
    Command.GO_BACK: "back",
    Command.GO_FORWARD: "forward",
    Command.REFRESH: "reload",
    Command.CLICK_ELEMENT: "click",
    Command.SEND_KEYS_TO_ELEMENT: "type",
    Command.CLEAR_ELEMENT: "clear",
    Command.W3C_ACTIONS: "actions",
    Command.W3C_CLEAR_ACTIONS: "release actions",
    Command.FIND_ELEMENT: "find",
    Command.FIND_ELEMENTS: "find all",
    Command.FIND_CHILD_ELEMENT: "find",
    Command.FIND_CHILD_ELEMENTS: "find all",
    Command.FIND_ELEMENT_FROM_SHADOW_ROOT: "find",
    Command.FIND_ELEMENTS_FROM_SHADOW_ROOT: "find all",
    Command.W3C_GET_ACTIVE_ELEMENT: "focused element",
    Command.GET_SHADOW_ROOT: "shadow root",
    Command.GET_ELEMENT_TEXT: "text",
    Command.GET_ELEMENT_TAG_NAME: "tag",
    Command.GET_ELEMENT_ATTRIBUTE: "attribute",
    Command.GET_ELEMENT_PROPERTY: "property",
    Command.GET_ELEMENT_VALUE_OF_CSS_PROPERTY: "style",
    Command.GET_ELEMENT_RECT: "place and size",
    Command.GET_ELEMENT_ARIA_ROLE: "role",
    Command.GET_ELEMENT_ARIA_LABEL: "accessible name",
    Command.IS_ELEMENT_SELECTED: "is selected",
    Command.IS_ELEMENT_ENABLED: "is enabled",
    Command.W3C_EXECUTE_SCRIPT: "script",
    Command.W3C_EXECUTE_SCRIPT_ASYNC: "script",
    Command.GET_TITLE: "title",
    Command.GET_CURRENT_URL: "address",
    Command.GET_PAGE_SOURCE: "page source",
    Command.SCREENSHOT: "screenshot",
    Command.ELEMENT_SCREENSHOT: "screenshot",
    Command.SWITCH_TO_WINDOW: "switch to window",
    Command.SWITCH_TO_FRAME: "switch to frame",
    Command.SWITCH_TO_PARENT_FRAME: "switch to parent frame",
    Command.NEW_WINDOW: "new window",
    Command.CLOSE: "close window",
    Command.QUIT: "quit",
    Command.W3C_GET_CURRENT_WINDOW_HANDLE: "window",
    Command.W3C_GET_WINDOW_HANDLES: "windows",
    Command.GET_WINDOW_RECT: "window size",
    Command.SET_WINDOW_RECT: "resize window",
    Command.W3C_MAXIMIZE_WINDOW: "maximise window",
    Command.MINIMIZE_WINDOW: "minimise window",
    Command.FULLSCREEN_WINDOW: "full screen",
    Command.W3C_GET_ALERT_TEXT: "dialog's text",
    Command.W3C_SET_ALERT_VALUE: "type into dialog",
    Command.W3C_ACCEPT_ALERT: "accept dialog",
    Command.W3C_DISMISS_ALERT: "dismiss dialog",
    Command.ADD_COOKIE: "set cookie",
    Command.GET_COOKIE: "cookie",
    Command.GET_ALL_COOKIES: "cookies",
    Command.DELETE_COOKIE: "delete cookie",
    Command.DELETE_ALL_COOKIES: "delete cookies",
    Command.SET_TIMEOUTS: "set timeouts",
    Command.GET_TIMEOUTS: "timeouts",
    Command.GET_LOG: "log",
    Command.UPLOAD_FILE: "send file",
    Command.PRINT_PAGE: "print",
    "executeCdpCommand": "DevTools",
}
ATOM_NAMES = {"isDisplayed": "is displayed", "getAttribute": "attribute"}

SCRIPTS = frozenset({Command.W3C_EXECUTE_SCRIPT, Command.W3C_EXECUTE_SCRIPT_ASYNC})

DIALOGS = frozenset(
    {
        Command.W3C_GET_ALERT_TEXT,
        Command.W3C_SET_ALERT_VALUE,
        Command.W3C_ACCEPT_ALERT,
        Command.W3C_DISMISS_ALERT,
    }
)
"""Commands for a dialog."""

LEAVE_DIALOG = frozenset({Command.SWITCH_TO_WINDOW, Command.CLOSE})
"""Commands that may change the page and leave a dialog open. https://www.w3.org/TR/webdriver2/#switch-to-window"""

CHANGES = frozenset(
    {
        Command.GET,
        Command.GO_BACK,
        Command.GO_FORWARD,
        Command.REFRESH,
        Command.CLICK_ELEMENT,
        Command.SEND_KEYS_TO_ELEMENT,
        Command.CLEAR_ELEMENT,
        Command.W3C_ACTIONS,
        Command.W3C_CLEAR_ACTIONS,
        Command.SWITCH_TO_FRAME,
        Command.SWITCH_TO_PARENT_FRAME,
        Command.SET_WINDOW_RECT,
        Command.W3C_MAXIMIZE_WINDOW,
        Command.MINIMIZE_WINDOW,
        Command.FULLSCREEN_WINDOW,
        Command.W3C_ACCEPT_ALERT,
        Command.W3C_DISMISS_ALERT,
        "executeCdpCommand",
        *LEAVE_DIALOG,
        *SCRIPTS,
    }
)
"""Commands after which the page may look different, or another page is shown."""

COOKIE_FIELDS = ("name", "domain", "path")
PICTURES = frozenset({Command.SCREENSHOT, Command.ELEMENT_SCREENSHOT, Command.PRINT_PAGE})


def atom(command: str, params: Mapping[str, Any]) -> str | None:
    """Name of the Selenium command that a script stands for, None for a script of the case."""
    match = ATOM.match(str(params.get("script"))) if command in SCRIPTS else None
    return match[1] if match else None


def name(command: str, params: Mapping[str, Any]) -> str:
    """The readable name of a command."""
    script = atom(command, params)
    return ATOM_NAMES[script] if script else NAMES.get(command, _spaced(command))


def changes(command: str, params: Mapping[str, Any], *, waiting: bool) -> bool:
    """Whether the page may look different afterwards; scripts sent by a wait are assumed to change nothing."""
    if command in SCRIPTS:
        return not waiting and atom(command, params) is None
    return command in CHANGES


def element(command: str, params: Mapping[str, Any]) -> str | None:
    """Id of the element that the command acts on, or None."""
    if atom(command, params):
        first = params["args"][0] if params.get("args") else None
        return first.id if isinstance(first, WebElement) else None
    return None if command == Command.SWITCH_TO_FRAME or _is_search(params) else params.get("id")


def reads_value(command: str, params: Mapping[str, Any]) -> bool:
    """Whether the result may be text that was typed into a field."""
    attribute = params["args"][-1] if atom(command, params) == "getAttribute" else params.get("name")
    is_reading = command in (Command.GET_ELEMENT_PROPERTY, Command.GET_ELEMENT_ATTRIBUTE) or atom(command, params)
    return bool(is_reading) and attribute == "value"


def what(command: str, params: Mapping[str, Any], elements: Elements) -> str:
    """The command's selector or address, a script's first line, or an empty text."""
    if command == Command.GET:
        return str(params.get("url", ""))
    if _is_search(params):
        return elements.searched(params)
    element_id = element(command, params)
    if element_id is not None:
        return elements.name(element_id)
    if command in SCRIPTS:
        return next((line.strip() for line in str(params.get("script")).splitlines() if line.strip()), "")
    if command == Command.SWITCH_TO_FRAME:
        frame = params.get("id")
        return elements.name(frame.id) if isinstance(frame, WebElement) else "top" if frame is None else str(frame)
    if command == "executeCdpCommand":
        return str(params.get("cmd", ""))
    return ""


def given(command: str, params: Mapping[str, Any], elements: Elements, *, secret: bool) -> str:
    """The command's other arguments; ``secret`` hides typed text."""
    if command in (Command.SEND_KEYS_TO_ELEMENT, Command.W3C_SET_ALERT_VALUE):
        return DOTS if secret else _keys(str(params.get("text", "")))
    script = atom(command, params)
    if script:
        return str(params["args"][-1]) if script == "getAttribute" else ""
    if command in SCRIPTS:
        return ", ".join(plain(arg, elements) for arg in params.get("args", ()))
    if command == Command.W3C_ACTIONS:
        return _actions(params.get("actions", ()))
    if command == Command.ADD_COOKIE:
        cookie = params.get("cookie", {})
        return " ".join(str(cookie[field]) for field in COOKIE_FIELDS if field in cookie)
    if command == Command.UPLOAD_FILE or _is_search(params):
        return ""
    rest = {key: value for key, value in params.items() if key not in ("id", "url", "cmd", "sessionId", "shadowId")}
    return ", ".join(argument if isinstance(argument, str) else plain(argument, elements) for argument in rest.values())


def result(command: str, params: Mapping[str, Any], value: Any, elements: Elements, *, secret: bool) -> str:
    """The command's result; empty where it is obvious."""
    if value is None or (_is_search(params) and isinstance(value, WebElement)):
        return ""
    if secret and reads_value(command, params):
        return DOTS
    if command in PICTURES:
        return ""
    if command == Command.GET_PAGE_SOURCE:
        return f"{len(value):,} characters"
    if command == Command.W3C_GET_WINDOW_HANDLES:
        return f"{len(value)} window{'s' * (len(value) != 1)}"
    if command in (Command.GET_COOKIE, Command.GET_ALL_COOKIES):
        return ", ".join(str(cookie["name"]) for cookie in (value if isinstance(value, list) else [value]))
    if _is_search(params):
        return f"{len(value)} element{'s' * (len(value) != 1)}"
    return plain(value, elements)


def answer_name(command: str, what: str) -> str:
    """The name for elements that a command returns."""
    return f"element of: {what}" if command in SCRIPTS else what or name(command, {})


def failure(exc: BaseException) -> str:
    """An exception in one line."""
    message = str(getattr(exc, "msg", None) or exc).strip().partition("; For documentation on this error")[0]
    return f"{type(exc).__name__}: {message}".splitlines()[0].removesuffix(": ")


def plain(value: Any, elements: Elements) -> str:
    """A script's argument or result as text."""
    if isinstance(value, WebElement | ShadowRoot):
        return elements.name(value.id)
    if isinstance(value, str):
        return f"“{value[:MASKING_LIMIT]}”"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {plain(value[key], elements)}" for key in list(value)[:20]) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(plain(item, elements) for item in value[:20]) + "]"
    return json.dumps(value, default=repr)


def short(text: str, mask: Callable[[str], str]) -> str:
    """``text`` masked and then cut to ``RESULT_LIMIT``; a secret that was cut first would not be recognised."""
    text = mask(text[:MASKING_LIMIT])
    return text if len(text) <= RESULT_LIMIT else text[: RESULT_LIMIT - 1] + "…"


def _is_search(params: Mapping[str, Any]) -> bool:
    return "using" in params and "value" in params


_KEYS = {value: key for key, value in vars(Keys).items() if isinstance(value, str) and key.isupper()}


def _keys(text: str) -> str:
    """``text`` with the names of special keys in brackets."""
    return "".join(f"[{_KEYS[key].lower().replace('_', ' ')}]" if key in _KEYS else key for key in text)


def _actions(sources: Sequence[Mapping[str, Any]]) -> str:
    """Pointer actions by name, and the number of keys, as the keys may be a password."""
    moves = [
        action["type"] for source in sources for action in source.get("actions", ()) if source.get("type") != "key"
    ]
    keys = sum(
        action["type"] == "keyDown"
        for source in sources
        for action in source.get("actions", ())
        if source["type"] == "key"
    )
    names = [_spaced(move) for move in moves if move != "pause"]
    return ", ".join([*names, *([f"{keys} key{'s' * (keys != 1)}"] if keys else [])])


def _spaced(command: str) -> str:
    """``deleteAllCookies`` as ``delete all cookies``."""
    return re.sub(r"(?<=[a-z])([A-Z])", lambda match: " " + match[1].lower(), command)
