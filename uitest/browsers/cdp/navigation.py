"""Where a page is, and whether it is on its way elsewhere: as its events tell, nothing is asked.

Most ways to another document, in the order in which Chrome tells of them (``Page`` domain of DevTools; told apart by
trying them): a script or a link means to go there (``Scheduled``, ``Requested``), it is gone for
(``StartedLoading``), ``Cleared`` of what was scheduled, before or after that or never, it is there (``Navigated``),
whole or given up (``StoppedLoading``). A form is ``Requested`` first. The script in a ``javascript:`` address is
``Scheduled`` and ``Cleared`` before it runs. Files and mail start and stop without getting anywhere.

Whoever begins to listen while a page is on its way is told ``StartedNavigating`` once more, and nothing else until the
page is there: the document that is seen so long is the empty one that every new window starts with.
"""

from uitest.browsers.cdp.transport import Message
from uitest.compat import chrome_private


class Navigation:
    """Of one page."""

    def __init__(self, frame: str) -> None:
        """``frame`` is the id of the page's own frame."""
        self.frame, self.loader = frame, ""
        """Ids of the frame and of the document in it, which is unknown at first."""
        self.loading = False
        self.departures = 0
        """How often the page meant to leave for another document, or began to."""
        self.arrivals = 0
        """How often it got to another document, or to another place in this one."""
        self._scheduled = self._requested = False

    @property
    def leaving(self) -> bool:
        """Whether it means to leave and has not begun to."""
        return self._scheduled or self._requested

    def call_off(self) -> None:
        """It does not leave, contrary to what it said: a script may stop what it has begun, and nobody tells."""
        self._scheduled = self._requested = False

    def hear(self, event: Message) -> None:
        """Follow an event of the page."""
        method, params = event["method"], event["params"]
        if method == "Page.frameNavigated":
            if "parentId" not in params["frame"]:
                self.frame, self.loader = params["frame"]["id"], params["frame"]["loaderId"]
                self.arrivals += 1
                self.call_off()
        elif params.get("frameId") != self.frame:
            return
        elif method == "Page.frameStartedNavigating" and not self.loader:
            self.loading = True
        elif chrome_private.means_to_leave(method, params):
            self._scheduled = True
            self.departures += 1
        elif chrome_private.has_left_or_stays(method):
            self._scheduled = False
        elif method == "Page.frameRequestedNavigation":
            self._requested = True
            self.departures += 1
        elif method == "Page.frameStartedLoading":
            self.call_off()
            self.loading = True
            self.departures += 1
        elif method == "Page.frameStoppedLoading":
            self.loading = False
        elif method == "Page.navigatedWithinDocument":
            self.arrivals += 1
