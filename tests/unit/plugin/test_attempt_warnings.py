"""Warnings of the log as warnings of an attempt."""

import logging
import threading

from uitest.plugin.worker.attempt_warnings import AttemptWarnings

LOGGER = logging.getLogger("uitest.part")


def test_warnings_logged_during_an_attempt_are_kept() -> None:
    """From any thread, without its traceback; nothing that is less, before or after."""
    LOGGER.warning("before")
    with AttemptWarnings() as warnings:
        LOGGER.info("a detail")
        thread = threading.Thread(target=LOGGER.warning, args=("no %s\nTraceback ...", "trace"))
        thread.start()
        thread.join()
    LOGGER.warning("after")
    assert warnings.added_to([]) == ["no trace"]


def test_warning_of_the_attempt_itself_is_not_repeated() -> None:
    """Where it has several browsers, its own warning says of which."""
    with AttemptWarnings() as warnings:
        LOGGER.warning("no screenshot: it hangs")
        LOGGER.warning("chrome started at the second try")
    known = ["browser 2: no screenshot: it hangs"]
    assert warnings.added_to(known) == [*known, "chrome started at the second try"]
