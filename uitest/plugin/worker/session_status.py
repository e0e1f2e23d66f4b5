"""Detects a bad exit status of a pytest session that no failed case explains.

Plugins and conftest files may end a session badly though every test passed: ``session.exitstatus = 1`` in
``pytest_sessionfinish``, an exception there, or one more in ``session.testsfailed`` as pytest-cov does when too little
is covered. Plain pytest does not exit with 0 then, so a run may not be green.

Trade-off: a hook that sets 1 where pytest itself says 1, because a case failed, changes nothing that could be seen. A
later try of that case alone can make such a run green.
"""

import signal
import threading
import traceback
from collections.abc import Generator
from types import FrameType
from typing import Any, Self

import pytest

from uitest.plugin.worker.exits import described

LAST_PYTEST_EXIT_CODE = 5
"""Highest exit code of pytest itself; a higher one comes from a hook."""


class Interrupts:
    """A block that notes whether SIGINT arrived, to tell an interrupt from a KeyboardInterrupt that a hook raises."""

    def __init__(self) -> None:
        self.arrived = False
        self._handler: Any = None
        """The handler outside of the block, which goes on to be called; None if it is not replaced."""

    def __enter__(self) -> Self:
        handler = signal.getsignal(signal.SIGINT)
        if callable(handler) and threading.current_thread() is threading.main_thread():
            self._handler = handler
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.arrived = True
        self._handler(number, frame)


class Status:
    """A pytest plugin that compares pytest's failure count with the reported failures."""

    def __init__(self) -> None:
        self._session: pytest.Session | None = None
        self._explained = 0
        self._before_hooks: int | None = None
        """The exit status that pytest itself gave the session; None until it has ended."""
        self._raised: str | None = None
        """What a ``pytest_sessionfinish`` hook raised."""

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session."""
        self._session = session

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Note the status before other hooks change it, and keep one that raises from ending this process.

        A worker that ended here could not report its last case any more.
        """
        self._before_hooks = int(session.exitstatus)
        interrupts = Interrupts()
        try:
            with interrupts:
                return (yield)
        except pytest.exit.Exception as exc:  # pytest would take its exit status
            session.exitstatus = session.exitstatus if exc.returncode is None else exc.returncode
        except SystemExit as exc:
            session.exitstatus = exc.code if isinstance(exc.code, int) else int(exc.code is not None)
        except (Exception, KeyboardInterrupt) as exc:
            traceback.print_exc()
            if not interrupts.arrived:  # execnet interrupts a worker that takes more than five seconds to end
                self._raised = described(exc)
        return None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self) -> Generator[None, object, object]:
        """Count failures with a report as explained by a case."""
        return (yield from self._count_failures())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collectreport(self) -> Generator[None, object, object]:
        """Count files that cannot be collected as explained, since they are reported elsewhere."""
        return (yield from self._count_failures())

    def _count_failures(self) -> Generator[None, object, object]:
        before = self._failed
        try:
            return (yield)
        finally:
            self._explained += self._failed - before

    @property
    def exit_status(self) -> int:
        """What pytest will exit with, as far as is known."""
        return int(self._session.exitstatus) if self._session is not None else 0

    @property
    def _failed(self) -> int:
        return self._session.testsfailed if self._session is not None else 0

    def conclude(self) -> str | None:
        """What is wrong with the end of the session that no case explains; None if nothing is.

        An exit status that hooks have set is replaced by pytest's own word for failed tests: the reason is told, and
        no executor need take the session for one that could not do its work.
        """
        if self._session is None:
            return None
        status = self.exit_status
        by_hooks = self._before_hooks is not None and status not in (0, self._before_hooks)
        uncounted = status == pytest.ExitCode.TESTS_FAILED and (not self._explained or self._failed > self._explained)
        if self._raised or by_hooks:
            self._session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._raised:
            return f"a pytest_sessionfinish hook raised {self._raised}"
        if not (by_hooks or uncounted or status > LAST_PYTEST_EXIT_CODE):
            return None
        return (
            f"pytest ended with exit status {status}, which no case explains: "
            "a pytest_sessionfinish hook or a plugin (coverage too low?) has set it"
        )
