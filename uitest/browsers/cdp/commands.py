"""Handles WebDriver commands over DevTools, without chromedriver.

chromedriver takes 3 to 45 ms of processor time for a command, because it sends several requests to the browser (some
fifty for a click), with its scripts each time. The most frequent commands are handled here with one or two requests to
a page that keeps its scripts. One rule keeps the results equal:

    Only plain success is handled here. Everything uncertain is forwarded to chromedriver: a page that loads or
    shows a dialog, a frame, an element that is stale, hidden, covered, out of view or not found, every error and
    its message, and every command without one of the ``handlers``.

There are two exceptions: errors about a dialog or a window that chromedriver cannot be switched to are raised here,
with its messages (``dialogs``), and a case's own script runs only once, within chromedriver's code (``user_script``).

Reading twice does no harm, so a result during which the page began to navigate is discarded and the command forwarded.
A click or key stroke is sent once, after all checks; if it causes a navigation, chromedriver is made to wait for the
next page, as after its own clicks. Element ids are those of chromedriver (``f.<frame>.d.<loader>.e.<node>``), so both
can use them. Visible text and the choice of an option are computed by chromedriver's own scripts (``atoms``).

Most cases never need chromedriver, so it is switched to a case's window only when a command must be forwarded, which
saves some 30 ms of processor time per case. Until then no driver watches the page (``PageSession.unattended``), and its
duties are done here: each command waits for a loading page, and a dialog is handled by the case, or closed by the next
command as the standard says (``dialogs``).

``--commands driver`` turns all of this off. Trade-off: chromedriver's log does not have these commands, and the first
forwarded command of a case takes some 30 ms longer.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from selenium.common.exceptions import TimeoutException, WebDriverException

from uitest.browsers.cdp.atoms import Scripts
from uitest.browsers.cdp.dialogs import Dialogs
from uitest.browsers.cdp.handlers import ACTS, ANSWERS, Handler, Handlers, value_of
from uitest.browsers.cdp.page_loading import PageLoading
from uitest.browsers.cdp.page_session import ECHO, PageSession
from uitest.browsers.cdp.transport import InterruptedCall, RefusedError, Request
from uitest.browsers.cdp.user_script import Arguments, function, outcome
from uitest.browsers.sessions.protocols import ForwardToDriver
from uitest.errors import BrowserError

RUNS = 3
"""How often chromedriver runs a script whose page navigates meanwhile."""

TRIES = 5
"""How often a page may navigate during a command."""


class DirectCommands:
    """Handles the commands for one page of one case."""

    def __init__(self, page: PageSession, scripts: Scripts) -> None:
        """Commands without a recorded script are forwarded."""
        self.page = page
        self._loading = PageLoading(page)
        self.dialogs = Dialogs(page, self._loading)
        self._scripts = scripts
        self._handlers = Handlers(page, scripts)

    def handle(self, command: Any, params: Mapping[str, Any]) -> Any:
        """The value of a command that reads. Raises ForwardToDriver."""
        return self._while_quiet(ANSWERS, command, params)

    def go(self, address: str) -> None:
        """Open a page, if no page can ask whether to leave it. Raises ForwardToDriver if it does not open."""
        self._load(lambda: self._loading.go(address), may=self.page.unattended or not self.page.journey.arrivals)

    def reload(self) -> None:
        """Reload the page. Raises ForwardToDriver if chromedriver watches it."""
        self._load(self._loading.reload, may=self.page.unattended)

    def _load(self, load: Callable[[], None], *, may: bool) -> None:
        try:
            if not may:
                raise ForwardToDriver
            if not self.page.unattended:
                self.page.catch_up()  # chromedriver may have heard of a dialog before us
            if not self._is_ready():
                raise ForwardToDriver
            load()
        except BrowserError as exc:
            raise ForwardToDriver from exc

    def _is_ready(self) -> bool:
        """Whether the page is quiet; waits for it if no driver watches it. Raises BrowserError."""
        if self.page.unattended:
            self._loading.await_whole()
        return self.page.is_quiet()

    def act(self, command: Any, params: Mapping[str, Any]) -> bool:
        """Click or type; returns whether the page began to navigate. Raises ForwardToDriver before doing anything."""
        inputs = self._while_quiet(ACTS, command, params)
        departures = self.page.journey.departures
        with contextlib.suppress(BrowserError):  # a dialog opened or the window closed, which the next command reports
            # The response to ECHO comes after the page has handled all inputs.
            first, *_ = self.page.calls(*inputs, ECHO)
            if not self._await_departure(departures) and "result" in first:  # it is a tool's
                value_of(first)
        return self.page.journey.departures != departures

    def _await_departure(self, departures: int) -> bool:
        """Whether the page has begun to navigate since; waits for the navigation. Raises BrowserError."""
        if self.page.journey.departures == departures:
            return False
        self._loading.await_departure()
        if self.page.unattended:
            self._loading.await_whole()
        return True

    def run(self, script: Any, args: Any, limit: float | None = None) -> tuple[Any, bool]:
        """The value of a case's own script, and whether the page began to navigate.

        ``limit`` is the script timeout in seconds, None for none. Raises ForwardToDriver before the script has run,
        FailedScript if it failed, and TimeoutException.
        """
        if self._scripts.run is None or not isinstance(script, str) or script.startswith(":"):
            raise ForwardToDriver
        arguments = Arguments(args)
        for _ in range(RUNS):
            call = self._prepare_call(script, arguments)
            try:
                return self._run_call(call, limit)
            except RefusedError as exc:
                aborted = exc.reason
            with contextlib.suppress(BrowserError):
                self._loading.await_whole()
        raise TimeoutException(f"timeout\nfrom aborted by navigation: {aborted}")

    def _prepare_call(self, script: str, arguments: Arguments) -> Request:
        """The request that runs a script, when the page is quiet. Raises ForwardToDriver."""
        for _ in range(TRIES if self.page.unattended else 1):
            try:
                if not self._is_ready():
                    break
                call = self._call_of(script, arguments)
            except BrowserError as exc:
                raise ForwardToDriver from exc
            if self.page.quiet:
                return call
        raise ForwardToDriver

    def _call_of(self, script: str, arguments: Arguments) -> Request:
        """The request that runs a script. Raises ForwardToDriver and BrowserError.

        Another request is sent before, so that the script does not wait behind a dialog that is not known yet.
        """
        self.page.calls(ECHO)
        call = {
            "functionDeclaration": function(str(self._scripts.run), script, arguments),
            "objectId": self._handlers.tools(),
            "arguments": [self._handlers.object_of(element) for element in arguments.elements],
            "serializationOptions": {"serialization": "deep"},
            "awaitPromise": True,
            "objectGroup": "uitest scripts",
        }
        return "Runtime.callFunctionOn", call

    def _run_call(self, call: Request, limit: float | None) -> tuple[Any, bool]:
        """Run a script. Raises FailedScript and WebDriverException, never ForwardToDriver, as it must not run again.

        Raises RefusedError if the page navigated before the script had ended.
        """
        journey, departures = self.page.journey, self.page.journey.departures
        frame, loader = journey.frame, journey.loader
        try:
            (result,) = self.page.calls(call, timeout=limit)
        except InterruptedCall as exc:
            if self.page.dialog or self.page.gone == "closed":
                return None, False
            if self.page.gone:
                raise WebDriverException("tab crashed") from exc
            raise TimeoutException("script timeout") from exc
        with contextlib.suppress(BrowserError):  # a dialog opened or the window closed, which the next command reports
            self.page.calls(ECHO)
            self._await_departure(departures)
        return outcome(result, frame, loader), journey.departures != departures

    def _while_quiet(self, handlers: Mapping[str, Handler], command: Any, params: Mapping[str, Any]) -> Any:
        """The result of the command's handler, if the page is quiet all the time. Raises ForwardToDriver."""
        handler = handlers.get(command)
        if handler is None:
            raise ForwardToDriver
        for _ in range(TRIES if self.page.unattended else 1):
            arrivals = self.page.journey.arrivals
            try:
                if not self._is_ready():
                    break
                value = handler(self._handlers, params)
                if self.page.quiet:
                    return value
            except (BrowserError, KeyError, TypeError) as exc:
                if self.page.quiet and self.page.journey.arrivals == arrivals:
                    raise ForwardToDriver from exc
        raise ForwardToDriver
