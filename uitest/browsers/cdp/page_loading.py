"""Waits for a page that loads: one that was opened, or that the page has gone to by itself."""

import contextlib
import time

from uitest.browsers.cdp.page_session import RESPONSE_TIMEOUT_S, PageSession
from uitest.browsers.cdp.transport import InterruptedCall, RefusedError, Request

DEPARTURE_S = 5.0
"""How long to wait for a scheduled navigation: it starts within milliseconds, on a busy machine later, or never if a
script has cancelled it."""

NEXT_TASK = "new Promise(done => setTimeout(done))"
"""A promise that resolves after pending tasks, such as the script in a ``javascript:`` address."""

NEXT_FRAME = "new Promise(requestAnimationFrame)"

AUTOFOCUS: Request = ("Runtime.evaluate", {"expression": "document.querySelector('[autofocus]') !== null"})
"""Whether an element gets the focus once the page is rendered, which is a moment after it is loaded.

https://html.spec.whatwg.org/multipage/interaction.html#flush-autofocus-candidates
"""

LOAD_S = 300.0
"""WebDriver's default page load timeout in seconds. https://www.w3.org/TR/webdriver2/#timeouts"""


class PageLoading:
    """Opens and reloads documents of one page, and waits for them."""

    def __init__(self, page: PageSession) -> None:
        self._page = page

    def await_departure(self) -> None:
        """Wait until a scheduled navigation has started, or has arrived. Raises BrowserError.

        A form is sent a moment after the click. chromedriver notices that only half of the time, and the case's next
        command then sees the old page.
        """
        self._await_departure()
        if self._page.quiet:  # not started yet, or cancelled
            self._page.evaluate_in_world(NEXT_TASK, DEPARTURE_S)
            self._await_departure()

    def _await_departure(self) -> None:
        deadline = time.monotonic() + DEPARTURE_S
        while self._page.journey.leaving and not (self._page.dialog or self._page.gone):
            if time.monotonic() > deadline:
                self._page.journey.call_off()
            time.sleep(0.002)
            self._page.catch_up()

    def go(self, address: str) -> None:
        """Open an address and wait until it is loaded or shows a dialog.

        Raises RefusedError if it cannot be opened, InterruptedCall if the page crashes.
        """
        deadline = time.monotonic() + LOAD_S
        try:
            answer = self._page.calls(("Page.navigate", {"url": address}), timeout=LOAD_S)[0]
            if "errorText" in answer and not answer.get("isDownload"):
                self._arrive(deadline)  # at an error page, or nowhere after a crash
                raise RefusedError(f"{address} cannot be opened: {answer['errorText']}")
            self._arrive(deadline)
        except InterruptedCall:
            if not self._page.dialog:
                raise

    def reload(self) -> None:
        """Reload the document and wait as ``go`` does. Raises BrowserError."""
        deadline = time.monotonic() + LOAD_S
        try:
            self._page.journey.loading = True  # it begins just after the response
            self._page.calls(("Page.reload", {"ignoreCache": True}), timeout=LOAD_S)
            self._arrive(deadline)
        except InterruptedCall:
            if not self._page.dialog:
                raise

    def await_whole(self) -> None:
        """Wait until the document, or the next one after a scheduled navigation, is loaded, shows a dialog or is gone.

        Waits at most as long as for a response. Raises BrowserError.
        """
        if self._page.journey.loading or self._page.journey.leaving:
            self._page.catch_up()  # a dialog may be open already
        opened_before = self._page.dialog is not None
        if not (self._page.journey.loader or opened_before or self._page.gone):
            with contextlib.suppress(InterruptedCall):  # by the next dialog
                self._page.meet_document()  # a dialog was open when we attached
        self._await_departure()
        self._arrive(time.monotonic() + self._page.timeout)
        self._page.met_dialog |= self._page.dialog is not None and not opened_before

    def _arrive(self, deadline: float) -> None:
        while self._is_coming():
            self._page.listen(max(0.0, deadline - time.monotonic()))
            if self._page.quiet:
                (answer,) = self._page.calls(AUTOFOCUS)  # it may also navigate again at once
                if answer["result"].get("value") is True and self._page.quiet:
                    with contextlib.suppress(InterruptedCall):
                        self._page.evaluate_in_world(NEXT_FRAME, RESPONSE_TIMEOUT_S)

    def _is_coming(self) -> bool:
        return self._page.journey.loading and not (self._page.dialog or self._page.gone)
