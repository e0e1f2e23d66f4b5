"""Flaky cases of several runs, as the command, the home page and a case's page count them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from tests.support.samples import NOW, MemoryPlace, attempt, header, row
from uitest.model import Attempt, JobRow, Run, RunState, Verdict
from uitest.reporting.flaky_cases import flaky_cases
from uitest.reporting.site import Site
from uitest.reporting.site.flakiness import MOST_RUNS, suspects
from uitest.reporting.site.wording import clean

GREEN = attempt()
RED = attempt(verdict=Verdict.FAILED, error="boom")


def run_of(commit: str | None, *attempts: Attempt, name: str = "r", case: str = "a") -> tuple[Run, list[JobRow]]:
    """A finished run of a commit with one job."""
    return header([], id=name, settings={"commit": commit}), [row(case, *attempts)]


def test_pass_after_a_failure_is_flaky() -> None:
    """With its share of the runs in which the job had a result, and its newest error."""
    runs = [
        run_of("1", GREEN, name="new"),
        run_of("2", RED, attempt(2), name="flaky"),
        run_of("3", name="never started"),
        run_of("4", attempt(verdict=Verdict.SKIPPED), name="skipped"),
    ]
    (case,) = flaky_cases(runs, NOW)
    assert (case.job.case, case.runs, case.percent, case.error) == ("a", 2, 50.0, "boom")
    assert case.flaky_runs == (runs[1][0],)


def test_red_and_green_at_the_same_commit_is_flaky_in_the_red_run() -> None:
    """Another commit may have broken it, and of an unknown one nobody knows."""
    assert [case.percent for case in flaky_cases([run_of("1", GREEN), run_of("1", RED)], NOW)] == [50.0]
    assert flaky_cases([run_of("1", GREEN), run_of("2", RED)], NOW) == []
    assert flaky_cases([run_of(None, GREEN), run_of(None, RED)], NOW) == []


def test_only_the_newest_runs_of_a_job_count() -> None:
    """A case that was mended is no longer listed once it has passed often enough."""
    old = run_of("0", RED, attempt(2))
    assert len(flaky_cases([*[run_of("1", GREEN)] * (MOST_RUNS - 1), old], NOW)) == 1
    assert flaky_cases([*[run_of("1", GREEN)] * MOST_RUNS, old], NOW) == []


def test_flakiest_case_comes_first() -> None:
    """Each case and browser by itself."""
    runs = [
        run_of("1", RED, attempt(2), case="often"),
        run_of("1", RED, attempt(2), case="seldom"),
        run_of("1", GREEN, case="seldom"),
    ]
    assert [(case.job.case, case.percent) for case in flaky_cases(runs, NOW)] == [("often", 100.0), ("seldom", 50.0)]


def random_runs(chosen: Random) -> Iterator[tuple[Run, list[JobRow]]]:
    """Finished runs of two suites on main, newest first; few commits, so that many have several runs."""
    failed = attempt(verdict=Verdict.FAILED, error="boom")
    ends = (
        (attempt(),), (attempt(),), (failed,), (failed, attempt(2)), (attempt(verdict=Verdict.ERROR),),
        (attempt(verdict=Verdict.SKIPPED),), (), None,
    )  # fmt: skip
    for number in range(40):
        module = chosen.choice(["shop", "shop", "basket"])
        rows = [
            row(case, *end, module=module, browser=browser, lease=None if end else -5)
            for case in ("a", "b", "c", "https://me:secret@shop.example", "z\x1b[31mred")
            for browser in ("chrome", "firefox")
            if (end := chosen.choice(ends)) is not None
        ]
        began = NOW - 100 * number - 1000
        facts = {"commit": chosen.choice(["1", "2", "3", None]), "branch": "main"}
        browsers = ("chrome", "firefox")
        yield header(rows, id=f"r{number}", started_at=began, finished_at=began + 9, settings=facts, modules=(module,),
            browsers=browsers), rows  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_home_page_and_case_pages_count_as_the_command_does(seed: int) -> None:
    """The same jobs in the same order with the same numbers, from the same runs."""
    runs = list(random_runs(Random(seed)))  # noqa: S311
    place = MemoryPlace()
    for run, rows in reversed(runs):
        Site(place, "a/").run(run, rows, NOW)
    Site(place, "a/").home(NOW)
    home = json.loads(place.files["home.json"])
    cases = flaky_cases(runs, NOW)
    assert len({case.suite for case in cases}) == 2
    assert any(case.runs > len(case.flaky_runs) > 1 for case in cases)
    for suite, findings in zip(home["suites"], home["found"], strict=True):
        assert [
            (job["module"], job["case"], job["browser"], job["times"], job["of"], home["runs"][job["last"]]["id"])
            for job in findings["flaky"]
        ] == [
            (job.module, clean(job.case), job.browser, len(case.flaky_runs), case.runs, case.flaky_runs[0].id)
            for case in cases
            for job in [case.job]
            if case.suite == suite
        ]  # fmt: skip

    rows = [row(case.job.case, attempt(), module=case.job.module, browser=case.job.browser) for case in cases]
    change = header(rows, id="change", settings={"branch": "change", "against": "main"})
    Site(place, "a/").run(change, rows, NOW)
    jobs = json.loads(place.files["runs/change/run.json"])["jobs"]
    assert [(job["z"]["flaky"], job["z"]["of"]) for job in jobs] == [
        (len(case.flaky_runs), case.runs) for case in cases
    ]


def test_run_that_is_still_going_does_not_count() -> None:
    """What has failed there may be tried again."""
    going = header([], RunState.RUNNING, id="going", settings={"commit": "1"})
    assert flaky_cases([(going, [row("a", RED)]), run_of("1", GREEN)], NOW) == []


def test_suites_are_counted_by_themselves() -> None:
    """Green on one site and red on another is no change of the result."""
    elsewhere = [(replace(run, url="https://other.example"), rows) for run, rows in [run_of("1", RED)]]
    assert flaky_cases([run_of("1", GREEN), *elsewhere], NOW) == []


def test_broken_machine_is_a_run_but_no_change_of_the_result() -> None:
    """Nobody knows what the case would have said."""
    broken = run_of("1", attempt(verdict=Verdict.ERROR))
    assert flaky_cases([broken, run_of("1", GREEN)], NOW) == []
    [case] = flaky_cases([broken, run_of("2", RED, attempt(2))], NOW)
    assert (case.runs, case.percent) == (2, 50.0)


def test_outcomes_are_read_only_where_something_may_be_flaky() -> None:
    """A site of runs that fail at one commit each, and of green ones, costs no reading."""
    place, requested = MemoryPlace(), []
    for number in range(4):
        run, rows = run_of(str(number), RED if number % 2 else GREEN, name=f"r{number}")
        Site(place, "a/").run(replace(run, started_at=NOW - number), rows, NOW)

    class Watched(MemoryPlace):
        def read(self, name: str) -> bytes | None:
            requested.append(name)
            return super().read(name)

    watched = Watched()
    watched.files = place.files
    Site(watched, "a/").home(NOW)
    assert any(name.endswith("findings.json") for name in requested)
    assert not [name for name in requested if name.endswith("outcomes.json")]


def test_findings_of_an_older_version_name_what_was_flaky() -> None:
    """They lack the keys of jobs."""
    old = {"flaky": [["login", "a", "chrome"]]}
    [job] = suspects([("1", old), ("1", old)])
    assert f"~{job.digest}" in row("a").job.key
