"""What a start that fails leaves behind: nothing."""

import contextlib
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import eventually
from uitest.browsers.engines.webkit import servers
from uitest.browsers.engines.webkit.servers import Display, Server
from uitest.browsers.process import discovery
from uitest.errors import BrowserError


def descriptors() -> set[str]:
    """Those of this process."""
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def processes_in(folder: Path) -> list[str]:
    """Process ids of what was started with a path below the folder in its environment; a warm browser was not."""
    pids = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in path.read_bytes():
                pids.append(path.parent.name)
    return pids


@pytest.mark.parametrize("missing", ["xvfb", "webkitdriver"])
def test_missing_program_leaves_no_display_and_no_pipe(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither a virtual display nor a pipe is left, whichever of the programs cannot be found."""
    from selenium.webdriver.webkitgtk.options import Options

    started: list[str] = []

    def refuse() -> str:
        started.extend(processes_in(tmp_path))
        raise BrowserError(f"{missing} is not installed")

    before = descriptors()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(discovery, missing, refuse)
    with pytest.raises(BrowserError, match=f"{missing} is not installed"):
        Server(Options(), None)
    assert bool(started) == (missing == "webkitdriver"), "the display is started first"
    eventually(lambda: not processes_in(tmp_path), "no process is left")
    assert descriptors() == before


def test_failed_display_leaves_no_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipe it would have written to is closed."""

    def refuse(*_: Any, **__: Any) -> None:
        raise BrowserError("cannot start Xvfb")

    before = descriptors()
    monkeypatch.setattr(servers, "GuardedProcess", refuse)
    with pytest.raises(BrowserError, match="cannot start Xvfb"):
        Display()
    assert descriptors() == before
