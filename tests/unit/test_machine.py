"""As many workers as keep the cores busy, by small steps; and where the numbers are read."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.machine import MOST_WORKERS, WORKER_B, Load, Machine, choose_workers

PLENTY = 1000 * WORKER_B


@pytest.mark.parametrize(
    ("cores", "before", "expected"),
    [
        (2, None, (2, "")),
        (2, Load(2, 1.3, 2), (3, "2 kept 1.3 of 2 cores busy")),
        (2, Load(2, 1.9, 2), (2, "")),
        (2, Load(3, 1.9, 2), (3, "3 kept 1.9 of 2 cores busy")),
        (2, Load(2, 0.1, 2), (4, "2 kept 0.1 of 2 cores busy")),
        (2, Load(16, 2.0, 2), (12, "16 kept 2.0 of 2 cores busy")),
        (2, Load(3, 2.0, 2), (2, "")),
        (2, Load(2, 2.0, 2), (2, "")),
        (2, Load(1, 2.0, 2), (1, "1 kept 2.0 of 2 cores busy")),
        (0.5, None, (1, "")),
        (2.5, Load(2, 1.0, 2.5), (4, "2 kept 1.0 of 2.5 cores busy")),
    ],
)
def test_workers(cores: float, before: Load | None, expected: tuple[int, str]) -> None:
    """One for each core at first; then what would have kept the cores busy, and why."""
    assert choose_workers(cores, PLENTY, before) == expected


def test_memory_is_the_limit() -> None:
    """Never more than fit, and at least one."""
    assert choose_workers(8, 3 * WORKER_B, None) == (3, "1.5 GB of memory are free")
    assert choose_workers(8, 0, Load(8, 4.0, 8))[0] == 1


@quick
@given(
    cores=st.floats(0.1, 128),
    memory=st.integers(0, PLENTY),
    workers=st.integers(1, MOST_WORKERS),
    share=st.floats(0, 1.1),
)
def test_steps_are_bounded(cores: float, memory: int, workers: int, share: float) -> None:
    """Between half and twice as many as before, as far as memory and the limit allow."""
    found, _ = choose_workers(cores, memory, Load(workers, share * cores, cores) if share else None)
    assert 1 <= found <= min(MOST_WORKERS, max(1, memory // WORKER_B))
    if share:
        assert found <= 2 * workers
        assert found >= min(-(-workers // 2), max(1, memory // WORKER_B))


@quick
@given(cores=st.integers(1, 12), each=st.floats(0.05, 1.5))
def test_it_settles(cores: int, each: float) -> None:
    """Run after run of one suite, the number comes to rest, or goes to and fro between neighbours that are as good."""
    workers, seen = choose_workers(cores, PLENTY, None)[0], []
    for _ in range(40):
        workers = choose_workers(cores, PLENTY, Load(workers, min(float(cores), workers * each), cores))[0]
        seen.append(workers)
    assert max(seen[-10:]) - min(seen[-10:]) <= max(1, max(seen[-10:]) // 4)
    assert min(seen[-10:]) * each >= 0.45 * cores


def test_load_survives_its_file() -> None:
    """What a run's header holds is what the next run reads."""
    load = Load(3, 1.25, 2.0)
    assert Load.from_json(load.to_json()) == load


def test_this_machine() -> None:
    """There are cores and memory, and time passes on them."""
    machine = Machine()
    assert machine.cores() > 0
    assert machine.memory_b() > 0
    before = machine.cpu_s()
    assert machine.cpu_s() >= before > 0


def files(root: Path, **texts: str) -> Machine:
    """A machine whose files hold these texts."""
    for name, text in texts.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Machine(root)


STAT = "cpu  200 0 100 9000 50 10 20 5 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n"


def test_whole_machine(tmp_path: Path) -> None:
    """Without a limit everybody's work counts; waiting for disks is no work, and guests are counted once."""
    machine = files(tmp_path, proc__stat=STAT, proc__meminfo="MemTotal: 9 kB\nMemAvailable:   1000 kB\n")
    assert machine.cpu_s() == 335 / os.sysconf("SC_CLK_TCK")
    assert machine.memory_b() == 1_024_000
    assert machine.cores() == os.cpu_count()
    assert files(tmp_path, sys__fs__cgroup__cpu_dot_max="max 100000\n").cores() == os.cpu_count()


def test_limited_container(tmp_path: Path) -> None:
    """A container's cores are its limit, and its own work counts."""
    machine = files(
        tmp_path,
        proc__stat=STAT,
        sys__fs__cgroup__cpu_dot_max="150000 100000\n",
        sys__fs__cgroup__cpu_dot_stat="usage_usec 2500000\nuser_usec 1\n",
    )
    assert machine.cores() == 1.5
    assert machine.cpu_s() == 2.5
