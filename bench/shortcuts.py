"""What each shortcut is worth that depends on how a tool behaves: the flows with it and without it, in turn.

Without it means: as where its self-check fails (``plugins/without``), or with an empty cache folder.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench import session
from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, PLUGINS, UITEST, PeerMissing, install, uitest_in
from bench.report import cell, spread
from bench.session import Measure
from bench.sides import in_turn
from uitest.browsers.cdp.self_check import DIRECT
from uitest.browsers.engines.webkit.host_check import HOST
from uitest.compat.selenium_private import SHARING
from uitest.compat.selenium_waits import WAITS

SIDES = ("with", "without")


@dataclass(frozen=True)
class Shortcut:
    """One of them, and the engine that it is measured in."""

    words: str
    browser: str
    feature: str = ""
    """The name of the feature that its self-check decides about; empty for one that lives in the cache folder."""


SHORTCUTS = (
    Shortcut("waits that end with a change of the page", "chrome", WAITS.name),
    Shortcut("direct commands, with chromedriver's scripts", "chrome", DIRECT.name),
    Shortcut("one browser for many cases", "chrome", SHARING.name),
    Shortcut("what another Firefox has compiled", "firefox"),
    Shortcut("one process for WebKit's sessions", "webkit", HOST.name),
)


def shortcuts(conditions: Conditions) -> Found:
    """Wall times of both sides of each shortcut. Raises PeerMissing if uitest cannot be measured at all."""
    install(UITEST)
    repeats = max(1, conditions.repeats // 3)
    lines = [
        f"The six flows, {conditions.workers} workers, {FLOW_COUNT * repeats} cases, {conditions.rounds} rounds, both "
        "sides by turns. Wall time of the whole command, median, in parentheses the least and the most.",
        "",
        "| shortcut | engine | with, wall s | without, wall s | ratio |",
        "|---|---|--:|--:|--:|",
    ]
    figures, whole = {}, True
    for one in SHORTCUTS:
        try:
            ours, without = _walls(conditions, one, repeats)
        except PeerMissing as exc:
            lines.append(f"| {one.words} | {one.browser} | missing: {cell(str(exc))} | | |")
            whole = False
            continue
        ratio = median(ours) / median(without)
        lines.append(f"| {one.words} | {one.browser} | {spread(ours)} | {spread(without)} | {ratio:.2f} |")
        figures[f"shortcuts.{one.feature or one.browser}"] = ratio
    return Found(lines, figures, whole)


def _walls(conditions: Conditions, shortcut: Shortcut, repeats: int) -> tuple[Sequence[float], Sequence[float]]:
    """Wall seconds with and without a shortcut. Raises PeerMissing."""
    peer, driver = uitest_in(shortcut.browser), session.driver_of(shortcut.browser)
    plugin = {**driver, "PYTHONPATH": str(PLUGINS), "PYTEST_PLUGINS": "without"}

    def measure(more: Mapping[str, str]) -> Measure:
        return session.run(peer, conditions.url, conditions.binary, repeats, conditions.parallel, {**plugin, **more})

    def run(side: str, _number: int) -> Measure:
        if side == "with":
            return measure({})
        if shortcut.feature:
            return measure({"BENCH_WITHOUT": shortcut.feature})
        with tempfile.TemporaryDirectory() as empty:
            return measure({"UITEST_CACHE": empty})

    measure({})  # whatever is kept for the next session is there from now on
    walls = in_turn(conditions, SIDES, conditions.rounds, run, f"{shortcut.words}, ")
    return walls["with"], walls["without"]
