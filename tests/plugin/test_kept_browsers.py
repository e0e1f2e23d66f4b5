"""Browsers that go on from one pytest session to the next: which do, what they carry over (nothing), how they end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import Session
from tests.support.processes import eventually
from uitest.model import BROWSERS

CASES = """
import os, signal, threading, pytest

def test_one(driver):
    driver.get("data:text/html,<title>Shop</title>")
    assert driver.title == "Shop"

@pytest.mark.parametrize("number", range(2))
def test_both(driver, number, tmp_path_factory):  # each waits for the other one, so that two workers run them
    folder = tmp_path_factory.getbasetemp().parent
    (folder / f"{number}").write_text("")
    while not (folder / f"{1 - number}").exists():
        threading.Event().wait(0.01)

def test_killed(driver): os.kill(os.getpid(), signal.SIGKILL)

def test_used_up(driver): driver.set_network_conditions(offline=True, latency=5, throughput=500)
"""

FIRST_VIEW = """
import json, pathlib, pytest

@pytest.fixture(scope="module", autouse=True)
def view(request):  # what the very first case of the first session saw
    file = pathlib.Path(__file__).with_name("view")
    request.module.first_view.update(json.loads(file.read_text()) if file.exists() else {})
    yield
    file.write_text(json.dumps(request.module.first_view))
"""

LASTING = (
    "first_view", "stores", "password", "window_size", "zoom", "timeouts", "held_keys", "windows", "dialog", "question",
    "no_window", "last_view",
)  # fmt: skip
"""Cases of ``projects/isolation.py`` that do not cost the browser in any engine."""

Keep = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def keep(pytester: pytest.Pytester, session: Session, monkeypatch: pytest.MonkeyPatch) -> Keep:
    """Runs pytest with ``--keep-browser`` in a process of its own; the kept browsers are those of this test."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(session.scratch))
    monkeypatch.delenv("CI", raising=False)
    pytester.makepyfile(test_kept=CASES)

    def run(*args: str, flag: str = "--keep-browser", expect: int = 0) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "pytest", flag, *args]
        result = subprocess.run(argv, cwd=pytester.path, capture_output=True, text=True, check=False)
        assert result.returncode == expect, result.stdout + result.stderr
        return result

    return run


@pytest.fixture(autouse=True)
def _end(keep: Keep, session: Session, request: pytest.FixtureRequest) -> Any:
    """End what is kept; afterwards nothing of it is left."""
    yield
    listed("--end")
    assert session.left() == []


def listed(*args: str) -> list[dict[str, Any]]:
    """What ``uitest browsers`` says."""
    argv = [sys.executable, "-m", "uitest", "browsers", "--json", *args]
    browsers: list[dict[str, Any]] = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    return browsers


def pids() -> set[int]:
    """The first process of each kept browser."""
    return {browser["pid"] for browser in listed()}


@pytest.mark.parametrize(
    "engine", [name if name == "chrome" else pytest.param(name, marks=pytest.mark.slow) for name in BROWSERS]
)
def test_browser_serves_the_next_session(keep: Keep, session: Session, engine: str) -> None:
    """The same one serves the next session, two workers never share one, and it ends with the session it is used in."""
    result = keep("-k", "one", "--browser", engine)
    assert "uitest: browsers are kept for 10 minutes (uitest browsers)" in result.stdout
    [first] = listed()
    assert (first["browser"], first["minutes"]) == (engine, 10)
    keep("-k", "one", "--browser", engine, flag="--keep-browser=5")
    [again] = listed()
    assert (again["pid"], again["minutes"]) == (first["pid"], 5)
    keep("-n", "2", "-k", "both", "--browser", engine)
    both = pids()
    assert len(both) == 2
    assert first["pid"] in both
    keep("-n", "2", "-k", "both", "--browser", engine)
    assert pids() == both
    keep("-k", "one", "--browser", engine, flag="--keep-browser=0")
    assert pids() == both, "a session without it uses none"
    listed("--end")
    keep("-k", "one", "--browser", engine)
    keep("-k", "killed", "--browser", engine, expect=-signal.SIGKILL)
    assert listed() == []
    eventually(lambda: not session.processes(), f"the end of {session.processes()}")


@pytest.mark.slow
@pytest.mark.parametrize("engine", BROWSERS)
def test_browser_carries_nothing_over(
    keep: Keep, project: Callable[[str], None], pytester: pytest.Pytester, engine: str
) -> None:
    """The cases that prove isolation pass in a browser that has served them in another session already."""
    project("isolation")
    pytester.makeconftest(FIRST_VIEW)
    words = ("test_isolation.py", "--case-timeout=20", "--browser", engine)
    lasting = ("-k", " or ".join(LASTING))
    keep(*words, *lasting)
    before = pids()
    keep(*words, *lasting)
    assert pids() == before
    keep(*words, expect=1)


@pytest.mark.slow
def test_browser_that_has_died_is_replaced(keep: Keep, session: Session) -> None:
    """No case fails because of it and nobody is warned; when its driver dies, it ends at once."""
    keep("-k", "one")
    [first] = pids()
    for pid in {int(path.name) for path in Path("/proc").glob("[0-9]*")} - {first}:
        if group_of(pid) == first:
            os.kill(pid, signal.SIGKILL)
    result = keep("-k", "one")
    assert "warning" not in result.stdout
    [second] = pids()
    assert second != first
    os.kill(second, signal.SIGKILL)
    eventually(lambda: not session.processes(), f"the end of {session.processes()}")


def group_of(pid: int) -> int | None:
    """The process group of a process; None if it has ended."""
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


@pytest.mark.slow
def test_browser_with_other_options_is_not_taken_over(
    keep: Keep, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither with another size, nor with another proxy or time zone; and none that a case has changed."""
    keep("-k", "one")
    known = pids()
    keep("-k", "one", "--window-size", "800x600")
    assert len(known | pids()) == 2
    known = pids()
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    keep("-k", "one")
    assert len(known | pids()) == 3
    monkeypatch.delenv("https_proxy")
    known = pids()
    keep("-k", "one or used_up")
    assert pids() < known
    pytester.makefile(".toml", uitest="keep-browser = 3")
    keep("-k", "one", flag="-q")
    assert 3 in {browser["minutes"] for browser in listed()}


@pytest.mark.slow
def test_browser_ends_when_nobody_needs_it(keep: Keep, session: Session, pytester: pytest.Pytester) -> None:
    """After the time without use, with the shell of the session, and with the process that keeps it."""
    keep("-k", "one", flag="--keep-browser=0.01")
    eventually(lambda: not session.processes(), f"the end of {session.processes()}")
    script = f"{sys.executable} -m pytest -q --keep-browser -k one; {sys.executable} -m uitest browsers"
    shell = subprocess.run(
        ["/bin/sh", "-c", script], cwd=pytester.path, start_new_session=True, capture_output=True, text=True, check=True
    )
    assert "idle for 0.0 of 10 minutes" in shell.stdout
    eventually(lambda: not session.processes(), f"the end of {session.processes()}")
    keep("-k", "one")
    for folder in Path("/proc").glob("[0-9]*"):
        if session.mark.encode() in environ(folder) and b"keeper.py" in (folder / "cmdline").read_bytes():
            os.kill(int(folder.name), signal.SIGKILL)
    eventually(lambda: not session.processes(), f"the end of {session.processes()}")


def environ(folder: Path) -> bytes:
    """The environment of a process; empty for one that has ended or is another user's."""
    try:
        return (folder / "environ").read_bytes()
    except OSError:
        return b""


def test_nothing_is_kept_where_it_must_not_be(keep: Keep, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in CI, and not in a folder that others can enter; the head of the output says so, and cases run."""
    monkeypatch.setenv("CI", "true")
    assert "uitest: --keep-browser has no effect in CI" in keep("-k", "one").stdout
    monkeypatch.delenv("CI")
    assert listed() == []
    folder = session.scratch / "uitest-browsers"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    result = keep("-k", "one")
    assert f"uitest: no browser is kept: {folder} must belong to you" in result.stdout
    folder.chmod(0o700)
    assert listed() == []
    wrong = keep(flag="--keep-browser=often", expect=4)
    assert "'often' is not a number of minutes" in wrong.stderr
