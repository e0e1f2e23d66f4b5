"""Runs pytest in a fork of this process.

It does not run in this process, because pytest, plugins and case files leave state in ``sys.modules`` for the next
invocation, and a case that hangs outside of Python or ends its process would end the environment. It is not a new
``python -m pytest``, because a fork has everything imported: a case with a fresh Chrome takes 0.4 s instead of 0.7 s
(two cores). Trade-off: a browser that is to be kept must be handed over (see ``browser_reuse``).
"""

import logging
import os
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from lambda_runner import subreaper

LOGGER = logging.getLogger(f"uitest.{__name__}")

for _needed in (
    "uitest.plugin",
    "uitest.browsers.engines.chrome",
    "uitest.browsers.engines.firefox",
    "uitest.browsers.engines.webkit",
    "xdist.plugin",
):
    import_module(_needed)  # saves each fork half a second

CRASHED = 70
"""Exit code of a fork in which pytest raised an exception."""


def run(
    arguments: Sequence[str],
    folder: Path,
    environ: Mapping[str, str],
    output: Path,
    until: float,
    plugins: Sequence[object],
) -> int | None:
    """Exit code of a pytest session with these arguments; None if it was killed because it ran beyond ``until``.

    ``folder`` is its working directory, ``until`` is by the monotonic clock. The session's output goes to the file
    ``output``; its environment is ours with ``environ``. The code is negative after a signal, as in ``subprocess``.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _session(arguments, folder, environ, output, plugins)
    pid_fd = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(pid_fd, select.POLLIN)
        in_time = bool(poll.poll(max(0.0, until - time.monotonic()) * 1000))
        if not in_time:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(pid_fd)
    status = os.waitpid(pid, 0)[1]
    return os.waitstatus_to_exitcode(status) if in_time else None


def _session(
    arguments: Sequence[str], folder: Path, environ: Mapping[str, str], output: Path, plugins: Sequence[object]
) -> None:
    """The code of the fork. It never returns, so that the parent's clean-up does not run twice."""
    code = CRASHED
    try:
        subreaper.die_with_parent()
        output_fd = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for stream in (1, 2):
            os.dup2(output_fd, stream)
        # The streams of Lambda's runtime do not write to file descriptors 1 and 2.
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        os.environ.update(environ)
        os.chdir(folder)
        sys.path.insert(0, str(folder))  # as "python -m pytest" does, with which sessions on other machines start
        tempfile.tempdir = None
        code = int(pytest.main(list(arguments), plugins))
    except BaseException:
        LOGGER.exception("pytest itself raised")
        traceback.print_exc()  # to the output, which is searched for the reason
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
