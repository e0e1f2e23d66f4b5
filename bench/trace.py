"""Measures the cost of recording: the flows with traces retained on failure against the same without.

All cases pass, so everything is recorded and nothing kept, as in a usual run. The last observation and the writing of a
trace, which only failed cases need, are not measured.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from bench import session
from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, UITEST, Peer, install, uitest_in
from bench.report import spread
from bench.session import Measure
from bench.sides import by_engine, in_turn
from uitest.model import BROWSERS

SIDES = ("off", "retain-on-failure")


def trace(conditions: Conditions) -> Found:
    """Wall times of both sides in each engine."""
    install(UITEST)
    repeats = max(1, conditions.repeats // 2)
    head = [
        f"{FLOW_COUNT * repeats} cases, {conditions.workers} workers, rounds in alternating order. Wall time of the "
        "whole command, median, in parentheses the least and the most.",
        "",
        "| engine | without traces, wall s | kept on failure, wall s | ratio |",
        "|---|--:|--:|--:|",
    ]

    def row(browser: str) -> tuple[Sequence[str], float]:
        env = session.driver_of(browser)

        def run(side: str, _number: int) -> Measure:
            peer = tracing(browser, side)
            return session.run(peer, conditions.url, conditions.binary, repeats, conditions.parallel, env)

        off, recorded = in_turn(conditions, SIDES, conditions.rounds, run, f"{browser}, ").values()
        ratio = median(recorded) / median(off)
        return (spread(off), spread(recorded), f"{ratio:.2f}"), ratio

    return by_engine(conditions, "trace", head, BROWSERS, row)


def tracing(browser: str, when: str) -> Peer:
    """uitest in an engine, its traces kept so."""
    peer = uitest_in(browser)
    return replace(peer, arguments=(*peer.arguments, f"--tracing={when}"))
