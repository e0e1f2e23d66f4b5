"""Stops a case that hangs.

A timer sends a signal whose handler raises a pytest failure in the main thread, also out of a blocked socket or
``sleep``, and repeats that every few seconds for cases that swallow it. For code that never returns to the interpreter
a second timer aborts the process (pytest's faulthandler writes the stack), which costs only this case. Limits of other
tools are not touched, so the shortest one wins (see ``timers``).

The clock runs during setup, call and teardown and pauses while a browser starts. Work between the phases (report,
screenshot) is not the case's time, and no exception may be raised there. Trade-off: there are no limits outside of
Linux, and none for cases outside of the main thread.
"""

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType

import pytest

from uitest.plugin.timing import timers

REPEAT_S = 5.0
"""Interval of repeated alarms; a teardown gets at least as much time."""
GRACE_S = 30.0


class CaseTimeout(pytest.fail.Exception):  # type: ignore[name-defined,misc]
    """The case exceeded its time limit; not an ``Exception``, so that a case's ``except`` does not catch it."""


class Limit:
    """The time limit of one case, 0 for none."""

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
                self._armed = False  # first, so that a late alarm does not raise
        finally:
            self._stop()
            self._alarm.close()
            self._abort.close()
            # An alarm may still be pending, so there must be no handler that would end the process.
            signal.signal(timers.RING, handler if callable(handler) else signal.SIG_IGN)
            _current = outer

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock during the block, within a ``running`` block."""
        if not self._armed:
            yield
            return
        self._stop()
        try:
            yield
        finally:
            self._start()

    def forget(self) -> None:
        """Remove the limit."""
        if self._armed:
            self._stop()

    @property
    def left(self) -> float:
        """Seconds until the alarm, 0 while the clock is paused."""
        return max(0.0, self._ends - time.monotonic()) if self._armed else 0.0

    def _ring(self, _signal: int, _frame: FrameType | None) -> None:
        __tracebackhide__ = True
        if self._armed and time.monotonic() >= self._ends:  # else it is the alarm of an outer session
            raise CaseTimeout(f"case timed out after {self._seconds:g} s", pytrace=True)

    def _start(self) -> None:
        self._armed = True
        self._ends = time.monotonic() + self._left
        self._abort.set(self._left + GRACE_S)
        self._alarm.set(self._left, REPEAT_S)

    def _stop(self) -> None:
        self._armed = False
        self._left = self._alarm.set(0) or REPEAT_S
        self._abort.set(0)


_current: Limit | None = None


def current() -> Limit | None:
    """The limit of the running phase."""
    return _current


def is_timeout(error: BaseException) -> bool:
    """Whether a case was stopped by us or by pytest-timeout, so that its browser may hang in a command."""
    return isinstance(error, CaseTimeout) or (
        isinstance(error, pytest.fail.Exception) and str(error).startswith("Timeout (>")
    )
