"""The windows of one case's browser context in Chrome."""

import logging
from collections.abc import Sequence

from uitest import log
from uitest.browsers.cdp.transport import Transport
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)


class ContextWindows:
    """Opens and lists the windows of a case, including those of user contexts that it has made itself."""

    def __init__(self, wire: Transport, user_contexts: Sequence[str], size: tuple[int, int]) -> None:
        """``user_contexts`` are ids, the case's own first, to which others may be added; ``size`` is in pixels."""
        self._wire, self._user_contexts, self._size = wire, user_contexts, size
        self._handles: list[str] = []
        """Handles in the order in which the windows were opened or discovered."""
        self._focused: set[str] = set()
        """Handles of windows that were told that they have the focus."""

    def open(self, kind: str) -> str:
        """Handle of a new window; ``kind`` is ``tab`` or ``window``."""
        as_window = kind == "window"
        size = dict(zip(("width", "height"), self._size, strict=True)) if as_window else {}  # a tab has its window's
        target: str = self._wire.call(
            "Target.createTarget", url="about:blank", browserContextId=self._user_contexts[0], newWindow=as_window,
            **size,
        )["targetId"]  # fmt: skip
        self._handles.append(target)
        return target

    def handles(self) -> set[str]:
        """Handles of the open windows."""
        targets = self._wire.call("Target.getTargets", filter=[{"type": "page"}])["targetInfos"]
        return {target["targetId"] for target in targets if target.get("browserContextId") in self._user_contexts}

    def in_order(self) -> list[str]:
        """Handles of the open windows, oldest first."""
        open_now = self.handles()
        self._handles = [handle for handle in self._handles if handle in open_now]
        self._handles += sorted(open_now - set(self._handles))
        return list(self._handles)

    def activate(self, window: str) -> None:
        """Bring a window to the front, as chromedriver does when it is switched to a window, even to its current one.

        Focus may move then, for instance from a button to the editable element around it.
        """
        self._wire.call("Target.activateTarget", targetId=window)

    def focus(self, window: str) -> None:
        """Tell a window that it has the focus, as each has in a browser of the case's own.

        Here it may not have it yet, as another case's window that closes has had it.
        """
        if window in self._focused:
            return
        self._focused.add(window)
        with log.suppress(LOGGER, "no focus for this window", BrowserError):
            session = self._wire.call("Target.attachToTarget", targetId=window, flatten=True)["sessionId"]
            self._wire.post("Emulation.setFocusEmulationEnabled", session=session, enabled=True)
