"""Adopts, kills and reaps descendant processes, so that an invocation leaves none but those of a kept browser.

The helpers of a browser that dies become orphans. In Lambda their new parent would not reap them, and environments live
for hours, so this process adopts them itself (``PR_SET_CHILD_SUBREAPER``).
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
"""A killed process ends within milliseconds, or hangs in the kernel and is not waited for."""


def adopt_orphans() -> None:
    """Become the parent of orphaned descendants. Raises OSError if the kernel refuses."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Have this process killed when its parent ends. Raises OSError if the kernel refuses."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def children(besides: Collection[int] = ()) -> set[int]:
    """Ids of this process's children, including zombies, without members of the process groups ``besides``."""
    parent = os.getpid()
    return {process.pid for process in processes() if process.parent == parent and process.group not in besides}


def end(spared: Collection[int], groups: Collection[int] = ()) -> None:
    """Kill and reap all children, also orphans adopted meanwhile, except ``spared`` ones and those in ``groups``."""
    deadline = time.monotonic() + REAP_LIMIT_S
    while (remaining := children(groups) - set(spared)) and time.monotonic() < deadline:
        for pid in remaining:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in remaining:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.002)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value})")
