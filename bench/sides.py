"""Sides that are compared, in turn, and tables with a row for each engine."""

from collections.abc import Callable, Iterable, Sequence

from bench import machine
from bench.part import Conditions, Found
from bench.peers import PeerMissing
from bench.report import cell
from bench.session import Measure


def in_turn(
    conditions: Conditions, sides: Sequence[str], rounds: int, run: Callable[[str, int], Measure], of: str = ""
) -> dict[str, list[float]]:
    """Wall seconds of each side's rounds, in alternating order; ``run`` is given a side and the round, from 1.

    ``of`` is what the sides are sides of, for whoever watches. Raises what ``run`` raises.
    """
    walls: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(rounds):
        for side in sides if number % 2 == 0 else sides[::-1]:
            result = run(side, number + 1)
            walls[side].append(result.wall_s)
            conditions.tell(f"round {number + 1}, {of}{side}: {result.wall_s:.1f} s")
    return walls


def by_engine(
    conditions: Conditions,
    part: str,
    head: Sequence[str],
    browsers: Iterable[str],
    row: Callable[[str], tuple[Sequence[str], float]],
) -> Found:
    """A part whose table has a row for each engine, below ``head``.

    ``row`` gives the cells behind the engine's name, and the figure. Where it raises PeerMissing, the row says so.
    """
    lines, figures, whole = list(head), {}, True
    for browser in browsers:
        try:
            named = machine.engine(browser)
            cells, figure = row(browser)
        except PeerMissing as exc:
            conditions.tell(f"{browser}: missing, {exc}")
            rest = " |" * (head[-1].count("|") - 3)
            lines.append(f"| {browser} | missing: {cell(str(exc))} |{rest}")
            whole = False
            continue
        lines.append(f"| {named} | {' | '.join(cells)} |")
        figures[f"{part}.{browser}"] = figure
    return Found(lines, figures, whole)
