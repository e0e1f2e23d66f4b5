"""A pytest plugin for ``growth``: counts what the session holds, between two cases.

It runs inside the measured process because only there a sample can be taken at an exact case. It reads the
processes from the control group the session was started in, else it follows the parents.
"""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from uitest.system.process_table import family

SETTLE_S = 0.5
"""Pause before a sample: pages of the case before need a moment to go."""


@dataclass(frozen=True)
class Sample:
    """After ``case`` cases: kilobytes of resident and of proportional memory (None where the system hides it),
    processes, entries below the temporary folder."""

    case: int
    rss_kb: int
    pss_kb: int | None
    processes: int
    files: int


def memory_kb(pid: int) -> tuple[int, int | None] | None:
    """Resident and proportional kilobytes of a process; None if it has gone or is a zombie."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        fields = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines()[1:]}
        return fields["Rss"], fields["Pss"]
    except PermissionError:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1024, None
    except OSError:
        return None


def sample(case: int) -> Sample:
    """What this process, its children and the temporary folder hold now."""
    group = os.environ.get("BENCH_GROUP")
    pids = set(map(int, (Path(group) / "cgroup.procs").read_text().split())) if group else family(os.getpid())
    held = [memory for memory in map(memory_kb, pids) if memory is not None]
    shares = [pss for _, pss in held if pss is not None]
    return Sample(
        case=case,
        rss_kb=sum(rss for rss, _ in held),
        pss_kb=sum(shares) if len(shares) == len(held) else None,
        processes=len(pids),
        files=sum(1 for _ in Path(os.environ["TMPDIR"]).rglob("*")),
    )


class Sampler:
    """Writes a line of JSON to ``BENCH_SAMPLES`` after every ``BENCH_EVERY`` cases."""

    def __init__(self) -> None:
        self.done = 0

    def pytest_runtest_logfinish(self) -> None:
        self.done += 1
        if self.done % int(os.environ["BENCH_EVERY"]) == 0:
            time.sleep(SETTLE_S)
            with Path(os.environ["BENCH_SAMPLES"]).open("a") as out:
                out.write(json.dumps(asdict(sample(self.done))) + "\n")


def pytest_configure(config: object) -> None:
    config.pluginmanager.register(Sampler())  # type: ignore[attr-defined]
