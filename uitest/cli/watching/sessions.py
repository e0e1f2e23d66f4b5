"""Runs pytest sessions in forks of this process, which has imported everything that they need beside the project.

What a session imports of the project ends with it, so each one sees the files as they are.
"""

import gc
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

from uitest.plugin.selection import VARIABLE, Selection, SessionResult

NEEDED = (
    "uitest.browsers.engines.chrome",
    "uitest.browsers.engines.firefox",
    "uitest.browsers.engines.webkit",
    "uitest.browsers.sessions.session_keeper",
    "uitest.plugin.timing.waits",
    "uitest.trace.recorder",
    "selenium.webdriver.common.bidi",
    "selenium.webdriver.support.expected_conditions",
    "selenium.webdriver.support.ui",
)
"""Modules that a session imports late."""

CRASHED = 70
"""Exit code of a session in which pytest raised an exception."""

INTERRUPT_S, END_S = 1.0, 10.0
"""Seconds for a session to end by itself when this process has been interrupted, then after a signal."""


def warm_up(words: Sequence[str]) -> None:
    """Import pytest, its plugins and what cases need, by a session without tests."""
    plugins = [word for pair in pairwise(words) if pair[0] == "-p" for word in pair]
    with tempfile.TemporaryDirectory(prefix="uitest-watch-") as folder, _silenced():
        settings = Path(folder) / "pytest.ini"
        settings.write_text("[pytest]\n")
        pytest.main(["--collect-only", "-p", "no:cacheprovider", *plugins, "-c", str(settings), folder])
    for name in NEEDED:
        import_module(name)
    gc.collect()
    gc.freeze()  # so that forks do not copy these objects


@contextmanager
def _silenced() -> Iterator[None]:
    """Discard what is printed in the block: problems show up in the sessions as well."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(stream) for stream in (1, 2)]
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        for stream in (1, 2):
            os.dup2(null, stream)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream, before in enumerate(kept, 1):
            os.dup2(before, stream)
            os.close(before)
        os.close(null)


def run(words: Sequence[str], selection: Selection, *, interactive: bool) -> tuple[int, SessionResult]:
    """Exit code and result of a session with these arguments of pytest; the code is negative after a signal.

    At a terminal (``interactive``), Ctrl-C is the session's own matter. Raises KeyboardInterrupt elsewhere.
    """
    with tempfile.TemporaryDirectory(prefix="uitest-watch-") as folder:
        file = Path(folder) / "selection.json"
        selection.write(file)
        sys.stdout.flush()
        sys.stderr.flush()
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if interactive else signal.getsignal(signal.SIGINT)
        try:
            pid = os.fork()
            if pid == 0:
                _session(words, file)
            status = _awaited(pid)
        finally:
            signal.signal(signal.SIGINT, handler)
        return os.waitstatus_to_exitcode(status), SessionResult.read(file)


def _awaited(pid: int) -> int:
    """The status of a child when it has ended; ends it if this process is interrupted."""
    try:
        return os.waitpid(pid, 0)[1]
    except BaseException:
        for seconds, number in ((INTERRUPT_S, signal.SIGINT), (END_S, signal.SIGKILL)):
            if _has_ended(pid, seconds):
                break
            os.kill(pid, number)
        else:
            os.waitpid(pid, 0)
        raise


def _has_ended(pid: int, seconds: float) -> bool:
    """Whether a child ends within so many seconds."""
    deadline = time.monotonic() + seconds
    while os.waitpid(pid, os.WNOHANG)[0] == 0:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _session(words: Sequence[str], file: Path) -> None:
    """The code of the fork. It never returns, so that the parent's clean-up does not run twice."""
    code = CRASHED
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.environ[VARIABLE] = str(file)
        # Python takes a compiled file for current if time, to the second, and size of the source are the same.
        sys.dont_write_bytecode = True
        code = int(pytest.main(list(words)))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
