"""What recording costs: the flows with traces that are kept on failure, against the same without.

All cases pass, so everything is recorded and nothing kept: what a suite pays every day. Given up: the last look at a
page and the writing of a trace, which only a failed case pays for.
"""

from dataclasses import replace
from statistics import median

from bench import machine, session
from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, UITEST, Peer, PeerMissing, install, uitest_in
from bench.report import cell, spread
from uitest.model import BROWSERS

SIDES = ("off", "retain-on-failure")


def trace(conditions: Conditions) -> Found:
    """Wall times of both sides in each engine."""
    install(UITEST)
    repeats = max(1, conditions.repeats // 2)
    lines = [
        f"{FLOW_COUNT * repeats} cases, {conditions.workers} workers, rounds in alternating order. Wall time of the "
        "whole command, median, in parentheses the least and the most.",
        "",
        "| engine | without traces, wall s | kept on failure, wall s | ratio |",
        "|---|--:|--:|--:|",
    ]
    figures, whole = {}, True
    for browser in BROWSERS:
        try:
            named = machine.engine(browser)
            walls = measure(browser, conditions, repeats)
        except PeerMissing as exc:
            conditions.tell(f"{browser}: missing, {exc}")
            lines.append(f"| {browser} | missing: {cell(str(exc))} | | |")
            whole = False
            continue
        ratio = median(walls[SIDES[1]]) / median(walls[SIDES[0]])
        lines.append(f"| {named} | {spread(walls[SIDES[0]])} | {spread(walls[SIDES[1]])} | {ratio:.2f} |")
        figures[f"trace.{browser}"] = ratio
    return Found(lines, figures, whole)


def tracing(browser: str, when: str) -> Peer:
    """uitest in an engine, its traces kept so."""
    peer = uitest_in(browser)
    return replace(peer, arguments=(*peer.arguments, f"--tracing={when}"))


def measure(browser: str, conditions: Conditions, repeats: int) -> dict[str, list[float]]:
    """Wall seconds of each side's rounds. Raises PeerMissing if a session fails."""
    env = session.driver_of(browser)
    walls: dict[str, list[float]] = {side: [] for side in SIDES}
    for number in range(conditions.rounds):
        for side in SIDES if number % 2 == 0 else SIDES[::-1]:
            peer = tracing(browser, side)
            found = session.run(peer, conditions.url, conditions.binary, repeats, conditions.parallel, env)
            walls[side].append(found.wall_s)
            conditions.tell(f"round {number + 1}, {browser}, {side}: {found.wall_s:.1f} s")
    return walls
