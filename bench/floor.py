"""Measures the least cost of a fresh Chrome context for each case, and which processes spend the processor time.

Each figure is the difference between a long session and a short one, by their cases, so that starting counts for
nothing. The totals are the control group's and exact.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import session
from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, ROOT, UITEST, WORK, PeerMissing, install
from bench.session import Measure
from bench.spenders import KINDS, Spenders

ALL, UNSEEN = "**all**", "ended unseen"

Spent = Mapping[str, float]
"""Processor seconds by kind of process, ``ALL`` among them."""


def floor(conditions: Conditions) -> Found:
    """Processor time of an empty context, of one with a page, and of the flows. Raises PeerMissing."""
    install(UITEST)
    cases = FLOW_COUNT * max(2, conditions.repeats)
    sides: Mapping[str, Callable[[int, Spenders], Measure]] = {
        "an empty context": lambda count, who: contexts(conditions, who, str(count)),
        "and a page in it": lambda count, who: contexts(conditions, who, str(count), conditions.url),
        "a case": lambda count, who: session.run(
            UITEST, conditions.url, conditions.binary, count // FLOW_COUNT, conditions.parallel, watch=who.watching
        ),
    }
    results: dict[str, list[Spent]] = {name: [] for name in sides}
    for number in range(conditions.rounds):
        for name, run in sides.items():
            short, long = spend(partial(run, FLOW_COUNT)), spend(partial(run, cases))
            results[name].append(each(short, long, cases - FLOW_COUNT))
            conditions.tell(f"round {number + 1}, {name}: {results[name][-1][ALL]:.3f} processor s")
    return Found(table({name: middle(rounds) for name, rounds in results.items()}, conditions.rounds))


def contexts(conditions: Conditions, spenders: Spenders, *arguments: str) -> Measure:
    """``bench.empty`` as one session. Raises PeerMissing if it fails."""
    log = WORK / "empty.log"
    argv = [sys.executable, "-m", "bench.empty", *arguments]
    with TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        env = {**session.environment(conditions.binary, 1, Path(scratch)), "PYTHONPATH": str(ROOT)}
        code, measure = session.measured(argv, env, ROOT, log, session.START_LIMIT_S, spenders.watching)
    if code != 0:
        raise PeerMissing(f"{session.last_words(log.read_text(errors='replace'))} (see {log.name})")
    return measure


def spend(run: Callable[[Spenders], Measure]) -> Spent:
    """The processor time of a session."""
    spenders = Spenders()
    total = run(spenders).cpu_s
    return {ALL: total, **spenders.by_kind()}


def each(short: Spent, long: Spent, more: int) -> Spent:
    """The cost of each of the ``more`` cases of the long session; ``UNSEEN`` is time that no sample attributed."""
    by_kind = {kind: (long[kind] - short.get(kind, 0.0)) / more for kind in long}
    return {**by_kind, UNSEEN: by_kind[ALL] - sum(seconds for kind, seconds in by_kind.items() if kind != ALL)}


def middle(rounds: Sequence[Spent]) -> Spent:
    """The medians."""
    kinds = {kind for spent in rounds for kind in spent}
    return {kind: median(spent.get(kind, 0.0) for spent in rounds) for kind in kinds}


def table(sides: Mapping[str, Spent], rounds: int) -> list[str]:
    """Kinds of processes in rows, the sides in columns."""
    rows = [ALL, *KINDS.values(), "others", UNSEEN]
    return [
        f"Processor seconds, median of {rounds}: a context with a window over bare DevTools, made and disposed of, one "
        "after the other; the same with the sample site's first page opened in it; and a case of the six flows with "
        "uitest.",
        "",
        "| spent by | " + " | ".join(sides) + " |",
        "|---|" + "--:|" * len(sides),
        *(f"| {row} | " + " | ".join(f"{spent.get(row, 0.0):.3f}" for spent in sides.values()) + " |" for row in rows),
    ]
