"""Closes dialogs that open while chromedriver is being switched to a page.

chromedriver does not hear of a dialog that opened before it had attached to the page, and waits for a page that cannot
respond until the command's time is over. Nothing can keep a page from opening a dialog at that moment.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from uitest import log
from uitest.browsers.cdp.dialogs import unexpected
from uitest.browsers.cdp.page_session import PageSession
from uitest.errors import BrowserError

LOGGER = logging.getLogger(__name__)

GRACE_S = 0.5
"""Seconds after which chromedriver, which takes some 30 ms, is taken to be waiting for a dialog."""


@contextmanager
def dismissing_dialogs(page: PageSession) -> Iterator[None]:
    """Dismiss a dialog that keeps the block waiting, which must not use the page's connection.

    Raises UnexpectedAlertPresentException after the block for a dialog that was dismissed: it opened during a command,
    for which WebDriver's default is the same.
    """
    over = threading.Event()
    dismissed: list[Mapping[str, Any]] = []
    watch = threading.Thread(target=_watch, args=(page, over, dismissed), name="uitest-dialog-watch", daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()
    if dismissed:
        raise unexpected(dismissed[0])


def _watch(page: PageSession, over: threading.Event, dismissed: list[Mapping[str, Any]]) -> None:
    with log.suppress(LOGGER, "dialogs of this page are not watched any more", BrowserError):
        while not over.wait(GRACE_S):
            page.catch_up()
            if page.dialog is not None:
                dismissed.append(page.dialog)
                page.close_dialog(accept=False)
