"""Measures whether memory, processes or files grow in a long session of uitest with one process and one Chrome.

The six flows are repeated in turn, so case 50 and case 500 are the same flow. Memory is the proportional
set size (PSS) of pytest, chromedriver and Chrome together: shared pages count once.
Another Chrome on the machine takes its part of them, so nothing else may run beside this.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path

from bench import session
from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, ROOT, UITEST, WORK, install
from bench.sampler import Sample

STEADY = 0.05
"""Growth between the first and the last sample that counts as none: Chrome breathes that much."""


def growth(conditions: Conditions) -> Found:
    """Samples at every tenth of at least ``conditions.cases`` cases. Raises PeerMissing if the session fails."""
    install(UITEST)
    samples = WORK / "samples.jsonl"
    samples.unlink(missing_ok=True)
    interval = max(1, conditions.cases // 10)
    session.run(
        UITEST,
        conditions.url,
        conditions.binary,
        repeats=math.ceil(conditions.cases / FLOW_COUNT),
        extra=("-p", "no:xdist", "-p", "bench.sampler"),
        more_env={"PYTHONPATH": str(ROOT), "BENCH_SAMPLES": str(samples), "BENCH_EVERY": str(interval)},
    )
    taken = read(samples)
    if len(taken) < 2:
        return Found(table(taken))
    before, after = memory(taken[0], taken[-1])
    return Found(table(taken), {"growth.memory": after / before})


def read(path: Path) -> list[Sample]:
    """The samples of a file, oldest first."""
    return [Sample(**json.loads(line)) for line in path.read_text().splitlines()]


def table(samples: Sequence[Sample]) -> list[str]:
    """The samples, with a verdict between the first and the last."""
    lines = [
        "uitest in one process and one Chrome; memory of pytest, chromedriver and Chrome together.",
        "",
        "| after case | PSS MB | RSS MB | processes | temporary files |",
        "|--:|--:|--:|--:|--:|",
    ]
    for sample in samples:
        pss = f"{sample.pss_kb / 1024:.0f}" if sample.pss_kb is not None else "hidden"
        lines.append(f"| {sample.case} | {pss} | {sample.rss_kb / 1024:.0f} | {sample.processes} | {sample.files} |")
    return [*lines, "", verdict(samples)]


def memory(first: Sample, last: Sample) -> tuple[int, int]:
    """Proportional kilobytes of both, resident ones where the system hides those of either."""
    if first.pss_kb is None or last.pss_kb is None:
        return first.rss_kb, last.rss_kb
    return first.pss_kb, last.pss_kb


def verdict(samples: Sequence[Sample]) -> str:
    """One sentence: how much memory, processes and files changed from the first sample to the last."""
    if len(samples) < 2:
        return "**Too few samples for a verdict.**"
    first, last = samples[0], samples[-1]
    changes = {
        "memory": memory(first, last),
        "processes": (first.processes, last.processes),
        "temporary files": (first.files, last.files),
    }
    grown = [name for name, (before, after) in changes.items() if after > before * (1 + STEADY)]
    summary = ", ".join(
        f"{name} {after / before - 1:+.1%}" if before else f"{name} {after - before:+d}"
        for name, (before, after) in changes.items()
    )
    judged = f"grows: {', '.join(grown)}" if grown else "steady"
    return f"**From case {first.case} to case {last.case}: {summary}. Verdict: {judged} (limit +{STEADY:.0%}).**"
