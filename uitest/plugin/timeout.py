"""Stops a case that hangs.

An alarm signal raises pytest's own failure in the main thread, also out of a blocked socket or ``sleep``, and
does so again every few seconds for cases that swallow it. Python code that never returns to the interpreter is
beyond signals: faulthandler's watchdog then ends the process, which costs this case and no other.

The clock runs in setup, call and teardown only, and stands still while a browser starts: what pytest and we do
between the phases (report, screenshot) is neither the case's time nor a place where an exception may appear.
Given up: limits on systems without SIGALRM, and for cases run outside a main thread.
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
"""Pause until the alarm rings again; a teardown gets at least as much."""
GRACE_S = 30.0


class CaseTimeout(pytest.fail.Exception):  # type: ignore[name-defined,misc]
    """The case took longer than it may; not an ``Exception``, so a case's own ``except`` lets it through."""


class Limit:
    """The time that one case has, 0 for as long as it likes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._left = seconds
        self._on = seconds > 0 and threading.current_thread() is threading.main_thread()
        self._armed = False

    @contextlib.contextmanager
    def running(self, at_least: float = 0.0) -> Iterator[None]:
        """Raise CaseTimeout in the block when the case's time is over, but not before ``at_least`` seconds."""
        if not self._on:
            yield
            return
        self._left = max(self._left, at_least)
        before = signal.signal(signal.SIGALRM, self._ring)
        self._start()
        try:
            try:
                yield
            finally:
                self._armed = False  # first of all: from here on a late ring must not raise
        finally:
            self._stop()
            signal.signal(signal.SIGALRM, before)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock while the block runs, in a block that is ``running``."""
        if not self._armed:
            yield
            return
        self._stop()
        try:
            yield
        finally:
            self._start()

    def _ring(self, _signal: int, _frame: FrameType | None) -> None:
        if self._armed:
            raise CaseTimeout(f"case timed out after {self._seconds:g} s", pytrace=True)

    def _start(self) -> None:
        self._armed = True
        signal.setitimer(signal.ITIMER_REAL, self._left, AGAIN_S)
        if sys.__stderr__ is not None:
            faulthandler.dump_traceback_later(self._left + GRACE_S, exit=True, file=sys.__stderr__)

    def _stop(self) -> None:
        self._armed = False
        left, _ = forget()
        self._left = left or AGAIN_S


def forget() -> tuple[float, float]:
    """Stop the clock for good (somebody debugs the case); returns what ``setitimer`` does."""
    faulthandler.cancel_dump_traceback_later()
    return signal.setitimer(signal.ITIMER_REAL, 0)
