"""Reports the running case of an xdist worker that ended by itself, from the process that started the worker.

``os._exit``, pytest-timeout's method ``thread``, an abort or a crash end the worker before it can report. The case has
failed then, as in plain pytest, which ends with a bad exit status. The attempt of a worker that somebody killed is left
to the coordinator, for which it is an error of the machine.

The worker is reaped when its attempt is reported, not before: until then the coordinator takes it for alive.
"""

import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest

from uitest import log
from uitest.compat import xdist_private
from uitest.executors.attempt import Assignment, worker_id
from uitest.executors.pytest_session import ended_by_case
from uitest.model import Verdict

LOGGER = logging.getLogger(__name__)

END_S = 10.0
"""How long a worker that no longer responds may take to end; one that does not is left to its lease."""


class WorkerEnds:
    """A pytest plugin for xdist's controller."""

    def __init__(self, plan: Path) -> None:
        """``plan`` is the file with the assignment."""
        self._plan = plan

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Report what a worker was running that has ended too early; its process is a zombie until then."""
        process = xdist_private.worker_process(node) if error is not None else None
        code = exit_code(process.pid) if process is not None else None
        if process is None or code is None:
            return
        why = ended_by_case(code)
        LOGGER.info("worker %s has ended with exit code %d", node.gateway.id, code)
        try:
            if why is not None:
                with log.suppress(LOGGER, "the end of a worker could not be reported", Exception):
                    _report(Assignment.read(self._plan), worker_id(process.pid), why)
        finally:
            process.wait()


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


def _report(assignment: Assignment, owner: str, why: str) -> None:
    # Imported late, as few sessions need a store in this process.
    from uitest.run.finalize import finish_attempts
    from uitest.storage.stores import open_store

    store = open_store(assignment.store)
    try:
        rows = [row for row in store.jobs(assignment.run) if row.owner == owner]
        finish_attempts(store, store.run(assignment.run), rows, Verdict.FAILED, why, time.time())
    finally:
        store.close()
