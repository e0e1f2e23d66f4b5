"""Stops a case that hangs.

A timer of our own sends a signal whose handler raises pytest's own failure in the main thread, also out of a blocked
socket or ``sleep``, and does so again every few seconds for cases that swallow it. Python code that never returns to
the interpreter is beyond handlers: a second timer then aborts the process (pytest's faulthandler writes where it was),
which costs this case and no other. Other tools' limits are not touched, so the nearest one wins (see ``timers``).

The clock runs in setup, call and teardown only, and stands still while a browser starts: what pytest and we do
between the phases (report, screenshot) is neither the case's time nor a place where an exception may appear.
Trade-off: no limits outside of Linux, and for cases that run outside a main thread.
"""

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType

import pytest

from uitest.plugin import timers

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
        self._ends = 0.0
        self._armed = False

    @contextlib.contextmanager
    def running(self, at_least: float = 0.0) -> Iterator[None]:
        """Raise CaseTimeout in the block when the case's time is over, but not before ``at_least`` seconds."""
        global _current
        if self._seconds <= 0 or not timers.are_available():
            yield
            return
        self._left = max(self._left, at_least)
        outer, _current = _current, self
        handler = signal.signal(timers.RING, self._ring)
        self._alarm, self._abort = timers.Timer(timers.RING), timers.Timer(signal.SIGABRT)
        self._start()
        try:
            try:
                yield
            finally:
                self._armed = False  # first of all: from here on a late ring must not raise
        finally:
            self._stop()
            self._alarm.close()
            self._abort.close()
            # A ring that is still on its way must meet no handler that would end the process.
            signal.signal(timers.RING, handler if callable(handler) else signal.SIG_IGN)
            _current = outer

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

    def forget(self) -> None:
        """Let the case take as long as it likes from now on."""
        if self._armed:
            self._stop()

    @property
    def left(self) -> float:
        """Seconds until the alarm rings, 0 while the clock stands still."""
        return max(0.0, self._ends - time.monotonic()) if self._armed else 0.0

    def _ring(self, _signal: int, _frame: FrameType | None) -> None:
        if self._armed and time.monotonic() >= self._ends:  # else it is the alarm of a session around this one
            raise CaseTimeout(f"case timed out after {self._seconds:g} s", pytrace=True)

    def _start(self) -> None:
        self._armed = True
        self._ends = time.monotonic() + self._left
        self._abort.set(self._left + GRACE_S)
        self._alarm.set(self._left, AGAIN_S)

    def _stop(self) -> None:
        self._armed = False
        self._left = self._alarm.set(0) or AGAIN_S
        self._abort.set(0)


_current: Limit | None = None


def current() -> Limit | None:
    """The limit of the phase that runs."""
    return _current


def is_timeout(error: BaseException) -> bool:
    """Whether a case was stopped in the middle, by us or by pytest-timeout: its browser may hang in a command."""
    return isinstance(error, CaseTimeout) or (
        isinstance(error, pytest.fail.Exception) and str(error).startswith("Timeout (>")
    )
