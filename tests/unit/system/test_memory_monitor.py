"""What a process and its descendants take."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.processes import eventually
from uitest.system.memory_monitor import PeakMemory

BIG = "held = bytearray(b'x' * 200_000_000); print('ready', flush=True); input()"
"""Python that holds 200 MB until it is told to end."""


@pytest.fixture
def memory() -> Iterator[PeakMemory]:
    """Looks often, so that tests need not wait long."""
    memory = PeakMemory(every_s=0.01)
    yield memory
    memory.close()


def test_a_grandchild_counts_and_stays_in_the_peak(memory: PeakMemory) -> None:
    """The peak is kept until it is taken, also when what took the memory has ended."""
    before = memory.take()
    assert before > 10  # this very process
    nested = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {BIG!r}]))"
    with subprocess.Popen([sys.executable, "-c", nested], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert memory.take() > before + 150
        eventually(lambda: memory._peak_kb > (before + 150) * 1024, "the next look of the thread")
        child.communicate(b"\n", timeout=20)
    assert memory.take() > before + 150
    assert memory.take() < before + 150


def test_a_look_while_the_peak_is_taken(memory: PeakMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is seen meanwhile belongs to the next one: nothing is lost."""
    memory.close()
    sizes = iter([1024, 5 * 1024, 2 * 1024])
    monkeypatch.setattr("uitest.system.memory_monitor.family", lambda _root: [1])
    monkeypatch.setattr("uitest.system.memory_monitor._pss_kb", lambda _pid: next(sizes))
    memory._peak_kb = 0
    memory._sample()
    assert memory.take() == 5
    assert memory.take() == 2
