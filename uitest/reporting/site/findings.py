"""What finished runs have found, over time: errors, flaky jobs, and modules that get worse or slower. Pure.

Each finished run leaves a small file with its own findings. The home page is made from those of the newest runs of each
suite on the default branch, so that neither branches nor module sets are mixed; other branches only add where else an
error was met.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any

from uitest.model import Outcome, digest
from uitest.reporting.site.comparison import BAD
from uitest.reporting.site.flakiness import FAILED, MOST_SUSPECTS
from uitest.reporting.site.grouping import error_id

VERSION = 1
"""Of the file's form."""
MOST_ERRORS, MOST_FLAKY, MOST_MODULES = 30, 20, 20
SHOWN_ERRORS, SHOWN_ELSEWHERE = 20, 10
"""Errors of a suite that the home page has: of its branch, and of other branches alone."""
MOST_CASES = 20
"""Cases that are named of an error."""
MET_FOR_HINTS = 3
"""Jobs that must have met an error before it says something that they have in common."""
STRIP_RUNS = 40
"""Newest runs of which an error's page shows in how many jobs it was met."""
RECENT_RUNS, EARLIER_RUNS = 5, 15
"""Runs of a module whose results are compared with those of the runs before."""
WORSE_SHARE = 0.05
"""By how much the share of failures must have risen."""
SLOWER_BY, SLOWER_S = 1.25, 1.0
"""By which factor and by how many seconds a module must take longer."""

Findings = Mapping[str, Any]
"""The findings of one run, as ``of_run`` returns them."""


def of_run(view: Mapping[str, Any]) -> dict[str, Any]:
    """The findings of a finished run, from its page's data; small, whatever the size of the run."""
    names = [(module["name"], module["tags"]) for module in view["modules"]]
    errors: dict[int, list[Mapping[str, Any]]] = {}
    modules: dict[int, list[Mapping[str, Any]]] = {}
    for job in view["jobs"]:
        modules.setdefault(job["m"], []).append(job)
        if "e" in job and job["o"] not in (Outcome.SKIPPED, Outcome.CANCELLED):
            errors.setdefault(job["e"], []).append(job)

    def error(number: int, jobs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        cases = dict.fromkeys((names[job["m"]][0], job["c"]) for job in jobs)
        return {
            "key": view["errors"][number],
            "text": jobs[0]["x"],
            "jobs": len(jobs),
            "cases": [list(case) for case in cases][:MOST_CASES],
            "browsers": sorted({view["browsers"][job["b"]] for job in jobs}),
            "hosts": sorted(_hosts(view, jobs)),
        }

    def names_of(job: Mapping[str, Any]) -> list[str]:
        return [names[job["m"]][0], job["c"], view["browsers"][job["b"]]]

    flaky = [job for job in view["jobs"] if job["o"] == Outcome.FLAKY]
    failed = [job for job in view["jobs"] if job["o"] in FAILED]
    most_met = sorted(errors.items(), key=lambda item: -len(item[1]))[:MOST_ERRORS]
    return {
        "v": VERSION,
        "browsers": len(view["browsers"]),
        "hosts": len(_hosts(view, view["jobs"])),
        "errors": [error(number, jobs) for number, jobs in most_met],
        "flaky": [names_of(job) for job in flaky[:MOST_FLAKY]],  # for older versions that write into the same place
        "flaky_jobs": [[digest(job["k"]), *names_of(job)] for job in flaky[:MOST_SUSPECTS]],
        "failed_jobs": [[digest(job["k"]), *names_of(job)] for job in failed[:MOST_SUSPECTS]],
        "modules": [
            {"name": names[number][0], "tags": names[number][1], **_sums(jobs)} for number, jobs in modules.items()
        ],
    }


def _hosts(view: Mapping[str, Any], jobs: Iterable[Mapping[str, Any]]) -> set[str]:
    """The hosts of the workers that made the last attempts of these jobs."""
    return {view["owners"][job["a"][-1][4]].partition("/")[0] for job in jobs if job.get("a")}


def _sums(jobs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    bad = sum(job["o"] in BAD for job in jobs)
    green = [job["a"][-1][3] for job in jobs if job["o"] in (Outcome.PASSED, Outcome.FLAKY)]
    return {"jobs": len(jobs), "bad": bad, "mean_s": round(mean(green), 3) if green else None}


@dataclass
class MetError:
    """One error in the runs of a suite."""

    key: str
    text: str
    """The first line of its newest occurrence."""
    met: dict[int, int] = field(default_factory=dict)
    """Number of jobs by the run's place, newest run first."""
    cases: dict[tuple[str, str], None] = field(default_factory=dict)
    browsers: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    others: tuple[int, int] = (0, 0)
    """The most browsers, and the most hosts, that one of these runs had."""

    @property
    def hints(self) -> list[str]:
        """What its occurrences have in common although the runs had more of it."""
        hints: list[str] = []
        if sum(self.met.values()) < MET_FOR_HINTS:
            return hints
        if len(self.browsers) == 1 and self.others[0] > 1:
            hints.append(f"in {min(self.browsers)} only")
        if len(self.hosts) == 1 and self.others[1] > 1:
            hints.append(f"on the host {min(self.hosts)} only")
        return hints


def over_time(
    runs: Sequence[Mapping[str, Any]], findings: Mapping[int, Findings], branch: str, suite: int
) -> dict[str, Any]:
    """The findings of a suite on a branch, and after its errors those that other branches alone have met.

    ``runs`` are those of the home page, newest first; ``findings`` has those of the finished runs by place. Flaky jobs
    are not among them: they take the outcomes of all runs (``flakiness``).
    """
    own = [place for place in findings if runs[place]["suite"] == suite]
    line = line_of(runs, findings, branch, suite)
    errors: dict[str, MetError] = {}
    for place in own:
        for error_json in findings[place]["errors"]:
            error = errors.setdefault(error_json["key"], MetError(error_json["key"], error_json["text"]))
            error.met[place] = error_json["jobs"]
            error.cases.update(dict.fromkeys((str(module), str(case)) for module, case in error_json["cases"]))
            error.browsers |= set(error_json["browsers"])
            error.hosts |= set(error_json["hosts"])
            error.others = (
                max(error.others[0], findings[place]["browsers"]), max(error.others[1], findings[place]["hosts"]),
            )  # fmt: skip
    seen = sorted(
        (_error_view(error, runs, line) for error in errors.values()),
        key=lambda error: (-error["on_branch"], -error["jobs"], error["text"]),
    )
    on_branch, elsewhere = [e for e in seen if e["on_branch"]], [e for e in seen if not e["on_branch"]]
    return {
        "errors": [*on_branch[:SHOWN_ERRORS], *elsewhere[:SHOWN_ELSEWHERE]],
        "modules": _modules(findings, line),
        "runs": len(line),
    }


def line_of(runs: Sequence[Mapping[str, Any]], places: Iterable[int], branch: str, suite: int) -> list[int]:
    """Places of the runs of a suite on a branch, of those that have findings, newest first."""
    return sorted(place for place in places if (runs[place]["suite"], runs[place]["branch"]) == (suite, branch))


def _error_view(error: MetError, runs: Sequence[Mapping[str, Any]], line: Sequence[int]) -> dict[str, Any]:
    return {
        "id": error_id(error.key),
        "text": error.text,
        "on_branch": sum(place in error.met for place in line),
        "jobs": sum(error.met.values()),
        "first": max(error.met),
        "last": min(error.met),
        "met": [[place, number] for place, number in sorted(error.met.items())][:STRIP_RUNS],
        "strip": [error.met.get(place, 0) for place in sorted(line)[:STRIP_RUNS]][::-1],
        "branches": list(dict.fromkeys(runs[place]["branch"] for place in sorted(error.met) if runs[place]["branch"])),
        "cases": [list(case) for case in list(error.cases)[:MOST_CASES]],
        "browsers": sorted(error.browsers),
        "hints": error.hints,
    }


def _modules(findings: Mapping[int, Findings], line: Sequence[int]) -> list[dict[str, Any]]:
    """Modules and tags that have got worse or slower, the former first."""
    results: dict[tuple[str, str], list[tuple[float, float | None]]] = {}
    for place in sorted(line):
        sums: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for module in findings[place]["modules"]:
            for name in (("m", module["name"]), *(("tag", tag) for tag in module["tags"])):
                sums.setdefault(name, []).append(module)
        for name, modules in sums.items():
            share = sum(module["bad"] for module in modules) / sum(module["jobs"] for module in modules)
            known = [module["mean_s"] for module in modules if module["mean_s"] is not None]
            results.setdefault(name, []).append((share, mean(known) if known else None))
    changed = [
        {"field": field, "name": name, **change}
        for (field, name), runs in results.items()
        if (change := _change(runs[:RECENT_RUNS], runs[RECENT_RUNS : RECENT_RUNS + EARLIER_RUNS]))
    ]
    return sorted(changed, key=lambda module: ("worse" not in module, module["name"]))[:MOST_MODULES]


def _change(
    recent: Sequence[tuple[float, float | None]], before: Sequence[tuple[float, float | None]]
) -> dict[str, list[float]]:
    """Shares of failures and seconds a case, before and now, as far as they are worse."""
    if not before:
        return {}
    change: dict[str, list[float]] = {}
    shares = mean(share for share, _ in before), mean(share for share, _ in recent)
    if shares[1] - shares[0] >= WORSE_SHARE:
        change["worse"] = [round(100 * share, 1) for share in shares]
    old, new = ([seconds for _, seconds in runs if seconds is not None] for runs in (before, recent))
    if old and new:
        was, is_now = median(old), median(new)
        if is_now >= SLOWER_BY * was and is_now - was >= SLOWER_S:
            change["slower"] = [round(was, 2), round(is_now, 2)]
    return change
