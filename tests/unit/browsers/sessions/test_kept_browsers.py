"""Browsers between two sessions; a process that sleeps stands in for each."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.chrome.options import Options

from tests.support.processes import eventually
from uitest.browsers.process.handover import KeptBrowser, RunningBrowser
from uitest.browsers.process.process_group import GuardedProcess
from uitest.browsers.sessions import kept_browsers
from uitest.browsers.sessions.browser_key import browser_key
from uitest.browsers.sessions.kept_browsers import KeptBrowsers
from uitest.browsers.sessions.session_keeper import shell_of
from uitest.errors import BrowserError
from uitest.system.process_table import ProcessEntry


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptBrowsers]:
    """The kept browsers of this test, in a folder whose path is too long for a socket; all are ended."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    browsers = KeptBrowsers.open()
    yield browsers
    for browser in browsers.taken():
        browser.running.stop()


def put(kept: KeptBrowsers, key: str, *, minutes: float = 10, shell: int | None = None) -> int:
    """Keep a browser; returns its process id."""
    process = GuardedProcess(["sleep", "600"])
    browser = KeptBrowser(key, 1, RunningBrowser((process.hand_over(),), {}))
    try:
        kept.put(browser, minutes, shell, {"pid": process.group, "minutes": minutes})
    finally:
        browser.running.abandon()
    return process.group


def pids(kept: KeptBrowsers) -> list[int]:
    """Process ids of what is kept, the most recent one first."""
    return [browser["pid"] for browser in kept.shown()]


def has_ended(pid: int) -> bool:
    """Whether a process has ended."""
    process = ProcessEntry.at(pid)
    return process is None or process.is_dead


def test_browser_is_given_away_once(kept: KeptBrowsers) -> None:
    """By its key only, to one of several that ask at the same time, and with what keeps it alive."""
    pid = put(kept, "a" * 64)
    assert pids(kept) == [pid]
    assert list(kept.taken("b" * 64)) == []
    with ThreadPoolExecutor(8) as threads:
        browsers = [
            browser for taken in threads.map(lambda _: list(kept.taken("a" * 64)), range(8)) for browser in taken
        ]
    [browser] = browsers
    assert (browser.key, browser.uses, browser.running.processes[0].group) == ("a" * 64, 1, pid)
    assert pids(kept) == []
    assert not has_ended(pid)
    browser.running.abandon()
    eventually(lambda: has_ended(pid), "the guard ends a browser that nobody holds")


def test_browser_ends_with_time_shell_or_process(kept: KeptBrowsers) -> None:
    """Each in its own way; one that goes on is not concerned."""
    with subprocess.Popen(["sleep", "600"]) as shell:
        late, orphan, dead = put(kept, "a", minutes=0.001), put(kept, "b", shell=shell.pid), put(kept, "c")
        lasting = put(kept, "d", shell=os.getpid())
        eventually(lambda: has_ended(late), "its time is over")
        assert not has_ended(orphan)
        shell.kill()
    eventually(lambda: has_ended(orphan), "its shell has ended")
    os.kill(dead, 9)
    eventually(lambda: pids(kept) == [lasting], "the others are forgotten")
    assert not has_ended(lasting)


def test_oldest_browser_makes_room(kept: KeptBrowsers, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that options that are tried in turn do not fill the memory."""
    monkeypatch.setattr(kept_browsers, "MAX_KEPT", 2)
    first, second, third = put(kept, "a"), put(kept, "b"), put(kept, "c")
    assert pids(kept) == [third, second]
    assert has_ended(first)


def test_socket_of_a_killed_keeper_is_removed(kept: KeptBrowsers) -> None:
    """Unless it is so new that its keeper may not have begun to listen."""
    folder = Path(os.environ["XDG_RUNTIME_DIR"]) / "uitest-browsers"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    descriptor = os.open(folder, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(f"/proc/self/fd/{descriptor}/old-1.sock")
    os.close(descriptor)
    assert pids(kept) == []
    assert (folder / "old-1.sock").exists()
    os.utime(folder / "old-1.sock", (1, 1))
    assert pids(kept) == []
    assert not (folder / "old-1.sock").exists()


@pytest.mark.parametrize("kind", ["link", "file", "open folder"])
def test_folder_that_others_could_use_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Whoever made it first could read what is sent there."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = tmp_path / "uitest-browsers"
    if kind == "link":
        (tmp_path / "other").mkdir(0o700)
        folder.symlink_to(tmp_path / "other")
    elif kind == "file":
        folder.touch()
    else:
        folder.mkdir()
        folder.chmod(0o750)
    with pytest.raises(BrowserError, match=r"uitest-browsers (is not a folder|must belong to you).*: remove it"):
        KeptBrowsers.open()


def test_key_covers_what_makes_a_browser_what_it_is(tmp_path: Path) -> None:
    """Options, programs and variables that browsers read; not what belongs to the session alone."""
    options = Options()
    options.binary_location = str(tmp_path / "chrome")
    (tmp_path / "chrome").write_text("one")

    def key(pool: str = "pool", **environ: str) -> str:
        return browser_key(pool, "chrome", options, environ)

    first = key(TZ="UTC", PYTEST_XDIST_WORKER="gw0")
    assert first == key(TZ="UTC", PYTEST_XDIST_WORKER="gw1", SHLVL="2")
    others = [key(pool="other", TZ="UTC"), key(TZ="Asia/Tokyo"), key(TZ="UTC", HTTPS_PROXY="http://user:secret@proxy")]
    (tmp_path / "chrome").write_text("another")
    others.append(key(TZ="UTC"))
    assert len({first, *others}) == 5
    assert not any("secret" in other for other in others)


def test_shell_is_the_leader_of_the_session() -> None:
    """Not a parent in between, such as make; a leader that is pytest itself has a shell for a parent."""
    argv = [sys.executable, "-c", "input()"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, start_new_session=True) as leader:
        assert shell_of(leader.pid) == os.getpid()
        with subprocess.Popen(argv, stdin=subprocess.PIPE, process_group=0) as member:
            assert shell_of(member.pid) == (os.getsid(0) or None)  # 0: outside of this container
            member.communicate(b"\n")
        leader.communicate(b"\n")


def test_message_holds_every_process(kept: KeptBrowsers) -> None:
    """WebKit has up to six, each with its own descriptors."""
    processes = [GuardedProcess(["sleep", "600"]) for _ in range(6)]
    running = RunningBrowser(tuple(process.hand_over() for process in processes), {"servers": []})
    kept.put(KeptBrowser("w" * 64, 3, running), 10, None, {"pid": 1})
    running.abandon()
    [browser] = kept.taken("w" * 64)
    same = [replace(process, fds=(0, 0)) for process in browser.running.processes]
    assert same == [replace(process, fds=(0, 0)) for process in running.processes]
    browser.running.stop()
    assert all(has_ended(process.group) for process in browser.running.processes)
