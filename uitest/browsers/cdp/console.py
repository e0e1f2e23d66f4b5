"""What the pages of a case in Chrome log, heard over DevTools.

chromedriver would tell as well, but most cases never need it (see ``commands``), and its log knows no times but its
own. A case that asks for the log ``browser`` gets it in chromedriver's words: what a test looks for there is what it
finds.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from uitest.browsers.cdp.transport import Message, Request

LINES_KEPT = 2_000
"""Newest lines kept: a page that logs for ever must not fill the memory."""

LISTEN: tuple[Request, ...] = (
    ("Runtime.enable", {}),
    ("Log.enable", {}),
    # Frames of other sites log by themselves: they live in another process.
    (
        "Target.setAutoAttach",
        {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True, "filter": [{"type": "iframe"}]},
    ),
)
"""Commands after which a page tells what it logs and has logged so far, and of its frames that have to be told too."""

LEVELS = {
    **dict.fromkeys(("log", "info"), "INFO"),
    **dict.fromkeys(("error", "assert"), "SEVERE"),
    **dict.fromkeys(("warning",), "WARNING"),
    **dict.fromkeys(("debug", "timeEnd", "verbose"), "DEBUG"),
}
"""chromedriver's levels; what has none is not in its log (``console.table``, ``trace``, ``dir``, ``count``)."""

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
    """Of all windows of one case, each line once: a window that is looked at again tells everything again."""

    def __init__(self) -> None:
        self._lines: dict[LoggedLine, None] = {}
        self._new: deque[Entry] = deque(maxlen=LINES_KEPT)

    @property
    def lines(self) -> list[LoggedLine]:
        """In the order in which they were heard."""
        return list(self._lines)

    def hear(self, event: Message) -> None:
        """Remember what an event tells of, if it tells of something logged."""
        read = EVENTS.get(event["method"])
        if read is None:
            return
        line, entry = read(event["params"])
        if line in self._lines:
            return
        self._lines[line] = None
        if entry is not None:
            self._new.append(entry)
        if len(self._lines) > LINES_KEPT:
            del self._lines[next(iter(self._lines))]

    def take(self) -> list[Entry]:
        """chromedriver's log since it was last taken, oldest first."""
        taken = list(self._new)
        self._new.clear()
        return taken


def _entry(at: float, kind: str, source: str, *words: str) -> Entry | None:
    if kind not in LEVELS:
        return None
    return {"level": LEVELS[kind], "message": " ".join(words), "source": source, "timestamp": int(at * 1000)}


def _said(params: Message) -> tuple[LoggedLine, Entry | None]:
    at, args = params["timestamp"] / 1000, params["args"]
    frames = params.get("stackTrace", {}).get("callFrames") or [{"url": "", "lineNumber": 0, "columnNumber": 0}]
    place = f"{frames[0]['lineNumber']}:{frames[0]['columnNumber']}"
    words = map(_word, args)
    entry = _entry(at, params["type"], "console-api", frames[0]["url"] or "console-api", place, *words)
    text = " ".join(str(arg.get("value", arg.get("description", ""))) for arg in args)
    return LoggedLine(at, params["type"].upper(), text), entry


def _word(arg: Message) -> str:
    if "description" in arg:
        return str(arg["description"])
    if arg["type"] == "string":
        return '"{}"'.format(arg["value"].translate(ESCAPES))
    return json.dumps(arg["value"]) if "value" in arg else str(arg["type"])


def _thrown(params: Message) -> tuple[LoggedLine, Entry | None]:
    at, told = params["timestamp"] / 1000, params["exceptionDetails"]
    thrown = told.get("exception", {})
    text = said = told["text"]
    if "preview" in thrown:
        told_of = {one["name"]: one.get("value") for one in thrown["preview"]["properties"]}
        said = f"Uncaught {thrown['className']}: {told_of['message']}" if "message" in told_of else ""
    place = f"{told['lineNumber']}:{told['columnNumber']}"
    entry = _entry(at, "error", "javascript", told.get("url") or "javascript", place, said)
    return LoggedLine(at, "ERROR", thrown.get("description") or text), entry


def _entered(params: Message) -> tuple[LoggedLine, Entry | None]:
    told = params["entry"]
    at = told["timestamp"] / 1000
    place = str(told["lineNumber"]) if "lineNumber" in told else "-"
    entry = _entry(at, told["level"], told["source"], told.get("url") or told["source"], place, told["text"])
    return LoggedLine(at, told["level"].upper(), f"{told['text']} {told.get('url', '')}".strip()), entry


EVENTS: Mapping[str, Callable[[Message], tuple[LoggedLine, Entry | None]]] = {
    "Runtime.consoleAPICalled": _said,
    "Runtime.exceptionThrown": _thrown,
    "Log.entryAdded": _entered,
}
"""How each event reads that tells of something logged; what chromedriver does not log has no entry."""
