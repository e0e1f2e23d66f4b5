"""A kept browser as a session sees it; a process that sleeps stands in for the driver."""

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lambda_runner.borrowed_browser import BorrowedBrowser
from uitest.browsers.process.handover import MAX_USES, KeptBrowser, RunningBrowser
from uitest.browsers.process.process_group import GuardedProcess
from uitest.browsers.settings import Settings
from uitest.system.process_table import ProcessEntry


@pytest.fixture
def entry() -> Iterator[KeptBrowser]:
    """A process with a guard, kept as a browser."""
    process = GuardedProcess(["sleep", "600"])
    running = process.hand_over()
    yield KeptBrowser("key", 1, RunningBrowser((running,), {"session": "s", "capabilities": {"a": [1]}}))
    for pid in (running.guard, running.group):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@pytest.fixture
def way() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The two ends of the way back."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        yield ours, theirs


def test_kept_browser_arrives_with_its_descriptors(
    entry: KeptBrowser, way: tuple[socket.socket, socket.socket]
) -> None:
    """What is sent arrives, with descriptors of its own for the same pipe and file; nothing is waited for."""
    ours, theirs = way
    assert KeptBrowser.receive(ours) is None
    entry.send(theirs)
    received = KeptBrowser.receive(ours)
    assert received is not None
    [sent_process], [process] = entry.running.processes, received.running.processes
    same_fds = replace(received.running, processes=(replace(process, fds=sent_process.fds),))
    assert replace(received, running=same_fds) == entry
    for sent, arrived in zip(entry.fds, received.fds, strict=True):
        assert os.path.sameopenfile(sent, arrived)
        assert sent != arrived
        assert not os.get_inheritable(arrived)
        os.close(arrived)


@pytest.mark.parametrize(("key", "uses"), [("key", MAX_USES), ("another", 1)])
def test_browser_that_cannot_be_used_again_is_ended(
    entry: KeptBrowser, way: tuple[socket.socket, socket.socket], tmp_path: Path, key: str, uses: int
) -> None:
    """It has served too often, or was asked to be something else: its processes and files are gone."""
    borrowed = BorrowedBrowser(tmp_path, replace(entry, uses=uses), way[1])
    assert borrowed.key == "key"
    assert borrowed.take(key, "chrome", Settings(), None) is None
    [process] = entry.running.processes
    assert (borrowed.key, Path(process.scratch).exists()) == (None, False)
    os.waitpid(process.group, os.WNOHANG)
    assert ProcessEntry.at(process.group) is None


@pytest.mark.parametrize(("code", "given_back"), [(0, True), (1, True), (5, True), (3, False)])
def test_unused_browser_goes_back_unless_the_session_broke(
    entry: KeptBrowser, way: tuple[socket.socket, socket.socket], tmp_path: Path, code: int, given_back: bool
) -> None:
    """It goes back as it came, unless the session broke."""
    ours, theirs = way
    borrowed = BorrowedBrowser(tmp_path, entry, theirs)
    borrowed.pytest_sessionfinish(code)
    borrowed.pytest_unconfigure()
    received = KeptBrowser.receive(ours)
    assert (received is not None) is given_back
    if received is not None:
        received.running.abandon()


class FakeBrowser:
    """A browser that can be handed over."""

    def release(self) -> RunningBrowser:
        return RunningBrowser((), {})


def test_session_returns_one_browser(way: tuple[socket.socket, socket.socket], tmp_path: Path) -> None:
    """The first that is offered, which was used last: an environment has memory for one."""
    ours, theirs = way
    borrowed = BorrowedBrowser(tmp_path, None, theirs)
    borrowed.pytest_sessionfinish(0)
    assert [borrowed.give(key, FakeBrowser()) for key in ("last", "earlier")] == [True, False]  # type: ignore[arg-type]
    received = KeptBrowser.receive(ours)
    assert received is not None
    assert (received.key, KeptBrowser.receive(ours)) == ("last", None)
