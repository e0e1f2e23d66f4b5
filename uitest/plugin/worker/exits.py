"""Limits the effect of cases that try to end pytest, or close its output, to these cases.

A worker makes attempts of many cases. ``pytest.exit`` or KeyboardInterrupt in one of them would end all others.
Files that do so when they are imported are the concern of ``import_notes``.
"""

import contextlib
import sys
from collections.abc import Iterator

import pytest

from uitest.compat import pytest_private

EXIT_EXCEPTIONS = (pytest.exit.Exception, KeyboardInterrupt, SystemExit)
"""Exceptions that pytest does not catch in tests and imported files."""


class CaseExit(Exception):
    """A case tried to end pytest."""


@contextlib.contextmanager
def contained() -> Iterator[None]:
    """Turn an exception that would stop pytest into an error of the case."""
    try:
        yield
    except EXIT_EXCEPTIONS as exc:
        raise CaseExit(f"the case tried to end pytest: {described(exc)}") from exc


def described(exc: BaseException) -> str:
    """``pytest.exit: the server is gone``, ``KeyboardInterrupt``, ``SystemExit: 3``."""
    name = "pytest.exit" if isinstance(exc, pytest.exit.Exception) else type(exc).__name__
    return f"{name}: {exc}" if str(exc) else name


def reopen_output(config: pytest.Config) -> None:
    """Restart pytest's output capture after a case that closed ``sys.stdout``, so that the next ones can begin."""
    if not (sys.stdout.closed or sys.stderr.closed):
        return
    pytest_private.restart_capture(config)
