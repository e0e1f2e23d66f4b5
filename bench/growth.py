"""A long session of uitest in one process and one Chrome: does anything grow?

The six flows are repeated in turn, so case 50 and case 500 are the same flow. Memory is the proportional
set size (PSS) of pytest, chromedriver and Chrome together: shared pages count once.
Another Chrome on the machine takes its part of them, so nothing else may run beside this.
"""

import json
import math
from pathlib import Path

from bench import session
from bench.peers import FLOW_COUNT, ROOT, UITEST, WORK, install
from bench.sampler import Sample


def measure(url: str, binary: str, cases: int) -> list[Sample]:
    """Samples at every tenth of at least ``cases`` cases. Raises PeerMissing if the session fails."""
    install(UITEST)
    samples = WORK / "samples.jsonl"
    samples.unlink(missing_ok=True)
    every = max(1, cases // 10)
    session.run(
        UITEST,
        url,
        binary,
        repeats=math.ceil(cases / FLOW_COUNT),
        extra=("-p", "no:xdist", "-p", "bench.sampler"),
        more_env={"PYTHONPATH": str(ROOT), "BENCH_SAMPLES": str(samples), "BENCH_EVERY": str(every)},
    )
    return read(samples)


def read(path: Path) -> list[Sample]:
    """The samples of a file, oldest first."""
    return [Sample(**json.loads(line)) for line in path.read_text().splitlines()]
