"""Reports the running case of an xdist worker that ended by itself, from the process that started the worker.

``os._exit``, pytest-timeout's method ``thread``, an abort or a crash end the worker before it can report. The case has
failed then, as in plain pytest, which ends with a bad exit status. The attempt of a worker that somebody killed is left
to the coordinator, for which it is an error of the machine.

The worker is reaped when its attempt is reported, not before: until then the coordinator takes it for alive.

A worker may also end badly behind its last case, in a ``pytest_unconfigure`` hook or in a library's clean-up. Its cases
keep their results then, and the run is red with that reason.
"""

import logging
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from uitest import log
from uitest.compat import xdist_private
from uitest.executors.attempt import Assignment, blame, worker_id
from uitest.executors.import_notes import left_behind
from uitest.executors.pytest_session import ended_by_case, ended_outside
from uitest.model import Verdict

LOGGER = logging.getLogger(__name__)

END_S = 10.0
"""How long a worker that no longer responds may take to end; one that does not is left to its lease."""


class WorkerEnds:
    """A pytest plugin for xdist's controller."""

    def __init__(self, plan: Path) -> None:
        """``plan`` is the file with the assignment."""
        self._plan = plan
        self._finished: list[subprocess.Popen[bytes]] = []
        """The workers that had no more cases; they end while the session does."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Report what a worker was running that has ended too early; its process is a zombie until then."""
        process = xdist_private.worker_process(node)
        if process is None:
            return
        if error is None:
            self._finished.append(process)
            return
        code = exit_code(process.pid)
        if code is None:
            return
        LOGGER.info("worker %s has ended with exit code %d", node.gateway.id, code)
        try:
            self._report(process.pid, code)
        finally:
            process.wait()

    def pytest_unconfigure(self) -> None:
        """Report the workers that ended badly behind their last case; xdist has waited for all of them."""
        for process in self._finished:
            code = process.poll()
            if code is not None:
                self._report(process.pid, code)

    def _report(self, pid: int, code: int) -> None:
        """Report the end of a worker: as that of its case, else, if it is a bad one, as a reason for a red run."""
        if ended_by_case(code) is None or pid in left_behind(self._plan.parent):
            return
        with log.suppress(LOGGER, "the end of a worker could not be reported", Exception):
            _write(Assignment.read(self._plan), worker_id(pid), code)


def exit_code(pid: int) -> int | None:
    """The exit code of a child, which stays a zombie; negative after a signal, None if it goes on or was reaped."""
    deadline = time.monotonic() + END_S
    try:
        while (ended := os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)) is None:
            if time.monotonic() > deadline:
                return None
            time.sleep(0.01)
    except ChildProcessError:
        return None
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def _write(assignment: Assignment, owner: str, code: int) -> None:
    # Imported late, as few sessions need a store in this process.
    from uitest.run.finalize import finish_attempts
    from uitest.storage.stores import open_store

    by_case, outside = ended_by_case(code), ended_outside(code)
    store = open_store(assignment.store)
    try:
        rows = [row for row in store.jobs(assignment.run) if row.owner == owner]
        if rows and by_case is not None:
            finish_attempts(store, store.run(assignment.run), rows, Verdict.FAILED, by_case, time.time())
        elif outside is not None:
            blame(store, assignment.run, outside)
    finally:
        store.close()
