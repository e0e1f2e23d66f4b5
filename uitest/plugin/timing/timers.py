"""POSIX timers that send a signal to one thread, independent of other timers in the process.

``signal.setitimer`` and ``faulthandler.dump_traceback_later`` have one timer per process, which pytest-timeout,
pytest's ``faulthandler_timeout`` or a case may be using. POSIX timers are not limited in number, and need no Python
thread, so they can also end a process that never returns to the interpreter.

Trade-off: Linux only, by ctypes, since Python's library does not have them.
"""

import contextlib
import ctypes
import os
import signal
import threading
from typing import Any

CLOCK_MONOTONIC = 1
SIGEV_THREAD_ID = 4
"""Both from ``linux/time.h`` and ``asm-generic/siginfo.h``."""


class _Event(ctypes.Structure):
    """``struct sigevent``; the kernel's has 64 bytes."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("thread", ctypes.c_int),
        ("rest", ctypes.c_char * 44),
    )


class _Times(ctypes.Structure):
    """``struct itimerspec``."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


def _library() -> Any:
    """The C library with these functions, None on systems without them."""
    for name in (None, "librt.so.1"):
        with contextlib.suppress(OSError, AttributeError):
            library = ctypes.CDLL(name, use_errno=True)
            library.timer_settime.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
            library.timer_delete.argtypes = (ctypes.c_void_p,)
            return library
    return None


_C = _library()


def are_available() -> bool:
    """Whether this system has such timers and this is the main thread."""
    return _C is not None and threading.current_thread() is threading.main_thread()


class Timer:
    """One timer, inactive until it is ``set``."""

    def __init__(self, number: int) -> None:
        """``number`` is the signal that this thread gets. Raises OSError."""
        self._id = ctypes.c_void_p()
        event = _Event(None, number, SIGEV_THREAD_ID, threading.get_native_id())
        _check(_C.timer_create(CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(self._id)))

    def set(self, seconds: float, again: float = 0.0) -> float:
        """Start the timer (0 stops it), repeated every ``again`` seconds; returns the time left before."""
        before = _Times()
        times = _Times(*_parts(again), *_parts(seconds))
        _check(_C.timer_settime(self._id, 0, ctypes.byref(times), ctypes.byref(before)))
        return float(before.value_s + before.value_ns / 1e9)

    def close(self) -> None:
        """Delete the timer."""
        _check(_C.timer_delete(self._id))


def _parts(seconds: float) -> tuple[int, int]:
    """Whole seconds and nanoseconds, limited to a century, and not 0 for a positive time."""
    whole, rest = divmod(min(seconds, 3e9), 1)
    return int(whole), max(int(rest * 1e9), int(0 < seconds < 1e-9))


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


RING = getattr(signal, "SIGRTMAX", 64) - 7
"""A real-time signal that no known library uses."""
