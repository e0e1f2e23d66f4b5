"""One page as DevTools shows it: what it is doing, and its objects.

``quiet`` is the question that everything in ``direct`` hangs on. The events that answer it come over the same
socket as the answers to commands, in the order in which they happened in the page, so after each answer it is
known whether the page stood still while it was found.
"""

import json
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from uitest.browsers.wire import InterruptedCall, Message, RefusedError, Request, Wire

ELEMENT_ID = re.compile(r"f\.([0-9A-F]+)\.d\.([0-9A-F]+)\.e\.(\d+)")
"""chromedriver's ids of elements: frame, document, node."""

DEPARTS = frozenset({"Page.frameStartedLoading", "Page.frameScheduledNavigation", "Page.frameRequestedNavigation"})
"""Events of a frame that is on its way to another document, or means to go there."""

DEPARTURE_S = 0.5
"""A page that means to leave does so within milliseconds, or never: the navigation was called off."""

CHANGE = """milliseconds => new Promise(done => {
  const observer = new MutationObserver(() => setTimeout(end, 5));
  const timer = setTimeout(end, milliseconds);
  function end() { observer.disconnect(); clearTimeout(timer); done(); }
  observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
})"""
"""Changes come in bursts: the end of one is what somebody waits for. And a page that never rests is not asked all
the time."""

LOAD_S = 300.0
"""Seconds a page may take to load, unless a case says otherwise. https://www.w3.org/TR/webdriver2/#timeouts"""

ANSWER_S = 0.5
"""Seconds an answer may take on top; longer, and the page is busy."""


LINES_KEPT = 2_000

Line: TypeAlias = tuple[float, str, str]
"""Seconds since the epoch, level, text."""


def _said(params: Message) -> Line:
    words = [str(arg.get("value", arg.get("description", ""))) for arg in params["args"]]
    return params["timestamp"] / 1000, params["type"].upper(), " ".join(words)


def _thrown(params: Message) -> Line:
    told = params["exceptionDetails"]
    text = told.get("exception", {}).get("description") or told["text"]
    return params["timestamp"] / 1000, "ERROR", text


def _entered(params: Message) -> Line:
    entry = params["entry"]
    return entry["timestamp"] / 1000, entry["level"].upper(), f"{entry['text']} {entry.get('url', '')}".strip()


LOGS: Mapping[str, Callable[[Message], Line]] = {
    "Runtime.consoleAPICalled": _said,
    "Runtime.exceptionThrown": _thrown,
    "Log.entryAdded": _entered,
}
"""How each event reads that tells of something logged."""


class Page:
    """A DevTools session with one page."""

    def __init__(self, wire: Wire, target: str, timeout: float | None = None) -> None:
        """Attach to a page target. Raises BrowserError, also when that takes longer than ``timeout`` seconds."""
        self.target = target
        self._wire = wire
        self._session: str = wire.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._gone = False
        self.dialog: Mapping[str, Any] | None = None
        """What ``Page.javascriptDialogOpening`` said of the dialog that is open."""
        self._loading = False
        self.frame, self.loader = target, ""
        """Ids of the page's own frame and of the document in it."""
        self.departures = 0
        """How often the page meant to leave for another document, or began to."""
        self.arrivals = 0
        """How often it got to another document, or to another place in this one."""
        self.objects: dict[str, str] = {}
        """Ids of the current document's JavaScript objects, by whatever name their owner gives them."""
        self.lines: deque[Line] = deque(maxlen=LINES_KEPT)
        """What it has logged, where somebody listens in."""
        _, tree, state = self.calls(
            ("Page.enable", {}),
            ("Page.getFrameTree", {}),
            ("Runtime.evaluate", {"expression": "document.readyState"}),
            timeout=timeout,
        )
        if not self.loader:  # else it went on to another document since it was asked
            self.frame, self.loader = tree["frameTree"]["frame"]["id"], tree["frameTree"]["frame"]["loaderId"]
        self._loading = self._loading or state["result"].get("value") != "complete"

    @property
    def quiet(self) -> bool:
        """Whether a document was there, whole, without a dialog over it, when the page last answered."""
        return not (self._gone or self.dialog or self._loading)

    def is_quiet(self) -> bool:
        """The same now, as far as the browser has told. Raises BrowserError if it went away."""
        if not self.quiet and not self._gone:
            self._catch_up()
        return self.quiet

    def is_blocked(self) -> bool:
        """Whether scripts cannot run in the page now: a dialog is over it, or it is gone. Raises BrowserError."""
        if self.dialog and not self._gone:
            self._catch_up()
        return bool(self.dialog or self._gone)

    def _catch_up(self) -> None:
        """Hear all that the browser has told so far; it answers even where the page does not."""
        self._wire.call("Target.getTargetInfo", targetId=self.target)
        self._listen()

    def await_departure(self, arrivals: int) -> None:
        """Wait until a page that means to leave is loading the next document, or has it. Raises BrowserError.

        ``arrivals`` is what there were before it meant to.

        A form is sent a moment after the click that sends it. chromedriver sees that half of the time only, and lets
        the case look at the old page.
        """
        give_up = time.monotonic() + DEPARTURE_S
        while self.is_quiet() and self.arrivals == arrivals and time.monotonic() < give_up:
            time.sleep(0.002)
            self._catch_up()

    def go(self, address: str) -> None:
        """Go to another document and wait until it is whole, or shows a dialog.

        Raises RefusedError if the page stays where it is, InterruptedCall if it crashes.
        """
        give_up = time.monotonic() + LOAD_S
        try:
            answer = self.calls(("Page.navigate", {"url": address}), timeout=LOAD_S)[0]
            if "errorText" in answer and not answer.get("isDownload"):
                raise RefusedError(f"{address} cannot be opened: {answer['errorText']}")
            self._arrive(give_up)
        except InterruptedCall:
            if not self.dialog:
                raise

    def close_dialog(self, *, accept: bool, text: str | None = None) -> None:
        """Answer the dialog that is open, ``text`` being what is typed into a prompt. Raises BrowserError.

        A page that it had stopped from loading is whole then, or shows the next dialog: chromedriver, which came to it
        half way, does not always wait for it.
        """
        give_up = time.monotonic() + LOAD_S
        typed = {} if text is None else {"promptText": text}
        try:
            self.calls(("Page.handleJavaScriptDialog", {"accept": accept, **typed}))
            self.dialog = None
            self._arrive(give_up)
        except InterruptedCall:
            if not self.dialog:
                raise

    def _arrive(self, give_up: float) -> None:
        while self._is_coming():
            self._wire.listen(max(0.0, give_up - time.monotonic()))
            self._listen()
            if self.quiet:
                self.call("Runtime.evaluate", expression="1")  # it may go on to another document at once

    def _is_coming(self) -> bool:
        return self._loading and not (self.dialog or self._gone)

    def await_change(self, seconds: float) -> None:
        """Wait until something in the document has changed, at most so long. Raises BrowserError."""
        change = ("Runtime.evaluate", {
            "expression": f"({CHANGE})({seconds * 1000:.0f})",
            "contextId": self.world(),
            "awaitPromise": True,
        })  # fmt: skip
        self.calls(change, timeout=seconds + ANSWER_S)

    def world(self, timeout: float | None = None) -> int:
        """Id of a context of our own in the document: pages under test replace what scripts are made of.

        Raises BrowserError.
        """
        if "world" not in self.objects:
            made = self.calls(("Page.createIsolatedWorld", {"frameId": self.frame}), timeout=timeout)[0]
            self.objects["world"] = str(made["executionContextId"])
        return int(self.objects["world"])

    def node(self, element: str) -> int | None:
        """DevTools' number of an element of the current document, None for every other."""
        found = ELEMENT_ID.fullmatch(element)
        return int(found[3]) if found and (found[1], found[2]) == (self.frame, self.loader) else None

    def calls(self, *requests: Request, timeout: float | None = None) -> list[dict[str, Any]]:
        """Results of commands to the page, sent at once. Raises BrowserError, at once where a dialog opens."""
        try:
            return self._wire.calls(requests, self._session, self._interrupts, timeout)
        finally:
            self._listen()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of one command."""
        return self.calls((method, params))[0]

    def evaluate(self, name: str, expression: str) -> str:
        """Id of the object that ``expression`` makes in the current document; made once, kept under ``name``."""
        found = self.objects.get(name)
        if found is None:
            found = self.objects[name] = object_id(self.call("Runtime.evaluate", expression=expression))
        return found

    def listen_in(self, timeout: float) -> None:
        """Hear what the page logs from now on, and has logged so far. Raises BrowserError."""
        self.calls(("Runtime.enable", {}), ("Log.enable", {}), timeout=timeout)

    def _listen(self) -> None:
        for event in self._wire.take_events():
            self._hear(event)

    def _interrupts(self, event: Message) -> bool:
        method = event["method"]
        if event.get("sessionId") == self._session:
            return method in ("Page.javascriptDialogOpening", "Inspector.targetCrashed")
        return bool(method == "Target.detachedFromTarget" and event["params"].get("sessionId") == self._session)

    def _hear(self, event: Message) -> None:
        method, params = event["method"], event["params"]
        if method == "Target.detachedFromTarget" and params.get("sessionId") == self._session:
            self._gone = True
        if event.get("sessionId") != self._session:
            return
        if method == "Page.javascriptDialogOpening":
            self.dialog = params
        elif method == "Page.javascriptDialogClosed":
            self.dialog = None
        elif method == "Inspector.targetCrashed":
            self._gone = True
        elif method in LOGS:
            self.lines.append(LOGS[method](params))
        elif method == "Page.frameNavigated" and "parentId" not in params["frame"]:
            self.frame, self.loader = params["frame"]["id"], params["frame"]["loaderId"]
            self.objects.clear()
            self.arrivals += 1
        elif params.get("frameId") == self.frame:
            if method in DEPARTS:
                self.departures += 1
            if method == "Page.frameStartedLoading":
                self._loading = True
            elif method == "Page.frameStoppedLoading":
                self._loading = False
            elif method == "Page.navigatedWithinDocument":
                self.arrivals += 1


def object_id(answer: Message) -> str:
    """The id of the object in an answer of the Runtime domain. Raises RefusedError if there is none."""
    if "exceptionDetails" in answer or "objectId" not in answer.get("result", {}):
        raise RefusedError(f"the page gave no object: {json.dumps(answer)[:200]}")
    return str(answer["result"]["objectId"])
