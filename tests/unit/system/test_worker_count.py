"""As many workers as keep the cores busy, by small steps; and where the numbers are read."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.system.worker_count import MOST_WORKERS, WORKER_B, Load, Machine, choose_workers

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
def test_workers_follow_cores_then_measured_load(cores: float, before: Load | None, expected: tuple[int, str]) -> None:
    """The number is that of the cores at first, then what would keep them busy, with the reason."""
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
def test_worker_count_changes_at_most_twofold(cores: float, memory: int, workers: int, share: float) -> None:
    """The number changes between half and twofold, limited by memory and the maximum."""
    result, _ = choose_workers(cores, memory, Load(workers, share * cores, cores) if share else None)
    assert 1 <= result <= min(MOST_WORKERS, max(1, memory // WORKER_B))
    if share:
        assert result <= 2 * workers
        assert result >= min(-(-workers // 2), max(1, memory // WORKER_B))


@quick
@given(cores=st.integers(1, 12), each=st.floats(0.05, 1.5))
def test_worker_count_settles_over_runs(cores: int, each: float) -> None:
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


def test_this_machine_has_the_cores_of_its_affinity_memory_and_busy_time() -> None:
    """Cores are those that the process may run on, memory is at most what the system has, and busy time increases."""
    machine = Machine()
    cores, here = machine.cores(), os.sched_getaffinity(0)
    assert 0 < cores <= len(here)
    assert 0 < machine.memory_b() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    os.sched_setaffinity(0, {min(here)})
    try:
        assert machine.cores() == min(1, cores)
    finally:
        os.sched_setaffinity(0, here)
    before = machine.cpu_s()
    assert machine.cpu_s() >= before > 0


MEMORY = "MemTotal: 9 kB\nMemAvailable:   4000000 kB\n"
STAT = "cpu  200 0 100 9000 50 10 20 5 7 0\ncpu0 100 0 50 1 1 1 1 1 1 1\ncpu1 90 0 40 1 1 1 1 1 1 1\n"
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Machine]:
    """Makes a machine of two cores whose files hold these texts."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})

    def make(texts: Mapping[str, str]) -> Machine:
        for name, text in {"proc/stat": STAT, "proc/meminfo": MEMORY, **texts}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Machine(tmp_path)

    return make


def test_busy_time_of_an_unlimited_machine_is_that_of_all_processes(machine: Callable[..., Machine]) -> None:
    """Without a limit all processes count, disk waits do not, and guests count once."""
    whole = machine({"sys/fs/cgroup/cpu.max": "max 100000\n", "sys/fs/cgroup/memory.max": "max\n"})
    assert whole.cpu_s() == 335 / TICKS
    assert whole.memory_b() == 4_096_000_000
    assert whole.cores() == 2


def test_some_of_the_cores(machine: Callable[..., Machine], monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``--cpuset-cpus`` there are no others, and what they do is no concern of ours."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {1})
    assert machine({}).cores() == 1
    assert machine({}).cpu_s() == 133 / TICKS


V2 = {
    "proc/self/cgroup": "0::/\n",
    "sys/fs/cgroup/cpu.max": "150000 100000\n",
    "sys/fs/cgroup/cpu.stat": "usage_usec 2500000\nuser_usec 1\n",
    "sys/fs/cgroup/memory.max": "1000000000\n",
    "sys/fs/cgroup/memory.current": "700000000\n",
    "sys/fs/cgroup/memory.stat": "anon 5\ninactive_file 200000000\n",
}
V1 = {
    "proc/self/cgroup": "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/docker/abc\n",
    "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "150000\n",
    "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    "sys/fs/cgroup/cpuacct/cpuacct.usage": "2500000000\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "1000000000\n",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": "700000000\n",
    "sys/fs/cgroup/memory/memory.stat": "cache 5\ntotal_inactive_file 200000000\n",
}
SLICE = {
    "proc/self/cgroup": "0::/user.slice/build.scope\n",
    "sys/fs/cgroup/user.slice/cpu.max": "150000 100000\n",
    "sys/fs/cgroup/user.slice/build.scope/cpu.max": "max 100000\n",
    "sys/fs/cgroup/user.slice/build.scope/cpu.stat": "usage_usec 2500000\n",
    "sys/fs/cgroup/user.slice/memory.max": "1000000000\n",
    "sys/fs/cgroup/user.slice/memory.current": "700000000\n",
    "sys/fs/cgroup/user.slice/memory.stat": "inactive_file 200000000\n",
}


@pytest.mark.parametrize("texts", [V2, V1, SLICE], ids=["version 2", "version 1", "a group inside others"])
def test_limited_container_counts_its_own_work(machine: Callable[..., Machine], texts: Mapping[str, str]) -> None:
    """A container's limits are its cores and memory, and only its own work counts."""
    limited = machine(texts)
    assert limited.cores() == 1.5
    assert limited.cpu_s() == 2.5
    assert limited.memory_b() == 500_000_000


def test_unlimited_control_group_version_1(machine: Callable[..., Machine]) -> None:
    """Version 1 has -1 or a huge number for no limit."""
    unlimited = machine({
        **V1,
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    })  # fmt: skip
    assert unlimited.cores() == 2
    assert unlimited.memory_b() == 4_096_000_000
