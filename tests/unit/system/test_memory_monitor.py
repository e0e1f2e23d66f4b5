"""What a process and its descendants take."""

import subprocess
import sys
from contextlib import closing

from tests.support.processes import eventually
from uitest.system.memory_monitor import PeakMemory, family_memory_kb

BIG = "held = bytearray(b'x' * 200_000_000); print('ready', flush=True); input()"
"""Python that holds 200 MB until it is told to end."""


def test_grandchild_counts_and_stays_in_the_peak() -> None:
    """The peak is kept until it is taken, also when what took the memory has ended."""
    samples: list[int] = []

    def measure_kb(root: int) -> int:
        samples.append(family_memory_kb(root))
        return samples[-1]

    with closing(PeakMemory(every_s=0.01, measure_kb=measure_kb)) as memory:
        before = memory.take()
        assert before > 10  # this very process
        high_kb = (before + 150) * 1024
        nested = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {BIG!r}]))"
        with subprocess.Popen([sys.executable, "-c", nested], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            assert memory.take() > before + 150
            samples.clear()
            # The thread begins its second sample when the first one is part of the peak.
            eventually(lambda: sum(size > high_kb for size in samples) > 1, "samples of the thread")
            child.communicate(b"\n", timeout=20)
        assert memory.take() > before + 150
        assert memory.take() < before + 150


def test_sample_belongs_to_the_next_peak_when_one_was_taken() -> None:
    """Each peak is the highest sample since the one before it."""
    sizes = iter([1024, 5 * 1024, 2 * 1024])
    with closing(PeakMemory(every_s=3600, measure_kb=lambda _root: next(sizes))) as memory:
        memory.sample()
        assert memory.take() == 5
        assert memory.take() == 2
