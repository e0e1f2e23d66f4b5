"""A kept browser as a session sees it; a process that sleeps stands in for the driver."""

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lambda_runner.borrowed_browser import MAX_USES, BorrowedBrowser, Entry
from uitest.browsers.process.handover import RunningBrowser
from uitest.browsers.process.process_group import GuardedProcess
from uitest.browsers.settings import Settings


@pytest.fixture
def process() -> Iterator[GuardedProcess]:
    """A process with a guard."""
    process = GuardedProcess(["sleep", "600"])
    yield process
    process.stop()


@pytest.fixture
def entry(process: GuardedProcess) -> Entry:
    """It, kept."""
    kept = RunningBrowser(
        "http://127.0.0.1:1", "s", {"a": [1]}, "w", process.group, process.guard, str(process.scratch), process.fds
    )
    return Entry("key", 1, kept)


@pytest.fixture
def way() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The two ends of the way back."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        yield ours, theirs


def test_kept_browser_arrives_with_its_descriptors(entry: Entry, way: tuple[socket.socket, socket.socket]) -> None:
    """What is sent arrives, with descriptors of its own for the same pipe and file; nothing is waited for."""
    ours, theirs = way
    assert Entry.receive(ours) is None
    entry.send(theirs)
    received = Entry.receive(ours)
    assert received is not None
    assert replace(received, kept=replace(received.kept, fds=entry.kept.fds)) == entry
    for sent, arrived in zip(entry.kept.fds, received.kept.fds, strict=True):
        assert os.path.sameopenfile(sent, arrived)
        assert sent != arrived
        assert not os.get_inheritable(arrived)
        os.close(arrived)


@pytest.mark.parametrize(("key", "uses"), [("key", MAX_USES), ("another", 1)])
def test_browser_that_cannot_be_used_again_is_ended(
    entry: Entry, process: GuardedProcess, way: tuple[socket.socket, socket.socket], tmp_path: Path, key: str, uses: int
) -> None:
    """It has served too often, or was asked to be something else: its processes and files are gone."""
    borrowed = BorrowedBrowser(tmp_path, replace(entry, uses=uses), way[1])
    assert borrowed.key == "key"
    assert borrowed.take(key, "chrome", Settings(), None) is None
    assert (borrowed.key, process.poll(), process.scratch.exists()) == (None, -9, False)


@pytest.mark.parametrize(("code", "given_back"), [(0, True), (1, True), (5, True), (3, False)])
def test_unused_browser_goes_back_unless_the_session_broke(
    entry: Entry, way: tuple[socket.socket, socket.socket], tmp_path: Path, code: int, given_back: bool
) -> None:
    """It goes back as it came, unless the session broke."""
    ours, theirs = way
    borrowed = BorrowedBrowser(tmp_path, entry, theirs)
    borrowed.pytest_sessionfinish(code)
    borrowed.pytest_unconfigure()
    received = Entry.receive(ours)
    assert (received is not None) is given_back
    for fd in received.kept.fds if received else ():
        os.close(fd)
