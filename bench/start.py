"""How long it takes from the start of a command until its first case runs in a browser."""

from statistics import median

from bench import session
from bench.part import Conditions, Found
from bench.peers import ROOT, UITEST, WORK, install
from bench.project import Project
from bench.report import spread
from bench.session import Measure

FIRST = WORK / "first.txt"


def start(conditions: Conditions) -> Found:
    """Seconds of bare pytest and of ``uitest run``, by turns; one less than twice the rounds. Raises PeerMissing."""
    install(UITEST)
    times = 2 * conditions.rounds - 1
    env = {"PYTHONPATH": str(ROOT), "PYTEST_PLUGINS": "bench.first", "BENCH_FIRST": str(FIRST)}
    pytest_s, run_s = [], []
    FIRST.unlink(missing_ok=True)
    with Project.of_flows(conditions.binary, 1) as project:
        for number in range(1, times + 1):
            bare = session.run(UITEST, conditions.url, conditions.binary, 1, conditions.parallel, env)
            pytest_s.append(until_first_case(bare))
            kept = project.run(conditions.url, conditions.workers, f"start-{number}", env)
            run_s.append(until_first_case(kept))
            conditions.tell(f"{number} of {times}: pytest {pytest_s[-1]:.2f} s, uitest run {run_s[-1]:.2f} s")
    lines = [
        f"From before the process is started to the first case running in Chrome, {conditions.workers} workers, "
        f"both by turns, times: {times}. Median, in parentheses the least and the most.",
        "",
        "| command | seconds to the first case |",
        "|---|--:|",
        f"| pytest -n {conditions.workers} | {spread(pytest_s, 2)} |",
        f"| uitest run --workers {conditions.workers} | {spread(run_s, 2)} |",
    ]
    return Found(lines, {"start.pytest": median(pytest_s)})


def until_first_case(measure: Measure) -> float:
    """Seconds until any worker's first case began, in the command just measured; forgets what was written."""
    begun = min(map(float, FIRST.read_text().split()))
    FIRST.unlink()
    return begun - measure.began_at
