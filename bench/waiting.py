"""A suite that waits: the flows on a site that answers late, with as many workers as each runner chooses itself.

uitest chooses by what the run before has measured, so its second run counts, in a project that is new each round. Its
peers learn nothing, and each of their rounds is like the first.
"""

from statistics import median

from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, PYTEST_PLAYWRIGHT, PYTEST_SELENIUM, UITEST, install, versions
from bench.project import Project
from bench.report import spread
from bench.speed import Row, measure, ratios, table

LATE_S = 0.15
"""How late every answer of the slow site is: a near server's database, or a far server's network."""


def waiting(conditions: Conditions) -> Found:
    """Wall times with half the cases and half the rounds. Raises PeerMissing if it is uitest."""
    repeats, rounds = max(1, conditions.repeats // 2), (conditions.rounds + 1) // 2
    install(UITEST)
    ours, first = Row(UITEST, versions(UITEST)), []
    for number in range(rounds):
        with Project.of_flows(conditions.binary, repeats) as project:
            first.append(project.run(conditions.slow_url, "auto", "first").wall_s)
            ours.measures.append(project.run(conditions.slow_url, "auto", "second"))
        conditions.tell(f"round {number + 1}, uitest: {first[-1]:.1f} s, then {ours.measures[-1].wall_s:.1f} s")
    peers = (PYTEST_SELENIUM, PYTEST_PLAYWRIGHT)
    others = measure(peers, conditions, conditions.slow_url, rounds, repeats, ("-n", "auto"))
    rows = [ours, *others]
    lines = [
        f"The site answers each request {LATE_S * 1000:.0f} ms late. This is the same for everybody and draws "
        "ratios towards 1; it leaves processors free, as larger machines do. uitest: the second `uitest run` of a "
        f"project; the first one, which knows nothing of the suite, took {spread(first)} s, "
        f"{median(first) / median(m.wall_s for m in ours.measures):.2f} times as long.",
        "",
        *table(rows, FLOW_COUNT * repeats, "as many workers as each chooses (`--workers auto`, `-n auto`)"),
    ]
    return Found(lines, ratios("waiting", rows))
