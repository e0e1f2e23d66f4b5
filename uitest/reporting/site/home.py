"""The view model of the home page: a line for every suite on its default branch, and one for every run, newest first.

It is built from the summaries that coordinators write into the site, one file each. As there is no common file to
update, several coordinators with different stores can write into one place.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from uitest.model import Outcome, Run
from uitest.reporting.site.findings import MOST_FLAKY, Findings, line_of, over_time
from uitest.reporting.site.flakiness import flaky_list, suspects
from uitest.reporting.site.history import KEPT_OUTCOMES
from uitest.reporting.site.run import header_view, outcome_legend
from uitest.reporting.site.suites import assign, default_branch, names, protected_branches
from uitest.reporting.site.verdict import STALE_AFTER_S
from uitest.reporting.site.wording import clean

SHOWN_SETTINGS = ("branch", "commit", "fail_on_flaky", "against", "protected_branches", "section")
"""Settings of a run that its summary may contain; others could be private."""


RUNS_OF_BRANCH, RUNS_OF_OTHERS = 100, 40
"""Newest finished runs of the default branch, and of all others, whose findings the home page shows."""

Summaries = Sequence[Mapping[str, Any]]


def summary(run: Run, view: Mapping[str, Any], revision: str) -> dict[str, Any]:
    """The summary of a run, for the home page and for the run's own page while it is live."""
    settings = {name: run.settings[name] for name in SHOWN_SETTINGS if run.settings.get(name)}
    note, error = (clean(text) if text else None for text in (run.note, run.error))
    header = replace(
        run,
        url=clean(run.url),
        note=note,
        error=error,
        settings=settings,
        counts=view["counts"],
        load={},
        quarantine=(),
    )
    base = view["base"] or {"groups": ()}
    return {
        "now": view["now"],
        "beat": view["beat"],
        "revision": revision,
        "run": header.to_json(),
        "cost_usd": view["cost_usd"],
        "groups": {title: number for _, title, number in base["groups"] if number},
    }


def home_view(
    summaries: Iterable[Mapping[str, Any]],
    now: float,
    findings: Callable[[Summaries], Mapping[str, Findings]] = lambda _: {},
    outcomes: Callable[[Summaries], Mapping[str, Mapping[str, Outcome]]] = lambda _: {},
) -> dict[str, Any]:
    """The view model for these summaries, which may be in any order; ``findings`` and ``outcomes`` read some runs'."""
    read = [(Run.from_json(summary["run"]), summary) for summary in summaries]
    read.sort(key=lambda pair: (pair[0].started_at, pair[0].id), reverse=True)
    suites, places = assign(run for run, _ in read)
    runs = [
        {
            **header_view(run, dict(run.counts), now),
            "cost_usd": summary.get("cost_usd"),
            "groups": summary.get("groups") or {},
            "suite": place,
        }
        for (run, summary), place in zip(read, places, strict=True)
    ]
    chosen = default_branch(run for run, _ in read)
    branch = clean(chosen)
    places = _with_findings(runs, branch)
    by_run = findings([read[place][1] for place in places])
    by_place = {place: by_run[read[place][0].id] for place in places if read[place][0].id in by_run}
    recurring = [over_time(runs, by_place, branch, suite) for suite in range(len(suites))]
    lines = [line_of(runs, by_place, branch, suite) for suite in range(len(suites))]
    jobs = [suspects([(runs[place]["commit"], by_place[place]) for place in line]) for line in lines]
    wanted = _within_limit(
        runs, sorted(place for line, some in zip(lines, jobs, strict=True) if some for place in line)
    )
    ended = outcomes([read[place][1] for place in wanted])
    for line, some, entry in zip(lines, jobs, recurring, strict=True):
        ends = [
            (place, runs[place]["commit"], ended[read[place][0].id]) for place in line if read[place][0].id in ended
        ]
        entry["flaky"] = flaky_list(some, ends, MOST_FLAKY)
    return {
        "now": now,
        "stale_after_s": STALE_AFTER_S,
        "legend": outcome_legend(),
        "branch": branch,
        "protected": [clean(name) for name in protected_branches((run for run, _ in read), chosen)],
        "suites": names(suites),
        "found": recurring,
        "first": next((place for place, run in enumerate(runs) if run["branch"] == branch), 0),
        "runs": runs,
    }


def _with_findings(runs: Sequence[Mapping[str, Any]], branch: str) -> list[int]:
    """Places of the runs whose findings are read: the newest finished ones of the branch, and some of others."""
    finished = [place for place, run in enumerate(runs) if not run["active"]]
    own = [place for place in finished if runs[place]["branch"] == branch]
    others = [place for place in finished if runs[place]["branch"] != branch]
    return sorted([*own[:RUNS_OF_BRANCH], *others[:RUNS_OF_OTHERS]])


def _within_limit(runs: Sequence[Mapping[str, Any]], places: Sequence[int]) -> list[int]:
    """The newest of these runs, as many as do not have too many jobs together."""
    sums = accumulate(int(runs[place]["planned"]) for place in places)
    return [place for place, jobs in zip(places, sums, strict=True) if jobs <= KEPT_OUTCOMES]
