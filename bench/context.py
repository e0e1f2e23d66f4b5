"""What a fresh context costs in the foreground: setup and teardown of a case in a running session.

The cases are the six flows in one process; the phases hold ``driver`` and, below a millisecond, pytest's own work.
The first case starts the browser and is left out.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from bench import machine, session
from bench.part import Conditions, Found
from bench.peers import ROOT, UITEST, WORK, PeerMissing, install, uitest_in
from bench.report import cell, spread
from uitest.model import BROWSERS


@dataclass(frozen=True)
class Cost:
    """Seconds one case's browser took before and after the case."""

    prepare: float
    dispose: float


def context(conditions: Conditions) -> Found:
    """The cost in every engine, from a third of the repeats; only Chrome and Firefox have contexts, and goals."""
    install(UITEST)
    lines = [
        "Setup and teardown of a case in one process, the first case left out; median, in parentheses the least and "
        "the most. WebKit has no contexts: there it is a new session.",
        "",
        "| engine | cases | prepare ms | dispose ms | both ms |",
        "|---|--:|--:|--:|--:|",
    ]
    figures, whole = {}, True
    for browser in BROWSERS:
        try:
            named = machine.engine(browser)
            found = measure(browser, conditions)[1:]
        except PeerMissing as exc:
            conditions.tell(f"{browser}: missing, {exc}")
            lines.append(f"| {browser} | missing: {cell(str(exc))} | | | |")
            whole = False
            continue
        prepare, dispose = [cost.prepare * 1000 for cost in found], [cost.dispose * 1000 for cost in found]
        both = [sum(pair) for pair in zip(prepare, dispose, strict=True)]
        lines.append(f"| {named} | {len(found)} | {spread(prepare)} | {spread(dispose)} | {spread(both)} |")
        figures[f"context.{browser}"] = median(both)
        conditions.tell(f"{browser}: {median(both):.1f} ms")
    return Found(lines, figures, whole)


def measure(browser: str, conditions: Conditions) -> list[Cost]:
    """The cost of each case of one session. Raises PeerMissing if the session fails."""
    lines = WORK / "phases.jsonl"
    lines.unlink(missing_ok=True)
    session.run(
        uitest_in(browser),
        conditions.url,
        conditions.binary,
        max(1, conditions.repeats // 3),
        ("-p", "no:xdist", "-p", "bench.phases"),
        {**session.driver_of(browser), "PYTHONPATH": str(ROOT), "BENCH_PHASES": str(lines)},
    )
    return costs(lines.read_text().splitlines())


def costs(lines: Iterable[str]) -> list[Cost]:
    """What the plugin wrote, folded into a cost for each case, in the order they ran."""
    cases: dict[str, dict[str, float]] = {}
    for line in lines:
        said = json.loads(line)
        cases.setdefault(said["case"], {})[said["phase"]] = said["seconds"]
    return [Cost(phases["setup"], phases["teardown"]) for phases in cases.values()]
