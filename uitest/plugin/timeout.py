"""Stops a case that hangs.

An alarm signal raises pytest's own failure in the main thread, also out of a blocked socket or ``sleep``, and
does so again every few seconds for cases that swallow it. Python code that never returns to the interpreter is
beyond signals: faulthandler's watchdog then ends the process, which costs this case and no other. Given up:
limits on systems without SIGALRM, and for cases run outside a main thread.
"""

import contextlib
import faulthandler
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

AGAIN_S = 5.0
GRACE_S = 30.0


class CaseTimeout(pytest.fail.Exception):  # type: ignore[name-defined,misc]
    """The case took longer than it may; not an ``Exception``, so a case's own ``except`` lets it through."""


@contextlib.contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise CaseTimeout in the block when it takes longer than ``seconds``; 0 means no limit."""
    if not seconds or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise CaseTimeout(f"case timed out after {seconds:g} s", pytrace=True)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    faulthandler.dump_traceback_later(seconds + GRACE_S, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)
