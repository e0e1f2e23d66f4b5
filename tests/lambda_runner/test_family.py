"""Children of a process: adopted, found and ended."""

import subprocess
import sys

SCRIPT = """
import os, subprocess, time
from lambda_runner import subreaper as family

family.adopt_orphans()
spared = subprocess.Popen(["sleep", "600"])
before = family.children()
assert before == {spared.pid}

# A grandchild whose parent ends at once, one that is a zombie, one in a session of its own.
subprocess.run(["sh", "-c", "sleep 600 & sleep 600 &"])
dead = subprocess.Popen(["true"])
away = subprocess.Popen(["sleep", "600"], start_new_session=True)
while len(family.children()) < 5:
    time.sleep(0.01)
family.end(before)
assert family.children() == before, family.children()
assert spared.poll() is None
spared.kill()
print("ended")
"""


def test_new_children_and_orphans_are_ended() -> None:
    """All but those that were there before, orphans included."""
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert result.stdout == "ended\n", result.stderr


def test_fork_ends_with_its_parent() -> None:
    """Nobody waits for a session whose handler is gone."""
    script = """
import os, signal, time
from lambda_runner import subreaper as family
ready, told = os.pipe()
pid = os.fork()
if pid == 0:
    family.die_with_parent()
    print(os.getpid(), flush=True)
    os.write(told, b"x")
    time.sleep(600)
os.read(ready, 1)
os.kill(os.getpid(), signal.SIGKILL)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode < 0  # and the pipe is closed, or this line would not be reached
    assert result.stdout.strip().isdigit()
