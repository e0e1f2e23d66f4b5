"""How long it takes from the start of a command until its first case runs in a browser.

Beside it the same of the peers, and what no session of pytest with workers can go below.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median

from bench import session, speed
from bench.part import Conditions, Found
from bench.peers import PLUGINS, PYTEST_PLAYWRIGHT, PYTEST_SELENIUM, UITEST, WORK, Peer, PeerMissing, install
from bench.project import Project
from bench.report import cell, spread
from bench.session import Measure

FIRST = WORK / "first.txt"
TOLD = {"PYTHONPATH": str(PLUGINS), "PYTEST_PLUGINS": "first", "BENCH_FIRST": str(FIRST)}
"""The variables by which a session tells when its first case begins."""

BARE = replace(UITEST, flows="bare", arguments=("-p", "no:uitest"))
"""pytest and pytest-xdist of uitest's environment, with no plugin of ours and no browser."""

Side = Callable[[int], Measure]
"""A command's measure, given the round."""


def start(conditions: Conditions) -> Found:
    """Seconds of each command by turns; one round less than twice the rounds. Raises PeerMissing if it is uitest."""
    install(UITEST)
    label = f"uitest, by pytest -n {conditions.workers}"
    run_label = f"uitest, by uitest run --workers {conditions.workers}"
    with Project.of_flows(conditions.binary, 1) as project:
        sides: dict[str, Side] = {
            label: partial(pytest_session, conditions, UITEST),
            run_label: partial(project_run, conditions, project),
        }
        missing: dict[str, str] = {}
        for peer in (PYTEST_PLAYWRIGHT, PYTEST_SELENIUM):
            try:
                speed.ready(peer, conditions.url, conditions.binary, conditions.parallel, conditions.tell)
            except PeerMissing as exc:
                missing[peer.name] = f"missing: {cell(str(exc))}"
            else:
                sides[peer.name] = partial(pytest_session, conditions, peer)
        sides["pytest alone, empty cases, no browser"] = partial(pytest_session, conditions, BARE)
        times = first_cases(conditions, sides, 2 * conditions.rounds - 1)
    rows = {name: spread(seconds, 2) for name, seconds in times.items()} | missing
    lines = [
        "From before the process is started to the first case running in Chrome, "
        f"{conditions.workers} workers, all by turns, times: {2 * conditions.rounds - 1}. Median, in parentheses the "
        "least and the most. The last row is what no session with workers can go below: one where no case needs a "
        "browser, Selenium or a plugin.",
        "",
        "| command | seconds to the first case |",
        "|---|--:|",
        *(f"| {name} | {row} |" for name, row in rows.items()),
    ]
    figures = {"start.pytest": median(times[label]), "start.run": median(times[run_label])}
    if PYTEST_PLAYWRIGHT.name in times:
        figures["start.playwright"] = figures["start.pytest"] / median(times[PYTEST_PLAYWRIGHT.name])
    return Found(lines, figures)


def first_cases(conditions: Conditions, sides: dict[str, Side], rounds: int) -> dict[str, list[float]]:
    """Seconds to the first case of each side's rounds, forwards and backwards by turns. Raises PeerMissing."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    FIRST.unlink(missing_ok=True)
    for number in range(1, rounds + 1):
        for name in list(sides)[:: 1 if number % 2 else -1]:
            seconds[name].append(until_first_case(sides[name](number)))
            conditions.tell(f"{number} of {rounds}, {name}: {seconds[name][-1]:.2f} s")
    return seconds


def pytest_session(conditions: Conditions, peer: Peer, _: int) -> Measure:
    """Each flow once, in a peer. Raises PeerMissing."""
    return session.run(peer, conditions.url, conditions.binary, 1, conditions.parallel, TOLD)


def project_run(conditions: Conditions, project: Project, number: int) -> Measure:
    """Each flow once, as a run. Raises PeerMissing."""
    return project.run(conditions.url, conditions.workers, f"start-{number}", TOLD)


def until_first_case(measure: Measure) -> float:
    """Seconds until any worker's first case began, in the command just measured; forgets what was written."""
    begun = min(map(float, FIRST.read_text().split()))
    FIRST.unlink()
    return begun - measure.began_at
