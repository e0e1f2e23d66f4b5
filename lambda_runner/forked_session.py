"""pytest in a fork of this process.

Not in the process itself: pytest, plugins and case files leave their state in ``sys.modules``, so the second
invocation of an environment would not be the first one again, and a case that hangs outside of Python, or ends its
process, would take the environment along. Not in a new ``python -m pytest`` either: a fork has everything imported
already, so that a case with a fresh Chrome takes 0.4 s in all where that took 0.7 s (two cores). Given up: a browser
that simply stays where it is for the next invocation; one that shall be kept is handed over (see ``browser_reuse``).
"""

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

for _needed in (
    "uitest.plugin",
    "uitest.browsers.engines.chrome",
    "uitest.browsers.engines.firefox",
    "uitest.browsers.engines.webkit",
    "xdist.plugin",
):
    import_module(_needed)  # so that no fork has to, which takes half a second

CRASHED = 70
"""Exit code of a fork in which pytest itself raised."""


def run(
    words: Sequence[str], environ: Mapping[str, str], output: Path, until: float, plugins: Sequence[object]
) -> int | None:
    """Exit code of a pytest session with these words, None if it was killed because it went on after ``until``.

    ``until`` is in seconds since the epoch. What the session prints goes to the file ``output``; its environment is
    ours and ``environ``. A session that a signal ended has a negative code, as in ``subprocess``.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _session(words, environ, output, plugins)
    watched = os.pidfd_open(pid)
    try:
        over = select.poll()
        over.register(watched, select.POLLIN)
        in_time = bool(over.poll(max(0.0, until - time.time()) * 1000))
        if not in_time:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(watched)
    status = os.waitpid(pid, 0)[1]
    return os.waitstatus_to_exitcode(status) if in_time else None


def _session(words: Sequence[str], environ: Mapping[str, str], output: Path, plugins: Sequence[object]) -> None:
    """The life of the fork; never returns, so that nothing of the parent's is ended twice."""
    code = CRASHED
    try:
        subreaper.die_with_parent()
        said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for stream in (1, 2):
            os.dup2(said, stream)
        # The runtime's own streams write to Lambda's log by another way than the file descriptors.
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        os.environ.update(environ)
        tempfile.tempdir = None
        code = int(pytest.main(list(words), plugins))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
