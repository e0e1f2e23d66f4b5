"""Processes that cannot outlive us."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import eventually
from uitest.browsers.process.process_group import DriverProcess, GuardedProcess
from uitest.errors import BrowserError

FAMILY = 'sleep 600 & echo "$! $$ $TMPDIR" > "$1.part"; mv "$1.part" "$1"; wait'
"""A process with a child, which writes down both and its scratch folder."""

OWNER = """
import sys, time
from uitest.browsers.process.process_group import GuardedProcess
guarded = GuardedProcess(["/bin/sh", "-c", sys.argv[1], "sh", sys.argv[2]])
time.sleep(600)
"""


def wait_until_gone(pids: list[int], scratch: Path) -> None:
    """Return when processes and folder are gone; a zombie that nobody has reaped yet counts as gone."""
    eventually(lambda: not any(map(is_alive, pids)) and not scratch.exists(), "processes and folder are gone")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def family(file: Path) -> tuple[list[int], Path]:
    """Process ids and scratch folder of a FAMILY, once it wrote them down."""
    eventually(file.exists, "the processes have started")
    child, process, scratch = file.read_text().split()
    return [int(child), int(process)], Path(scratch)


def test_stop_ends_all_processes_and_deletes_the_folder(tmp_path: Path) -> None:
    """``stop`` ends process and grandchild and removes the folder, and may be repeated."""
    guarded = GuardedProcess(["/bin/sh", "-c", FAMILY, "sh", str(tmp_path / "told")])
    pids, scratch = family(tmp_path / "told")
    assert guarded.poll() is None
    assert scratch == guarded.scratch
    assert scratch.is_dir()
    assert all(map(is_alive, pids))
    guarded.stop()
    guarded.stop()
    wait_until_gone(pids, scratch)
    assert guarded.poll() == -signal.SIGKILL


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_group_ends_when_its_owner_is_killed(tmp_path: Path, how: signal.Signals) -> None:
    """When the process that holds them dies, in whatever way, everything it guards goes with it."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, FAMILY, str(tmp_path / "told")], stderr=subprocess.DEVNULL
    ) as owner:
        pids, scratch = family(tmp_path / "told")
        assert all(map(is_alive, pids))
        os.kill(owner.pid, how)
    wait_until_gone(pids, scratch)


def test_interrupt_while_a_process_starts_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C may come when the process is there and its object is not yet."""
    file = tmp_path / "told"
    started: list[subprocess.Popen[bytes]] = []

    class Interrupted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **words: Any) -> None:
            super().__init__(*args, **words)
            started.append(self)
            if len(started) == 2:  # after the guard
                family(file)
                raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        GuardedProcess(["/bin/sh", "-c", FAMILY, "sh", str(file)])
    wait_until_gone(*family(file))
    assert started[1].wait() == -signal.SIGKILL


KILLED_AT_START = """
import os, signal, subprocess, sys
from pathlib import Path
from uitest.browsers.process.process_group import GuardedProcess

class Popen(subprocess.Popen):
    started = 0
    def __init__(self, *args, **words):
        super().__init__(*args, **words)
        Popen.started += 1
        if Popen.started == 2:
            os.kill(os.getpid(), signal.SIGKILL)

subprocess.Popen = Popen
GuardedProcess(["/bin/sh", "-c", sys.argv[1], "sh", sys.argv[2]], home=Path(sys.argv[3]))
"""


def test_group_ends_when_its_owner_is_killed_at_its_start(tmp_path: Path) -> None:
    """A process whose owner dies the moment it is there is ended as well: its guard has its id from itself."""
    (tmp_path / "home").mkdir()
    owner = [sys.executable, "-c", KILLED_AT_START, FAMILY, str(tmp_path / "told"), str(tmp_path / "home")]
    assert subprocess.run(owner, check=False).returncode == -signal.SIGKILL

    def left() -> list[Path]:
        return [file for file in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in read(file)]

    for _ in range(200):
        if not left():
            break
        time.sleep(0.05)
    assert left() == []
    assert list((tmp_path / "home").iterdir()) == []


def read(file: Path) -> bytes:
    """What is in a file of /proc, nothing if its process has just ended."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def test_end_of_the_output_is_kept() -> None:
    """The end of what a process printed is kept."""
    guarded = GuardedProcess(["/bin/sh", "-c", "echo one; echo two >&2"])
    while guarded.poll() is None:
        time.sleep(0.01)
    assert guarded.output() == "one\ntwo\n"
    assert guarded.output(4) == "two\n"
    guarded.stop()


def test_missing_program_is_an_error_and_leaves_no_folder() -> None:
    """A program that is not there is a BrowserError and leaves no folder."""
    with pytest.raises(BrowserError, match="cannot start /no/such/driver: No such file"):
        GuardedProcess(["/no/such/driver"])


def test_driver_that_dies_is_an_error_with_its_output() -> None:
    """A driver that ends before it listens is told with its last words."""
    with pytest.raises(BrowserError, match=r"does not listen on any port: cannot open display"):
        DriverProcess(["/bin/sh", "-c", "echo cannot open display; exit 1"])


def test_nothing_starts_without_its_guard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is started that it could not end, and no folder is left."""
    started: list[list[str]] = []

    def refuse(argv: list[str], **_: object) -> None:
        started.append(argv)
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(OSError, match="unavailable"):
        GuardedProcess(["sleep", "600"], home=tmp_path)
    assert [argv[0] for argv in started] == ["/bin/sh"]
    assert list(tmp_path.iterdir()) == []


SERVER = "import socket, time; server = socket.create_server(('127.0.0.1', 0)); time.sleep(600)"


def test_port_counts_only_if_the_driver_listens_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What listens is this very process, not whoever answers at a number that was free a moment ago."""
    monkeypatch.setattr("uitest.browsers.process.process_group.START_TIMEOUT_S", 0.2)
    other = socket.create_server(("127.0.0.1", 0))
    with other, pytest.raises(BrowserError, match="does not listen on any port"):
        DriverProcess(["sleep", "600"], port=other.getsockname()[1])
    monkeypatch.undo()
    driver = DriverProcess([sys.executable, "-c", SERVER])
    try:
        with socket.create_connection(("127.0.0.1", driver.port)):
            pass
        assert driver.url == f"http://127.0.0.1:{driver.port}"
    finally:
        driver.stop()
