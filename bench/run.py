"""Measures the overhead of a run: ``uitest run`` against bare pytest with the same cases, plugin and workers."""

from statistics import median

from bench import session
from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, UITEST, install
from bench.project import Project
from bench.report import spread
from bench.session import Measure
from bench.sides import in_turn

SIDES = ("pytest", "uitest run")


def run(conditions: Conditions) -> Found:
    """Wall time of both commands, rounds in alternating order, every run in a new project. Raises PeerMissing."""
    install(UITEST)
    url, binary, repeats = conditions.url, conditions.binary, conditions.repeats

    def once(side: str, number: int) -> Measure:
        if side == "pytest":
            return session.run(UITEST, url, binary, repeats, conditions.parallel)
        with Project.of_flows(binary, repeats) as project:
            return project.run(url, conditions.workers, f"round-{number}")

    walls = in_turn(conditions, SIDES, conditions.rounds, once)
    ratio = median(walls["uitest run"]) / median(walls["pytest"])
    lines = [
        f"{FLOW_COUNT * repeats} cases (six flows) in Chrome, {conditions.workers} workers, rounds in "
        f"alternating order: {conditions.rounds}. Wall time of the whole command, median, in parentheses the "
        "least and the most.",
        "",
        "| command | wall s | ratio |",
        "|---|--:|--:|",
        f"| pytest -n {conditions.workers} | {spread(walls['pytest'])} | |",
        f"| uitest run --workers {conditions.workers} | {spread(walls['uitest run'])} | {ratio:.2f} |",
    ]
    return Found(lines, {"run.pytest": ratio})
