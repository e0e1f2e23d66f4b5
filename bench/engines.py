"""Firefox and WebKit: the flows with uitest's browsers against a browser started and ended for each case.

Both sides run the same file in the same workers; only the fixture ``selenium`` differs, which on the other side is
Selenium's own driver as its documentation starts it (``flows/selenium/conftest.py``). Given up: Chrome, whose fresh
browsers pytest-selenium starts in ``speed``.
"""

from statistics import median

from bench import machine, session
from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, UITEST, PeerMissing, install, uitest_in
from bench.report import cell, spread

BROWSERS = ("firefox", "webkit")
SIDES = ("uitest", "fresh")


def engines(conditions: Conditions) -> Found:
    """Wall times of both sides, with fewer repeats: fresh browsers take their time, Firefox's most."""
    install(UITEST)
    repeats = {"firefox": max(1, conditions.repeats // 3), "webkit": max(1, conditions.repeats // 2)}
    rounds = {"firefox": max(1, conditions.rounds // 2), "webkit": conditions.rounds}
    lines = [
        f"The six flows, {conditions.workers} workers, rounds in alternating order: "
        + ", ".join(f"{FLOW_COUNT * repeats[name]} cases and {rounds[name]} rounds in {name}" for name in BROWSERS)
        + ". Wall time of the whole command, median, in parentheses the least and the most.",
        "",
        "| engine | uitest, wall s | a fresh browser for each case, wall s | ratio |",
        "|---|--:|--:|--:|",
    ]
    figures, whole = {}, True
    for browser in BROWSERS:
        try:
            named = machine.engine(browser)
            walls = measure(browser, conditions, repeats[browser], rounds[browser])
        except PeerMissing as exc:
            conditions.tell(f"{browser}: missing, {exc}")
            lines.append(f"| {browser} | missing: {cell(str(exc))} | | |")
            whole = False
            continue
        ratio = median(walls["uitest"]) / median(walls["fresh"])
        lines.append(f"| {named} | {spread(walls['uitest'])} | {spread(walls['fresh'])} | {ratio:.2f} |")
        figures[f"engines.{browser}"] = ratio
    return Found(lines, figures, whole)


def measure(browser: str, conditions: Conditions, repeats: int, rounds: int) -> dict[str, list[float]]:
    """Wall seconds of each side's rounds. Raises PeerMissing if a session fails."""
    env = session.driver_of(browser)
    walls: dict[str, list[float]] = {side: [] for side in SIDES}
    for number in range(rounds):
        for side in SIDES if number % 2 == 0 else SIDES[::-1]:
            more = {**env, "BENCH_FRESH": "1" if side == "fresh" else ""}
            peer = uitest_in(browser)
            found = session.run(peer, conditions.url, conditions.binary, repeats, conditions.parallel, more)
            walls[side].append(found.wall_s)
            conditions.tell(f"round {number + 1}, {browser}, {side}: {found.wall_s:.1f} s")
    return walls
