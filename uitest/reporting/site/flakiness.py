"""When a job is flaky: one rule for the home page, a case's page and ``uitest flaky``. Pure.

A job is flaky in a run if it passed there only after a failure, or if it failed there and was green in another run of
the same commit: its result changes though nothing else has. A run in which the browser or the machine broke counts as a
run of the job, but says nothing about its commit.

The home page reads the outcomes of a suite's runs for this, but only if findings of these runs name a suspect.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uitest.model import Job, Outcome, digest

MOST_RUNS = 100
"""Runs of a job that count, newest first."""
MOST_SUSPECTS = 100
"""Flaky jobs, and failed ones, that a run's findings name."""

GREEN = frozenset({Outcome.PASSED, Outcome.FLAKY})
FAILED = frozenset({Outcome.FAILED, Outcome.QUARANTINED})
COUNTED = GREEN | FAILED | {Outcome.ERROR, Outcome.LOST}
"""The outcomes of a job that was run to an end."""


@dataclass(frozen=True)
class Flakiness:
    """In how many runs a job came to an end, and in which of them it was flaky."""

    runs: int
    flaky: tuple[int, ...]
    """Indexes into the results, newest run first."""

    @property
    def percent(self) -> float:
        """The share of its runs in which it was flaky."""
        return round(100 * len(self.flaky) / self.runs, 1) if self.runs else 0.0


def flakiness(results: Iterable[tuple[str | None, Outcome]]) -> Flakiness:
    """How flaky a job is by the commit and its outcome in each run of one suite, newest first."""
    counted = [(place, *result) for place, result in enumerate(results) if result[1] in COUNTED][:MOST_RUNS]
    green = {commit for _, commit, outcome in counted if commit and outcome in GREEN}
    flaky = [
        place
        for place, commit, outcome in counted
        if outcome is Outcome.FLAKY or (outcome in FAILED and commit in green)
    ]
    return Flakiness(len(counted), tuple(flaky))


@dataclass(frozen=True)
class Suspect:
    """A job that may be flaky."""

    digest: str
    """The unique part of its key."""
    module: str
    case: str
    browser: str


def suspects(runs: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Suspect]:
    """The jobs that may be flaky in these runs of a suite, given as commit and findings."""
    times = Counter(commit for commit, _ in runs)
    jobs: dict[str, Suspect] = {}
    for commit, findings in runs:
        named = findings["flaky_jobs"] if "flaky_jobs" in findings else [_named(*names) for names in findings["flaky"]]
        if commit and times[commit] > 1:
            named = [*named, *findings.get("failed_jobs", ())]
        for names in named:
            jobs.setdefault(names[0], Suspect(*names))
    return list(jobs.values())


def _named(module: str, case: str, browser: str) -> tuple[str, str, str, str]:
    """A job as findings name it that older versions wrote without its key."""
    return digest(Job(module, case, browser).key), module, case, browser


def flaky_list(
    jobs: Iterable[Suspect], runs: Sequence[tuple[int, str, Mapping[str, Outcome]]], most: int
) -> list[dict[str, Any]]:
    """The flakiest of these jobs, at most ``most``.

    ``runs`` has the place on the home page, the commit and the outcomes by digest of each run, newest first.
    """
    shown = []
    for job in jobs:
        results = [(place, commit, outcomes[job.digest]) for place, commit, outcomes in runs if job.digest in outcomes]
        result = flakiness((commit, outcome) for _, commit, outcome in results)
        if result.flaky:
            entry = {"module": job.module, "case": job.case, "browser": job.browser, "times": len(result.flaky)}
            shown.append((result.percent, {**entry, "of": result.runs, "last": results[result.flaky[0]][0]}))
    shown.sort(key=lambda item: (-item[0], item[1]["module"], item[1]["case"], item[1]["browser"]))
    return [entry for _, entry in shown[:most]]
