"""One page as DevTools shows it: what it is doing, and its objects.

``quiet`` is the question that everything in ``commands`` hangs on. The events that answer it come over the same
socket as the answers to commands, in the order in which they happened in the page, so after each answer it is
known whether the page stood still while it was found.
"""

import contextlib
import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from uitest import log
from uitest.browsers.cdp.console import LISTEN, Console
from uitest.browsers.cdp.navigation import Navigation
from uitest.browsers.cdp.transport import InterruptedCall, Message, RefusedError, Request, Transport
from uitest.compat import chrome_private
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)

DEPARTURE_S = 5.0
"""A page that means to leave does so within milliseconds, on a busy machine later, or never: a script that sent a form
has stopped it."""

NEXT_TASK = "new Promise(done => setTimeout(done))"
"""Is there when what was to be done next has been done, as the script in a ``javascript:`` address."""

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

READY_STATE: Request = ("Runtime.evaluate", {"expression": "document.readyState"})

PRETEND = "Object.defineProperty(document, 'readyState', {value: 'complete', configurable: true})"

ECHO: Request = ("Runtime.evaluate", {"expression": "1"})
"""Answered when the page has seen to all that was sent before, and all that it had to tell has arrived."""


class PageSession:
    """A DevTools session with one page."""

    def __init__(
        self, wire: Transport, target: str, console: Console, pages: "list[PageSession]",
        timeout: float | None = None, *, preload: str = "",
    ) -> None:  # fmt: skip
        """Attach to a page target; ``console`` hears what it logs, ``preload`` is run before each document's scripts.

        ``pages`` are those on this wire, to which it adds itself: what one reads may be about another. Raises
        BrowserError, also when it takes longer than ``timeout`` seconds.
        """
        self.target = target
        self.unattended = False
        """Whether no driver watches: then it is let go wherever it asks whether it should stay."""
        self._wire = wire
        self._console, self._pages = console, pages
        self._session: str = wire.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        pages.append(self)
        self.gone = ""
        """``closed`` or ``crashed`` once it is."""
        self.dialog: Mapping[str, Any] | None = None
        """What ``Page.javascriptDialogOpening`` said of the dialog that is open."""
        self.met_dialog = False
        """Whether a dialog has opened while the present command waited for the page; set back for each command."""
        self.journey = Navigation(target)
        self.objects: dict[str, str] = {}
        """Ids of the current document's JavaScript objects, by whatever name their owner gives them."""
        self._farewell: Message | None = None
        """The last question whether it should stay that was answered."""
        _, _, tree, state, *_ = self.calls(
            ("Page.enable", {}),
            ("Emulation.setFocusEmulationEnabled", {"enabled": True}),
            ("Page.getFrameTree", {}),
            READY_STATE,
            *LISTEN,
            ("Page.addScriptToEvaluateOnNewDocument", {"source": preload}),
            ("Runtime.evaluate", {"expression": preload}),
            timeout=timeout,
        )
        if not self.journey.loader:  # else it went on to another document since it was asked
            frame = tree["frameTree"]["frame"]
            self.journey.frame, self.journey.loader = frame["id"], frame["loaderId"]
        if state["result"].get("value") != "complete":
            self.journey.loading = True

    @property
    def quiet(self) -> bool:
        """Whether a document was there to stay, whole, without a dialog over it, when the page last answered."""
        return not (self.gone or self.dialog or self.journey.loading or self.journey.leaving)

    def is_quiet(self) -> bool:
        """The same now, as far as the browser has told. Raises BrowserError if it went away."""
        self._listen()  # events also come with answers to questions that are not about the page
        if not self.quiet and not self.gone:
            self.catch_up()
        return self.quiet

    def is_blocked(self) -> bool:
        """Whether scripts cannot run in the page now: a dialog is over it, or it is gone. Raises BrowserError."""
        self._listen()
        if self.dialog and not self.gone:
            self.catch_up()
        return bool(self.dialog or self.gone)

    def catch_up(self) -> None:
        """Hear all that the browser has told so far; it answers even where the page does not.

        Raises RefusedError if the page is closed, which is heard all the same, and BrowserError.
        """
        try:
            self._wire.call("Target.getTargetInfo", targetId=self.target)
        finally:
            self._listen()

    def await_departure(self) -> None:
        """Wait until a page that has just meant to leave is loading the next document, or has it. Raises BrowserError.

        A form is sent a moment after the click that sends it. chromedriver sees that half of the time only, and lets
        the case look at the old page.
        """
        self._await_departure()
        if self.quiet:  # not yet, or not at all
            self._evaluate_in_world(NEXT_TASK, DEPARTURE_S)
            self._await_departure()

    def _await_departure(self) -> None:
        give_up = time.monotonic() + DEPARTURE_S
        while self.journey.leaving and not (self.dialog or self.gone):
            if time.monotonic() > give_up:
                self.journey.call_off()
            time.sleep(0.002)
            self.catch_up()

    def go(self, address: str) -> None:
        """Go to another document and wait until it is whole, or shows a dialog.

        Raises RefusedError if the page stays where it is, InterruptedCall if it crashes.
        """
        give_up = time.monotonic() + LOAD_S
        try:
            answer = self.calls(("Page.navigate", {"url": address}), timeout=LOAD_S)[0]
            if "errorText" in answer and not answer.get("isDownload"):
                self._arrive(give_up)  # at a page that says so, or nowhere because it crashed
                raise RefusedError(f"{address} cannot be opened: {answer['errorText']}")
            self._arrive(give_up)
        except InterruptedCall:
            if not self.dialog:
                raise

    def close_dialog(self, *, accept: bool, text: str | None = None) -> None:
        """Answer the dialog that is open, ``text`` being what is typed into a prompt.

        The next dialog is there if the script opens one at once. Raises RefusedError where the browser does not take
        the answer, which leaves the dialog open: the page may be on its way elsewhere while it shows one. Raises
        BrowserError if the browser went away.
        """
        typed = {} if text is None else {"promptText": text}
        closing, self.dialog = self.dialog, None
        with contextlib.suppress(InterruptedCall):  # by the next dialog, or the script goes on for long
            try:
                self.calls(("Page.handleJavaScriptDialog", {"accept": accept, **typed}), timeout=ANSWER_S)
            except RefusedError:
                self.dialog = closing
                raise
            self.calls(ECHO, timeout=ANSWER_S)

    def reload(self) -> None:
        """Load the document again and wait as ``go`` does. Raises BrowserError."""
        give_up = time.monotonic() + LOAD_S
        try:
            self.journey.loading = True  # it begins a moment after the answer
            self.calls(("Page.reload", {"ignoreCache": True}), timeout=LOAD_S)
            self._arrive(give_up)
        except InterruptedCall:
            if not self.dialog:
                raise

    def await_whole(self) -> None:
        """Wait until the document, or the next one if it means to leave, is whole, or shows a dialog, or is gone.

        As long as for any answer. Raises BrowserError.
        """
        if self.journey.loading or self.journey.leaving:
            self.catch_up()  # a dialog may be open already
        opened_before = self.dialog is not None
        self._await_departure()
        self._arrive(time.monotonic() + self._wire.timeout)
        self.met_dialog |= self.dialog is not None and not opened_before

    def _arrive(self, give_up: float) -> None:
        while self._is_coming():
            self._wire.listen(max(0.0, give_up - time.monotonic()))
            self._listen()
            if self.quiet:
                self.calls(ECHO)  # it may go on to another document at once

    def _is_coming(self) -> bool:
        return self.journey.loading and not (self.dialog or self.gone)

    def is_left_open(self) -> bool:
        """Whether the document says that it is loading, though nothing loads: it was written to and not closed."""
        try:
            if not self.is_quiet():
                return False
            return self.calls(READY_STATE)[0]["result"].get("value") == "loading" and self.quiet
        except BrowserError:
            return False

    def pretend_whole(self, *, whole: bool) -> None:
        """Have the document say that it is complete, or the truth again."""
        with log.suppress(LOGGER, "the page cannot pretend to be whole", BrowserError):
            self.calls(("Runtime.evaluate", {"expression": PRETEND if whole else "delete document.readyState"}))

    def await_change(self, seconds: float) -> None:
        """Wait until something in the document has changed, at most so long. Raises BrowserError."""
        self._evaluate_in_world(f"({CHANGE})({seconds * 1000:.0f})", seconds + ANSWER_S)

    def _evaluate_in_world(self, promise: str, timeout: float) -> None:
        how = {"expression": promise, "contextId": self.world(), "awaitPromise": True}
        self.calls(("Runtime.evaluate", how), timeout=timeout)

    def world(self, timeout: float | None = None) -> int:
        """Id of a context of our own in the document: pages under test replace what scripts are made of.

        Raises BrowserError.
        """
        if "world" not in self.objects:
            made = self.calls(("Page.createIsolatedWorld", {"frameId": self.journey.frame}), timeout=timeout)[0]
            self.objects["world"] = str(made["executionContextId"])
        return int(self.objects["world"])

    def node(self, element: str) -> int | None:
        """DevTools' number of an element of the current document, None for every other."""
        found = chrome_private.parts_of_element_id(element)
        return found[2] if found and found[:2] == (self.journey.frame, self.journey.loader) else None

    def calls(self, *requests: Request, timeout: float | None = None) -> list[dict[str, Any]]:
        """Results of commands to the page, sent at once. Raises BrowserError, at once where a dialog opens."""
        try:
            return self._wire.calls(requests, self._session, self._interrupts, timeout)
        except RefusedError:  # all objects are lost to a page that was to go on in another process and stayed
            self.objects.clear()
            raise
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

    def _listen(self) -> None:
        for event in self._wire.take_events():
            self._console.hear(event)
            for page in self._pages:
                page._hear(event)

    def _interrupts(self, event: Message) -> bool:
        method = event["method"]
        if event.get("sessionId") == self._session:
            if self._is_farewell(event):
                return False
            return method in ("Page.javascriptDialogOpening", "Inspector.targetCrashed")
        return bool(method == "Target.detachedFromTarget" and event["params"].get("sessionId") == self._session)

    def _is_farewell(self, event: Message) -> bool:
        """Whether the page only asks if it should stay, and nobody but us can answer; answers."""
        if not self.unattended or event["method"] != "Page.javascriptDialogOpening":
            return False
        if event["params"]["type"] != "beforeunload":
            return False
        if event is not self._farewell:
            self._farewell = event
            self._wire.post("Page.handleJavaScriptDialog", self._session, accept=True)
        return True

    def _hear(self, event: Message) -> None:
        method, params = event["method"], event["params"]
        if method == "Target.detachedFromTarget" and params.get("sessionId") == self._session:
            self.gone = self.gone or "closed"
        if event.get("sessionId") != self._session:
            return
        if self._is_farewell(event):
            return
        if method == "Target.attachedToTarget" and params["targetInfo"]["type"] == "iframe":
            for listen, how in LISTEN:
                self._wire.post(listen, params["sessionId"], **how)
        elif method == "Page.javascriptDialogOpening":
            self.dialog = params
        elif method == "Page.javascriptDialogClosed":
            self.dialog = None
        elif method == "Inspector.targetCrashed":
            self.gone = "crashed"
        else:
            document = self.journey.loader
            self.journey.hear(event)
            if self.journey.loader != document:
                self.objects.clear()


def object_id(answer: Message) -> str:
    """The id of the object in an answer of the Runtime domain. Raises RefusedError if there is none."""
    if "exceptionDetails" in answer or "objectId" not in answer.get("result", {}):
        raise RefusedError(f"the page gave no object: {json.dumps(answer)[:200]}")
    return str(answer["result"]["objectId"])
