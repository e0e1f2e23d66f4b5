"""Firefox and WebKit: the flows with uitest's browsers against a browser started and ended for each case.

Both sides run the same file in the same workers; only the fixture ``selenium`` differs, which on the other side is
Selenium's own driver as its documentation starts it (``flows/selenium/conftest.py``). Chrome is not measured here, as
pytest-selenium starts fresh Chromes in ``speed``.
"""

import functools
from collections.abc import Sequence
from statistics import median

from bench import session
from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, UITEST, PeerMissing, install, uitest_in
from bench.report import spread
from bench.session import Measure
from bench.sides import by_engine, in_turn

BROWSERS = ("firefox", "webkit")
SIDES = ("uitest", "fresh")


def engines(conditions: Conditions) -> Found:
    """Wall times of both sides, with fewer repeats: fresh browsers take their time, Firefox's most."""
    install(UITEST)
    repeats = {"firefox": max(1, conditions.repeats // 3), "webkit": max(1, conditions.repeats // 2)}
    rounds = {"firefox": max(1, conditions.rounds // 2), "webkit": conditions.rounds}
    head = [
        f"The six flows, {conditions.workers} workers, rounds in alternating order: "
        + ", ".join(f"{FLOW_COUNT * repeats[name]} cases and {rounds[name]} rounds in {name}" for name in BROWSERS)
        + ". Wall time of the whole command, median, in parentheses the least and the most. A session in which a case "
        "fails counts for nobody: uitest's ends the row, the other side's is run once more.",
        "",
        "| engine | uitest, wall s | a fresh browser for each case, wall s | ratio |",
        "|---|--:|--:|--:|",
    ]

    def row(browser: str) -> tuple[Sequence[str], float]:
        env, peer = session.driver_of(browser), uitest_in(browser)

        def run(side: str, _number: int) -> Measure:
            more = {**env, "BENCH_FRESH": "1" if side == "fresh" else ""}
            once = functools.partial(
                session.run, peer, conditions.url, conditions.binary, repeats[browser], conditions.parallel, more
            )
            try:
                return once()
            except PeerMissing as exc:
                if side == "uitest":
                    raise
                conditions.tell(f"{browser}, {side}, once more: {exc}")
                return once()

        uitest, fresh = in_turn(conditions, SIDES, rounds[browser], run, f"{browser}, ").values()
        ratio = median(uitest) / median(fresh)
        return (spread(uitest), spread(fresh), f"{ratio:.2f}"), ratio

    return by_engine(conditions, "engines", head, BROWSERS, row)
