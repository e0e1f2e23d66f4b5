"""Tracks the document of a page and its navigation by DevTools events, without requests.

A navigation usually sends these events of the ``Page`` domain (found by experiment): a script or link schedules or
requests it (``Scheduled``, ``Requested``), loading starts (``StartedLoading``), the schedule is ``Cleared`` (before or
after that, or never), the document is there (``Navigated``), and loading ends or is aborted (``StoppedLoading``). A
form is ``Requested`` first. The script in a ``javascript:`` address is ``Scheduled`` and ``Cleared`` before it runs.
Downloads and mail addresses start and stop without a new document.

A session that attaches during a navigation gets only ``StartedNavigating`` until the document is there; until then the
page has the empty document of every new window.
"""

from uitest.browsers.cdp.transport import Message
from uitest.compat import chrome_private


class Navigation:
    """The navigation state of one page."""

    def __init__(self, frame: str) -> None:
        """``frame`` is the id of the page's own frame."""
        self.frame, self.loader = frame, ""
        """Ids of the frame and of its document, which is empty until it is known."""
        self.loading = False
        self.departures = 0
        """Number of navigations that were scheduled or started."""
        self.arrivals = 0
        """Number of new documents, and of navigations within a document."""
        self._scheduled = self._requested = False

    @property
    def leaving(self) -> bool:
        """Whether a navigation is scheduled but has not started."""
        return self._scheduled or self._requested

    def call_off(self) -> None:
        """Forget a scheduled navigation, which a script may cancel without any event."""
        self._scheduled = self._requested = False

    def hear(self, event: Message) -> None:
        """Update the state by an event of the page."""
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
