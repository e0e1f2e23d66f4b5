"""Measures the cost of a fresh context in the foreground: setup and teardown of a case in a running session.

The cases are the six flows in one process; the phases hold ``driver`` and, below a millisecond, pytest's own work.
The first case starts the browser and is left out.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bench import session
from bench.part import Conditions, Found
from bench.peers import PLUGINS, UITEST, WORK, install, uitest_in
from bench.report import spread
from bench.sides import by_engine
from uitest.model import BROWSERS


@dataclass(frozen=True)
class Cost:
    """Seconds one case's browser took before and after the case."""

    prepare: float
    dispose: float


def context(conditions: Conditions) -> Found:
    """The cost in every engine, from a third of the repeats; only Chrome and Firefox have contexts, and goals."""
    install(UITEST)
    head = [
        "Setup and teardown of a case in one process, the first case left out; median, in parentheses the least and "
        "the most. WebKit has no contexts: there it is a new session.",
        "",
        "| engine | cases | prepare ms | dispose ms | both ms |",
        "|---|--:|--:|--:|--:|",
    ]

    def row(browser: str) -> tuple[Sequence[str], float]:
        times = measure(browser, conditions)[1:]
        prepare, dispose = [cost.prepare * 1000 for cost in times], [cost.dispose * 1000 for cost in times]
        both = [sum(pair) for pair in zip(prepare, dispose, strict=True)]
        conditions.tell(f"{browser}: {median(both):.1f} ms")
        return (str(len(times)), spread(prepare), spread(dispose), spread(both)), median(both)

    return by_engine(conditions, "context", head, BROWSERS, row)


def measure(browser: str, conditions: Conditions) -> list[Cost]:
    """The cost of each case of one session. Raises PeerMissing if the session fails."""
    lines = WORK / "phases.jsonl"
    lines.unlink(missing_ok=True)
    session.run(
        uitest_in(browser),
        conditions.url,
        conditions.binary,
        max(1, conditions.repeats // 3),
        ("-p", "no:xdist", "-p", "phases"),
        {**session.driver_of(browser), "PYTHONPATH": str(PLUGINS), "BENCH_PHASES": str(lines)},
    )
    return costs(lines.read_text().splitlines())


def costs(lines: Iterable[str]) -> list[Cost]:
    """The costs of each case from the plugin's lines, in the order in which they ran."""
    cases: dict[str, dict[str, float]] = {}
    for line in lines:
        times = json.loads(line)
        cases.setdefault(times["case"], {})[times["phase"]] = times["seconds"]
    return [Cost(phases["setup"], phases["teardown"]) for phases in cases.values()]
