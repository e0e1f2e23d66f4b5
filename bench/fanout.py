"""Measures how fast jobs fan out over Lambda and the coordinator's cost, with an endpoint that responds at once.

The function does nothing but claim and report, so what is left is uitest's own: planning, writing, dispatching, reading
the status table, folding. Endpoint, store and coordinator share this machine; the coordinator is measured in a process
of its own. Goals of time are held against runs on SQLite, which costs next to nothing; DynamoDB's emulator is slower
than everything else together, so the run on DynamoDB is there for the coordinator's memory, processor time and units.

Not measured: pages and JUnit file. Each figure is measured once.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.part import Conditions, Found
from bench.peers import ROOT, PeerMissing
from uitest.local_aws import account
from uitest.local_aws.emulator import emulator

COUNTS = (1_000, 5_000, 10_000)
LIMIT_S = 600
NO_STORE = "-"

Figures = Mapping[str, float]


def fanout(conditions: Conditions) -> Found:
    """Measure the runs, and dispatch alone against boto3. Raises PeerMissing if a run is not all green."""
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(TemporaryDirectory(prefix="bench-")))
        account.activate(cleanup.enter_context(emulator()), "http://127.0.0.1/")
        account.create_resources()
        most = COUNTS[-1]
        stores = {count: f"sqlite:{folder / f'{count}.db'}" for count in COUNTS}
        runs = [run(count, stores[count], conditions) for count in COUNTS]
        tables = f"dynamodb:{account.MODULE_TABLE},{account.STATUS_TABLE}"
        on_dynamodb = run(most, tables, conditions)
        bare_s = measured("bare", most, NO_STORE)["wall_s"]
        ours_s = measured("dispatch", most, NO_STORE)["wall_s"]
    conditions.tell(f"dispatch alone: {most / ours_s:.0f} a second, boto3 {most / bare_s:.0f}")
    writes, reads = (on_dynamodb[kind] / most for kind in ("writes", "reads"))
    costs = marginal([figures["wall_s"] for figures in runs])
    rows = zip(COUNTS, ["SQLite"] * len(COUNTS), runs, [None, *costs], strict=True)
    lines = [
        "Wall time from modules to the end of the run, once each; every job passed. A thousand more: what each further "
        "1,000 jobs cost since the row above.",
        "",
        "| jobs | store | plan s | write s | dispatch and fold s | wall s | a thousand more s | coordinator's "
        "processor s | coordinator's peak memory MB |",
        "|--:|---|--:|--:|--:|--:|--:|--:|--:|",
        *(line(*row) for row in [*rows, (most, "DynamoDB (emulator)", on_dynamodb, None)]),
        "",
        f"Dispatch alone, {most:,} invocations that do nothing: **{most / ours_s:.0f} a second**; boto3 itself with "
        f"as many threads: {most / bare_s:.0f} a second, {bare_s:.1f} s in all.",
        "",
        f"Units of DynamoDB for each job, functions and coordinator: {writes:.1f} to write, {reads:.1f} to read.",
    ]
    figures = {
        "fanout.wall": runs[-1]["wall_s"] / bare_s,
        "fanout.dispatch": ours_s / bare_s,
        "fanout.dynamodb": on_dynamodb["wall_s"] / bare_s,
        "fanout.writes": writes,
        "fanout.reads": reads,
        "fanout.memory": max(runs[-1]["peak_mb"], on_dynamodb["peak_mb"]),
        "fanout.linear": costs[-1] / costs[0],
    }
    return Found(lines, figures)


def run(count: int, store: str, conditions: Conditions, kind: str = "run", limit_s: float = LIMIT_S) -> Figures:
    """The figures of a run of ``count`` jobs. Raises PeerMissing if not all of them passed."""
    figures = measured(kind, count, store, limit_s)
    if figures["passed"] != count:
        raise PeerMissing(f"{figures['passed']:.0f} of {count} jobs passed, exit code {figures['code']:.0f}")
    conditions.tell(f"{count} jobs, {store.partition(':')[0]}: {figures['wall_s']:.1f} s, {figures['peak_mb']:.0f} MB")
    return figures


def measured(kind: str, count: int, store: str, limit_s: float = LIMIT_S) -> Figures:
    """The output of ``bench.dispatcher``. Raises PeerMissing if it fails."""
    with instant(store) as (url, units):
        try:
            done = subprocess.run(
                [sys.executable, "-m", "bench.dispatcher", kind, str(count), store],
                cwd=ROOT, env={**os.environ, "AWS_ENDPOINT_URL_LAMBDA": url},
                capture_output=True, text=True, timeout=limit_s, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as exc:
            raise PeerMissing(f"{kind} of {count} jobs took more than {limit_s:.0f} s") from exc
    if done.returncode:
        raise PeerMissing(f"{kind} of {count} jobs failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures | {name: figures[name] + value for name, value in units.items()}


@contextmanager
def instant(store: str) -> Iterator[tuple[str, dict[str, float]]]:
    """The address of ``bench.instant`` with this store, while the block lasts; afterwards what it asked of DynamoDB."""
    units: dict[str, float] = {}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.instant", store],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip(), units
        process.stdin.close()
        units.update(json.loads(process.stdout.readline() or "{}"))


def marginal(walls: Sequence[float]) -> list[float]:
    """Seconds that each further 1,000 jobs cost, between every two of ``COUNTS``."""
    pairs = pairwise(zip(COUNTS, walls, strict=True))
    return [1000 * (wall - before) / (count - fewer) for (fewer, before), (count, wall) in pairs]


def line(count: int, store: str, figures: Figures, cost: float | None) -> str:
    """A row of the table."""
    seconds = " | ".join(f"{figures[name]:.2f}" for name in ("plan_s", "write_s", "rest_s", "wall_s"))
    more = "" if cost is None else f"{cost:.2f}"
    return f"| {count:,} | {store} | {seconds} | {more} | {figures['cpu_s']:.1f} | {figures['peak_mb']:.0f} |"
