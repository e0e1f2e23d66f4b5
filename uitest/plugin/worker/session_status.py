"""A session's exit status, and whether its cases explain it.

Plugins and conftest files may end a session badly though every test passed: ``session.exitstatus = 1`` in
``pytest_sessionfinish``, or one more in ``session.testsfailed`` as pytest-cov does when too little is covered. Plain
pytest exits with 1 then, so a run may not be green.

Trade-off: a status that is set while a case has failed anyway says nothing new, so a later try of that case alone can
make such a run green.
"""

from collections.abc import Generator

import pytest

HOOKS_OWN = 5
"""pytest's own exit codes end here; a higher one comes from a hook."""


class Status:
    """Watches a session: what pytest counts as failed with a report, and how it ends."""

    def __init__(self) -> None:
        self._session: pytest.Session | None = None
        self._explained = 0

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Know the session."""
        self._session = session

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self) -> Generator[None, object, object]:
        """A failure with a report is a case's."""
        return (yield from self._counting())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collectreport(self) -> Generator[None, object, object]:
        """A file that cannot be collected is told in another way."""
        return (yield from self._counting())

    def _counting(self) -> Generator[None, object, object]:
        before = self._failed
        try:
            return (yield)
        finally:
            self._explained += self._failed - before

    @property
    def _failed(self) -> int:
        return self._session.testsfailed if self._session is not None else 0

    @property
    def problem(self) -> str | None:
        """What is wrong with the end of the session that no case explains; None if nothing is."""
        status = int(self._session.exitstatus) if self._session is not None else 0
        unexplained = status == pytest.ExitCode.TESTS_FAILED and (not self._explained or self._failed > self._explained)
        if not unexplained and status <= HOOKS_OWN:
            return None
        return (
            f"pytest ended with exit status {status}, which no case explains: "
            "a pytest_sessionfinish hook or a plugin (coverage too low?) has set it"
        )
