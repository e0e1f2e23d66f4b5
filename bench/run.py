"""What the bookkeeping of a run costs: ``uitest run`` against bare pytest, same cases, same plugin, same workers."""

from statistics import median

from bench import session
from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, UITEST, install
from bench.project import Project
from bench.report import spread

SIDES = ("pytest", "uitest run")


def run(conditions: Conditions) -> Found:
    """Wall time of both commands, rounds in alternating order, every run in a new project. Raises PeerMissing."""
    install(UITEST)
    url, binary, repeats = conditions.url, conditions.binary, conditions.repeats
    walls: dict[str, list[float]] = {side: [] for side in SIDES}
    for number in range(conditions.rounds):
        for side in SIDES if number % 2 == 0 else SIDES[::-1]:
            if side == "pytest":
                found = session.run(UITEST, url, binary, repeats, conditions.parallel)
            else:
                with Project.of_flows(binary, repeats) as project:
                    found = project.run(url, conditions.workers, f"round-{number + 1}")
            walls[side].append(found.wall_s)
            conditions.tell(f"round {number + 1}, {side}: {found.wall_s:.1f} s")
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
