"""Runners in turn: one warm-up each, then rounds in alternating order, so that a machine that slows down or
speeds up does so for everybody."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from statistics import median

from bench import machine, session
from bench.part import Conditions, Found
from bench.peers import (
    FLOW_COUNT,
    PYTEST_PLAYWRIGHT,
    PYTEST_SELENIUM,
    SELENIUMBASE,
    UITEST,
    Peer,
    PeerMissing,
    install,
    versions,
)
from bench.report import cell, spread
from bench.session import Measure

PACE = 0.25
"""The pace (``machine.pace``) that processor time is told at, since hosts are not equally fast."""

FEW_ROUNDS = 3
"""Rounds of the short sessions that tell what starting costs."""


@dataclass
class Row:
    """What is known about one peer; ``missing`` says why there are no numbers."""

    peer: Peer
    versions: Mapping[str, str] = field(default_factory=dict)
    measures: list[Measure] = field(default_factory=list)
    missing: str | None = None


def speed(conditions: Conditions) -> Found:
    """Pages answer at once: on a small machine the processors decide."""
    peers = (UITEST, PYTEST_SELENIUM, SELENIUMBASE, PYTEST_PLAYWRIGHT)
    cases = FLOW_COUNT * conditions.repeats
    rows = measure(peers, conditions, conditions.url, conditions.rounds, conditions.repeats, conditions.parallel)
    few = measure(peers, conditions, conditions.url, FEW_ROUNDS, 1, conditions.parallel)
    figures, pace = ratios("speed", rows), machine.pace()
    if rows[0].measures:
        figures["speed.cpu"] = median(m.cpu_s for m in rows[0].measures) / cases * PACE / pace
    lines = [
        *table(rows, cases, f"{conditions.workers} workers"),
        "",
        f"Pace after it: {pace:.2f} s. The summary has the processor time of a case at a pace of {PACE}.",
        "",
        *shares(rows, few, cases - FLOW_COUNT),
    ]
    return Found(lines, figures, rows[0].missing is None)


def measure(
    peers: Iterable[Peer], conditions: Conditions, url: str, rounds: int, repeats: int, parallel: tuple[str, str]
) -> list[Row]:
    """A row for each peer, in the order given; ``parallel`` are pytest's words for the number of workers."""
    tell = conditions.tell
    rows = [Row(peer) for peer in peers]
    for row in rows:
        try:
            row.versions = ready(row.peer, conditions.url, conditions.binary, conditions.parallel, tell)
        except PeerMissing as exc:
            row.missing = str(exc)
            tell(f"{row.peer.name}: missing, {exc}")
    for number in range(rounds):
        for row in turn(rows, number):
            try:
                row.measures.append(session.run(row.peer, url, conditions.binary, repeats, parallel))
            except PeerMissing as exc:
                row.missing = str(exc)
                tell(f"{row.peer.name}: missing, {exc}")
                continue
            last = row.measures[-1]
            tell(f"round {number + 1}, {row.peer.name}: {last.wall_s:.1f} s, {last.cpu_s:.1f} processor s")
    return rows


@cache
def ready(
    peer: Peer, url: str, binary: str, parallel: tuple[str, str], tell: Callable[[str], None]
) -> Mapping[str, str]:
    """Install a peer and warm it up, once for all parts; its versions. Raises PeerMissing."""
    tell(f"{peer.name}: environment and warm-up")
    install(peer)
    session.run(peer, url, binary, 1, parallel)
    return versions(peer)


def turn(rows: Sequence[Row], number: int) -> list[Row]:
    """The rows that take part in this round, forwards and backwards by turns."""
    order = rows if number % 2 == 0 else rows[::-1]
    return [row for row in order if row.missing is None and number % row.peer.every == 0]


def ratios(part: str, rows: Sequence[Row]) -> dict[str, float]:
    """The figures of a part: uitest's median wall time over that of each peer that has a goal."""
    walls = {row.peer: median(m.wall_s for m in row.measures) for row in rows if measured(row)}
    goals = {"playwright": PYTEST_PLAYWRIGHT, "selenium": PYTEST_SELENIUM}
    if UITEST not in walls:
        return {}
    return {f"{part}.{name}": walls[UITEST] / walls[peer] for name, peer in goals.items() if peer in walls}


def measured(row: Row) -> bool:
    """Whether a row has numbers that count."""
    return row.missing is None and bool(row.measures)


def table(rows: Sequence[Row], cases: int, workers: str) -> list[str]:
    """The table that compares the runners; ratios are uitest's, the first row's, to each of them."""
    lines = [
        f"{cases} cases (six flows), {workers}, one warm-up, then rounds in alternating order; those that "
        "start a browser for each case sit some rounds out. Median, in parentheses the least and the most; ratio: "
        "uitest's median over the runner's. Wall time is the whole pytest command.",
        "",
        "| runner | rounds | wall s | ratio | processor s | ratio | processor s a case | versions |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        named = ", ".join(f"{name} {version}" for name, version in row.versions.items())
        if not measured(row):
            lines.append(f"| {row.peer.name} | missing: {cell(row.missing or 'no rounds')} | | | | | | {named} |")
            continue
        walls, cpus = [m.wall_s for m in row.measures], [m.cpu_s for m in row.measures]
        first = rows[0].measures if measured(rows[0]) else []
        lines.append(
            f"| {row.peer.name} | {len(walls)} | {spread(walls)} | {_ratio([m.wall_s for m in first], walls)} "
            f"| {spread(cpus)} | {_ratio([m.cpu_s for m in first], cpus)} | {median(cpus) / cases:.2f} | {named} |"
        )
    if not all(m.exact for row in rows for m in row.measures):
        lines += [
            "",
            "No control group could be made: processor time lacks what nobody waited for, so do not compare it.",
        ]
    return lines


def shares(rows: Sequence[Row], few: Sequence[Row], more: int) -> list[str]:
    """What starting costs each runner and what every further case does; ``rows`` have ``more`` cases than ``few``."""
    lines = [
        f"Of these wall times, by sessions of {FLOW_COUNT} cases beside those: the start, which a longer suite pays no "
        "more for, and each further case.",
        "",
        "| runner | start, s | each further case, s | ratio |",
        "|---|--:|--:|--:|",
    ]
    first: float | None = None
    for row, short in zip(rows, few, strict=True):
        if not (measured(row) and measured(short)) or more <= 0:
            continue
        least = median(m.wall_s for m in short.measures)
        further = (median(m.wall_s for m in row.measures) - least) / more
        first = further if row.peer == UITEST else first
        ratio = f"{first / further:.2f}" if first is not None else ""
        lines.append(f"| {row.peer.name} | {least - FLOW_COUNT * further:.2f} | {further:.3f} | {ratio} |")
    return lines


def _ratio(numerators: Sequence[float], denominators: Sequence[float]) -> str:
    return f"{median(numerators) / median(denominators):.2f}" if numerators else ""
