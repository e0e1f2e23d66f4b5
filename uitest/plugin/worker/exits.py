"""Cases that try to end pytest, or its output: in a run they end nothing but themselves.

A worker makes attempts of many cases. ``pytest.exit`` or Ctrl-C's exception in one of them would take all the others
along, or, while files are collected, every case there is.
"""

import contextlib
import sys
from collections.abc import Generator, Iterator

import pytest

from uitest.compat import pytest_private

STOPS = (pytest.exit.Exception, KeyboardInterrupt, SystemExit)
"""What pytest lets through, out of a test or a file that it imports."""


class CaseExit(Exception):
    """A case tried to end pytest."""


@contextlib.contextmanager
def contained() -> Iterator[None]:
    """Make an error of the case of what would stop pytest in the block."""
    try:
        yield
    except STOPS as exc:
        raise CaseExit(f"the case tried to end pytest: {described(exc)}") from exc


def described(exc: BaseException) -> str:
    """``pytest.exit: the server is gone``, ``KeyboardInterrupt``, ``SystemExit: 3``."""
    name = "pytest.exit" if isinstance(exc, pytest.exit.Exception) else type(exc).__name__
    return f"{name}: {exc}" if str(exc) else name


class Imports:
    """A pytest plugin object: a file that tries to end pytest while it is imported is one that cannot be collected."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """The report of such a file is a failed one."""
        try:
            return (yield)
        except STOPS as exc:
            why = f"it tried to end pytest: {described(exc)}"
            return pytest.CollectReport(collector.nodeid, "failed", why, [])


def reopen_output(config: pytest.Config) -> None:
    """Have pytest capture output again after a case that closed ``sys.stdout``: the next ones could not begin."""
    if not (sys.stdout.closed or sys.stderr.closed):
        return
    pytest_private.restart_capture(config)
