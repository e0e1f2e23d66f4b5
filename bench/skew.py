"""Measures how close a run comes to the shortest possible one for a suite with a few long cases.

The cases only sleep, for times that lie on a log-normal curve, the longest last in the file: the worst order for a
runner that does not know them. The first run finds out how long they take; the second, which knows, is the one that
is judged. Times come from the store, so the start of pytest does not count.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import NormalDist
from tempfile import TemporaryDirectory

from bench.part import Conditions, Found
from bench.peers import UITEST, install
from bench.project import Project
from uitest.model import Attempt
from uitest.storage.stores import open_store

COUNT = 60
MEDIAN_S = 0.15
LONGEST = 20
"""Times the median."""

SOURCE = """\
import time

import pytest

SECONDS = {seconds}


@pytest.mark.parametrize("number", range(len(SECONDS)))
def test_sleeps(number):
    time.sleep(SECONDS[number])
"""


def skew(conditions: Conditions) -> Found:
    """Makespan over lower bound of a first and a second run. Raises PeerMissing if a run is not all green."""
    install(UITEST)
    lines = [
        f"{COUNT} cases that sleep, durations log-normal, the longest {LONGEST} x the median of {MEDIAN_S} s and last "
        f"in the file, {conditions.workers} workers. Lower bound: the larger of sum / workers and the longest case.",
        "",
        "| run | makespan s | sum s | longest s | lower bound s | ratio |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    ratio = 0.0
    with TemporaryDirectory(prefix="bench-cases-") as folder:
        cases = Path(folder)
        (cases / "test_skew.py").write_text(SOURCE.format(seconds=durations()))
        ids = [f"test_skew::test_sleeps[{number}]" for number in range(COUNT)]
        with Project(cases, ids, conditions.binary) as project:
            for run_id in ("first", "second"):
                project.run(conditions.url, conditions.workers, run_id)
                finished = attempts(project.store, run_id)
                seconds = [attempt.duration_s for attempt in finished]
                least, span = lower_bound(seconds, conditions.workers), makespan(finished)
                ratio = span / least
                lines.append(
                    f"| {run_id} | {span:.2f} | {sum(seconds):.2f} | {max(seconds):.2f} | {least:.2f} | {ratio:.3f} |"
                )
                conditions.tell(f"{run_id} run: {span:.2f} s, lower bound {least:.2f} s")
    return Found(lines, {"skew.makespan": ratio})


def durations(count: int = COUNT, median_s: float = MEDIAN_S, longest: float = LONGEST) -> list[float]:
    """Seconds of each case, rising: evenly spaced quantiles of the curve, the last of them ``longest`` medians."""
    quantiles = [NormalDist().inv_cdf((number + 0.5) / count) for number in range(count)]
    sigma = math.log(longest) / quantiles[-1]
    return [round(median_s * math.exp(sigma * quantile), 4) for quantile in quantiles]


def attempts(store: str, run_id: str) -> list[Attempt]:
    """Every finished attempt of a run."""
    opened = open_store(store)
    try:
        return [attempt for row in opened.jobs(run_id) for attempt in row.attempts]
    finally:
        opened.close()


def makespan(attempts: Iterable[Attempt]) -> float:
    """Seconds from the first start to the last end."""
    spans = [(attempt.started_at, attempt.started_at + attempt.duration_s) for attempt in attempts]
    return max(end for _, end in spans) - min(begin for begin, _ in spans)


def lower_bound(durations: Sequence[float], workers: int) -> float:
    """Seconds below which no order of the cases can come: all workers busy all the time, or the longest case."""
    return max(sum(durations) / workers, max(durations))
