"""Child processes of a handler: every one is ours, and none is left when an invocation ends but a kept browser's.

A browser that dies leaves its helpers to whoever adopts orphans. In Lambda that would be a process that does not
reap, and an environment lives for hours: so this process adopts them itself (``PR_SET_CHILD_SUBREAPER``).
"""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Collection

from uitest.system.process_table import processes

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
"""Both from ``linux/prctl.h``."""

REAP_LIMIT_S = 5.0
"""A killed process is gone within milliseconds, or hangs in the kernel and is not waited for."""


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends. Raises OSError where the kernel refuses."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Have this process killed when its parent ends. Raises OSError where the kernel refuses."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def children(besides: Collection[int] = ()) -> set[int]:
    """Process ids of this process's children, dead ones that nobody waited for included.

    Members of the process groups ``besides`` are left out.
    """
    ours = os.getpid()
    return {one.pid for one in processes() if one.parent == ours and one.group not in besides}


def end(spared: Collection[int], groups: Collection[int] = ()) -> None:
    """Kill and reap every child but the ``spared`` and those in ``groups``, and the orphans that come while we do."""
    give_up = time.monotonic() + REAP_LIMIT_S
    while (ours := children(groups) - set(spared)) and time.monotonic() < give_up:
        for pid in ours:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in ours:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.002)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value})")
