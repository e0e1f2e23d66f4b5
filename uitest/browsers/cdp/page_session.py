"""A DevTools session with one page: its state, its requests and its objects.

``commands`` depends on ``quiet``. The events that decide it arrive on the same socket as responses and in the order in
which they happened, so after each response it is known whether the page was quiet all the time.
"""

import contextlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from uitest import log
from uitest.browsers.cdp.console import LISTEN, Console
from uitest.browsers.cdp.navigation import Navigation
from uitest.browsers.cdp.transport import InterruptedCall, Message, RefusedError, Request, Transport
from uitest.compat import chrome_private
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)

CHANGE = """milliseconds => new Promise(done => {
  const observer = new MutationObserver(() => setTimeout(end, 5));
  const timer = setTimeout(end, milliseconds);
  function end() { observer.disconnect(); clearTimeout(timer); done(); }
  observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
})"""
"""A promise that resolves 5 ms after a change, since changes come in bursts and waits need the end of one."""

RESPONSE_TIMEOUT_S = 0.5
"""Additional seconds for a response; a page that takes longer is busy."""

READY_STATE: Request = ("Runtime.evaluate", {"expression": "document.readyState"})

PRETEND = "Object.defineProperty(document, 'readyState', {value: 'complete', configurable: true})"

LEAVE_QUESTION = "beforeunload"
"""Type of the dialog that asks whether to leave the page. WebDriver accepts it without telling the case.
https://www.w3.org/TR/webdriver2/#user-prompts"""

ECHO: Request = ("Runtime.evaluate", {"expression": "1"})
"""A request whose response arrives after the page has handled earlier requests and sent its events."""


class PageSession:
    """A DevTools session with one page."""

    def __init__(
        self, wire: Transport, target: str, console: Console, pages: "list[PageSession]",
        timeout: float | None = None, *, preload: str = "",
    ) -> None:  # fmt: skip
        """Attach to a page target; console lines go to ``console``, ``preload`` runs before each document's scripts.

        ``pages`` are all sessions on this socket, to which it adds itself, since one may receive events of another.
        Raises BrowserError, also after ``timeout`` seconds.
        """
        self.target = target
        self.unattended = False
        """Whether no driver watches the page; then ``beforeunload`` dialogs are accepted here."""
        self.call_driver: Callable[[], None] | None = None
        """Has the driver that watches the page accept a ``beforeunload`` dialog; None if it would not accept it."""
        self._wire = wire
        self._console, self._pages = console, pages
        self.session: str = wire.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        """The session's id."""
        pages.append(self)
        self.gone = ""
        """``closed``, ``crashed`` or empty."""
        self.dialog: Mapping[str, Any] | None = None
        """Parameters of ``Page.javascriptDialogOpening`` for the open dialog, or None."""
        self.met_dialog = False
        """Whether a dialog opened while the current command waited for the page; reset for each command."""
        self.journey = Navigation(target)
        self.objects: dict[str, str] = {}
        """Ids of JavaScript objects of the current document, by names that callers choose."""
        self._leave_question: Message | None = None
        """The last ``beforeunload`` event that was handled."""
        try:
            self.meet_document(
                ("Page.enable", {}),
                ("Emulation.setFocusEmulationEnabled", {"enabled": True}),
                *LISTEN,
                ("Page.addScriptToEvaluateOnNewDocument", {"source": preload}),
                ("Runtime.evaluate", {"expression": preload}),
                timeout=timeout,
            )
        except InterruptedCall:
            if not self.dialog:
                raise

    def meet_document(self, *requests: Request, timeout: float | None = None) -> None:
        """Send the requests, and learn which document the page shows and whether it loads.

        Raises BrowserError, in particular InterruptedCall while a dialog of the page is open: then the document stays
        unknown.
        """
        *_, tree, state = self.calls(*requests, ("Page.getFrameTree", {}), READY_STATE, timeout=timeout)
        if not self.journey.loader:  # else it has navigated since the request
            frame = tree["frameTree"]["frame"]
            self.journey.frame, self.journey.loader = frame["id"], frame["loaderId"]
        if state["result"].get("value") != "complete":
            self.journey.loading = True

    @property
    def quiet(self) -> bool:
        """Whether the page's document was known and loaded, without navigation or dialog, at its last response."""
        journey = self.journey
        return bool(journey.loader) and not (self.gone or self.dialog or journey.loading or journey.leaving)

    def is_quiet(self) -> bool:
        """Whether the page is quiet now, by all events so far. Raises BrowserError if the browser has ended."""
        self._listen()  # responses about other pages may have brought events
        if not self.quiet and not self.gone:
            self.catch_up()
        return self.quiet

    def is_blocked(self) -> bool:
        """Whether no script can run in the page, because it is gone or has a dialog that no driver accepts by itself.

        Raises BrowserError.
        """
        self._listen()
        if self.dialog and not self.gone:
            self.catch_up()
        if self.gone or self.dialog is None:
            return bool(self.gone)
        return self.call_driver is None or self.dialog["type"] != LEAVE_QUESTION

    def catch_up(self) -> None:
        """Read all events so far, by a request that the browser answers even if the page does not respond.

        Raises RefusedError if the page is closed, after noting that, and BrowserError.
        """
        try:
            self._wire.call("Target.getTargetInfo", targetId=self.target)
        finally:
            self._listen()

    def close_dialog(self, *, accept: bool, text: str | None = None) -> None:
        """Close the open dialog; ``text`` is the input of a prompt.

        Afterwards it is known whether the script has opened another dialog at once, or the page has begun to load
        another document; until that arrives, it does not respond. Raises RefusedError if the browser refuses, which
        leaves the dialog open: the page may be navigating. Raises BrowserError if the browser has ended.
        """
        typed = {} if text is None else {"promptText": text}
        closing, self.dialog = self.dialog, None
        with contextlib.suppress(InterruptedCall):  # by the next dialog, or because the script runs on
            try:
                self.calls(("Page.handleJavaScriptDialog", {"accept": accept, **typed}), timeout=RESPONSE_TIMEOUT_S)
            except RefusedError:
                self.dialog = closing
                raise
            try:
                self._wire.calls([ECHO], self.session, self._interrupts_or_loads, RESPONSE_TIMEOUT_S)
            finally:
                self._listen()

    def is_left_open(self) -> bool:
        """Whether the document claims to load though nothing loads, because a script wrote to it without closing it."""
        try:
            if not self.is_quiet():
                return False
            return self.calls(READY_STATE)[0]["result"].get("value") == "loading" and self.quiet
        except BrowserError:
            return False

    def pretend_whole(self, *, whole: bool) -> None:
        """Make ``document.readyState`` claim ``complete``, or restore it."""
        with log.suppress(LOGGER, "the page cannot pretend to be whole", BrowserError):
            self.calls(("Runtime.evaluate", {"expression": PRETEND if whole else "delete document.readyState"}))

    def await_change(self, seconds: float) -> None:
        """Wait for a change in the document, at most ``seconds``. Raises BrowserError."""
        self.evaluate_in_world(f"({CHANGE})({seconds * 1000:.0f})", seconds + RESPONSE_TIMEOUT_S)

    def evaluate_in_world(self, promise: str, timeout: float) -> None:
        """Wait until a promise of our isolated world is kept, at most ``timeout`` seconds. Raises BrowserError."""
        how = {"expression": promise, "contextId": self.world(), "awaitPromise": True}
        self.calls(("Runtime.evaluate", how), timeout=timeout)

    def world(self, timeout: float | None = None) -> int:
        """Id of our isolated world in the document, as pages may replace built-ins. Raises BrowserError."""
        if "world" not in self.objects:
            world = self.calls(("Page.createIsolatedWorld", {"frameId": self.journey.frame}), timeout=timeout)[0]
            self.objects["world"] = str(world["executionContextId"])
        return int(self.objects["world"])

    def node(self, element: str) -> int | None:
        """The backend node id of an element in the current document, else None."""
        parts = chrome_private.parts_of_element_id(element)
        return parts[2] if parts and parts[:2] == (self.journey.frame, self.journey.loader) else None

    def calls(self, *requests: Request, timeout: float | None = None) -> list[dict[str, Any]]:
        """Results of requests to the page, sent together. Raises BrowserError, immediately when a dialog opens."""
        try:
            return self._wire.calls(requests, self.session, self._interrupts, timeout)
        except RefusedError:  # a page whose move to another process failed has lost its objects
            self.objects.clear()
            raise
        finally:
            self._listen()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of one command."""
        return self.calls((method, params))[0]

    def evaluate(self, name: str, expression: str) -> str:
        """Id of the value of ``expression`` in the current document, evaluated once and cached as ``name``."""
        object_ = self.objects.get(name)
        if object_ is None:
            object_ = self.objects[name] = object_id(self.call("Runtime.evaluate", expression=expression))
        return object_

    @property
    def timeout(self) -> float:
        """How many seconds a response may take."""
        return self._wire.timeout

    def listen(self, seconds: float) -> None:
        """Wait for the next event, at most ``seconds``, and note all so far. Raises BrowserError."""
        self._wire.listen(seconds)
        self._listen()

    def _listen(self) -> None:
        for event in self._wire.take_events():
            self._console.hear(event)
            for page in self._pages:
                page._hear(event)

    def _interrupts(self, event: Message) -> bool:
        method = event["method"]
        if event.get("sessionId") == self.session:
            if self._is_leave_question(event):
                return False
            if (
                self.call_driver
                and method == "Page.javascriptDialogOpening"
                and event["params"]["type"] == LEAVE_QUESTION
            ):
                self.call_driver()
                return False
            return method in ("Page.javascriptDialogOpening", "Inspector.targetCrashed")
        return bool(method == "Target.detachedFromTarget" and event["params"].get("sessionId") == self.session)

    def _interrupts_or_loads(self, event: Message) -> bool:
        own = event.get("sessionId") == self.session and event["params"].get("frameId") == self.journey.frame
        return self._interrupts(event) or (own and event["method"] == "Page.frameStartedLoading")

    def _is_leave_question(self, event: Message) -> bool:
        """Whether the event is a ``beforeunload`` dialog of an unattended page; accepts it."""
        if not self.unattended or event["method"] != "Page.javascriptDialogOpening":
            return False
        if event["params"]["type"] != LEAVE_QUESTION:
            return False
        if event is not self._leave_question:
            self._leave_question = event
            self._wire.post("Page.handleJavaScriptDialog", self.session, accept=True)
        return True

    def _hear(self, event: Message) -> None:
        method, params = event["method"], event["params"]
        if method == "Target.detachedFromTarget" and params.get("sessionId") == self.session:
            self.gone = self.gone or "closed"
        if event.get("sessionId") != self.session:
            return
        if self._is_leave_question(event):
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
    """The id of the object in a response of the Runtime domain. Raises RefusedError if there is none."""
    if "exceptionDetails" in answer or "objectId" not in answer.get("result", {}):
        raise RefusedError(f"the page gave no object: {json.dumps(answer)[:200]}")
    return str(answer["result"]["objectId"])
