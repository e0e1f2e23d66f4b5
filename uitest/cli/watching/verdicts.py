"""Decides how a session of ``uitest watch`` ended, and which cases are still broken after it."""

import signal

from uitest.executors.pytest_session import MISUSED
from uitest.plugin.selection import Selection, SessionResult, nodes_with

INTERRUPTED, NOTHING = 2, 5
"""pytest's exit codes for Ctrl-C or files that cannot be collected, and for a session without tests."""

VERDICTS = {0: "passed", 1: "failed", INTERRUPTED: "interrupted", MISUSED: "not run", NOTHING: "nothing to run"}
"""Words for pytest's exit codes."""


def early_end(code: int, result: SessionResult) -> str:
    """What ended a session before pytest did, and which case was running; empty if pytest ended it."""
    if result.is_complete or (code == MISUSED and not result.running):
        return ""
    how = f"was killed by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"ended with exit code {code}"
    where = f"while {', '.join(result.running)} was running" if result.running else "while no case was running"
    return f"pytest {how} {where}"


def verdict(code: int, result: SessionResult) -> str:
    """The verdict on a session, in words.

    A file that cannot be imported is a failure, though pytest calls it an interruption or, if it is a conftest file,
    wrong use.
    """
    is_broken = code in (INTERRUPTED, MISUSED) and result.failed and not result.ran
    if is_broken or early_end(code, result):
        return "failed"
    return VERDICTS.get(code, f"pytest ended with exit code {code}")


def still_broken(
    before: frozenset[str], selection: Selection, result: SessionResult, *, is_gone: bool
) -> frozenset[str]:
    """The ids of what failed when it last ran, after a session.

    A file or folder was imported if a test in it came to its end. ``is_gone`` tells that nothing of the selection
    exists any more.
    """
    done = {node for test in result.finished for node in nodes_with(test)}
    gone = (selection.nodes or frozenset()) if is_gone else frozenset()
    return (before - done - gone) | frozenset(result.failed)
