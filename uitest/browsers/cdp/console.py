"""Records the console of a case's pages in Chrome over DevTools.

chromedriver has such a log as well, but most cases never need it (see ``commands``), and its times are its own. A case
that reads the log ``browser`` gets entries in chromedriver's format.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from uitest.browsers.cdp.transport import Message, Request

MAX_LINES = 2_000
"""Maximum number of lines; the newest are kept."""

LISTEN: tuple[Request, ...] = (
    ("Runtime.enable", {}),
    ("Log.enable", {}),
    # Frames of other sites are in another process and must be attached to separately.
    (
        "Target.setAutoAttach",
        {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True, "filter": [{"type": "iframe"}]},
    ),
)
"""Requests after which a page sends its earlier and later console lines, and its frames of other sites."""

LEVELS = {
    **dict.fromkeys(("log", "info"), "INFO"),
    **dict.fromkeys(("error", "assert"), "SEVERE"),
    **dict.fromkeys(("warning",), "WARNING"),
    **dict.fromkeys(("debug", "timeEnd", "verbose"), "DEBUG"),
}
"""chromedriver's levels; other calls are not in its log (``console.table``, ``trace``, ``dir``, ``count``)."""

ESCAPES = {code: f"\\u{code:04X}" for code in (*range(32), ord("<"), 0x2028, 0x2029)} | {
    ord(char): f"\\{name}" for char, name in zip('\b\f\n\r\t\\"', 'bfnrt\\"', strict=True)
}
"""How chromedriver writes characters of a text in quotes."""


class LoggedLine(NamedTuple):
    """A line of a console."""

    at: float
    """Seconds since the epoch, by the browser's clock."""
    level: str
    text: str


Entry: TypeAlias = Mapping[str, Any]
"""A line of chromedriver's log."""


class Console:
    """The console of all windows of a case; each line is kept once, though a window may send it again."""

    def __init__(self) -> None:
        self._lines: dict[LoggedLine, None] = {}
        self._new: deque[Entry] = deque(maxlen=MAX_LINES)

    @property
    def lines(self) -> list[LoggedLine]:
        """All lines, in the order of their arrival."""
        return list(self._lines)

    def hear(self, event: Message) -> None:
        """Add the line of an event, if it has one."""
        read = EVENTS.get(event["method"])
        if read is None:
            return
        line, entry = read(event["params"])
        if line in self._lines:
            return
        self._lines[line] = None
        if entry is not None:
            self._new.append(entry)
        if len(self._lines) > MAX_LINES:
            del self._lines[next(iter(self._lines))]

    def take(self) -> list[Entry]:
        """Log entries since the last call, in chromedriver's format, oldest first."""
        entries = list(self._new)
        self._new.clear()
        return entries


def _entry(at: float, kind: str, source: str, *parts: str) -> Entry | None:
    if kind not in LEVELS:
        return None
    return {"level": LEVELS[kind], "message": " ".join(parts), "source": source, "timestamp": int(at * 1000)}


def _console_call(params: Message) -> tuple[LoggedLine, Entry | None]:
    at, args = params["timestamp"] / 1000, params["args"]
    frames = params.get("stackTrace", {}).get("callFrames") or [{"url": "", "lineNumber": 0, "columnNumber": 0}]
    place = f"{frames[0]['lineNumber']}:{frames[0]['columnNumber']}"
    parts = map(_argument_text, args)
    entry = _entry(at, params["type"], "console-api", frames[0]["url"] or "console-api", place, *parts)
    text = " ".join(str(arg.get("value", arg.get("description", ""))) for arg in args)
    return LoggedLine(at, params["type"].upper(), text), entry


def _argument_text(arg: Message) -> str:
    if "description" in arg:
        return str(arg["description"])
    if arg["type"] == "string":
        return '"{}"'.format(arg["value"].translate(ESCAPES))
    return json.dumps(arg["value"]) if "value" in arg else str(arg["type"])


def _exception(params: Message) -> tuple[LoggedLine, Entry | None]:
    at, details = params["timestamp"] / 1000, params["exceptionDetails"]
    thrown = details.get("exception", {})
    text = message = details["text"]
    if "preview" in thrown:
        told_of = {entry_["name"]: entry_.get("value") for entry_ in thrown["preview"]["properties"]}
        message = f"Uncaught {thrown['className']}: {told_of['message']}" if "message" in told_of else ""
    place = f"{details['lineNumber']}:{details['columnNumber']}"
    entry = _entry(at, "error", "javascript", details.get("url") or "javascript", place, message)
    return LoggedLine(at, "ERROR", thrown.get("description") or text), entry


def _log_entry(params: Message) -> tuple[LoggedLine, Entry | None]:
    logged = params["entry"]
    at = logged["timestamp"] / 1000
    place = str(logged["lineNumber"]) if "lineNumber" in logged else "-"
    entry = _entry(at, logged["level"], logged["source"], logged.get("url") or logged["source"], place, logged["text"])
    return LoggedLine(at, logged["level"].upper(), f"{logged['text']} {logged.get('url', '')}".strip()), entry


EVENTS: Mapping[str, Callable[[Message], tuple[LoggedLine, Entry | None]]] = {
    "Runtime.consoleAPICalled": _console_call,
    "Runtime.exceptionThrown": _exception,
    "Log.entryAdded": _log_entry,
}
"""Parsers by event, which return the line, and the entry if chromedriver logs it."""
