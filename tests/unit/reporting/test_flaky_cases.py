"""Flaky cases of several runs."""

from tests.support.samples import NOW, attempt, header, row
from uitest.model import Attempt, JobRow, Run, Verdict
from uitest.reporting.flaky_cases import MOST_RUNS, flaky_cases

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
    assert case.flaky_runs == [runs[1][0]]


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
