"""The table of processes: who is whose, and who is still there."""

import os
import subprocess
import sys

from tests.support.processes import eventually
from uitest.system.process_table import ProcessEntry, family, processes


def test_entry_of_this_process_matches_the_system() -> None:
    """The entry of this process matches the system's data."""
    result = ProcessEntry.at(os.getpid())
    assert result is not None
    assert (result.parent, result.group) == (os.getppid(), os.getpgrp())
    assert result.started.isdigit()
    assert not result.is_dead
    assert os.getpid() in {item.pid for item in processes()}
    assert ProcessEntry.at(2**22 + 1) is None


def test_process_name_may_hold_parentheses() -> None:
    """The fields are those after its last parenthesis."""
    script = "import ctypes; ctypes.CDLL(None).prctl(15, b') R 1 (x y', 0, 0, 0); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        result = ProcessEntry.at(child.pid)
        assert result is not None
        assert result.parent == os.getpid()
        child.communicate(b"\n", timeout=20)


def test_family_includes_grandchildren_and_zombies() -> None:
    """Grandchildren belong to a family, and so do zombies until they are reaped."""
    nested = "import subprocess, sys; subprocess.run(['sh', '-c', 'echo $$; read x'])"
    with subprocess.Popen([sys.executable, "-c", nested], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        grandchild = int(child.stdout.readline())
        assert {os.getpid(), child.pid, grandchild} <= family(os.getpid())
        assert family(child.pid) == {child.pid, grandchild}
        assert child.stdin is not None
        child.stdin.close()
        eventually(lambda: (result := ProcessEntry.at(child.pid)) is not None and result.is_dead, "it is dead")
    assert ProcessEntry.at(child.pid) is None
