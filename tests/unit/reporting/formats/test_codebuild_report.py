"""The report of CodeBuild, which takes a limited number of cases."""

from xml.etree import ElementTree as ET

from tests.support.samples import NOW, attempt, header, row
from uitest.model import JobRow, Verdict
from uitest.reporting.formats.codebuild_report import LIMIT, codebuild_report, left_out


def names(rows: list[JobRow], planned: int) -> list[str | None]:
    """The cases of the report."""
    root = ET.fromstring(codebuild_report(header(rows, planned=planned), rows, NOW))  # noqa: S314
    return [case.get("name") for case in root.iter("testcase")]


def test_jobs_that_are_not_green_come_first_where_not_all_fit() -> None:
    """Failed and unfinished ones are in it wherever they stand in the plan, and so is a missing job."""
    rows = [row(f"p{number}", attempt()) for number in range(2 * LIMIT)]
    rows += [row("fails", attempt(verdict=Verdict.FAILED)), row("never_started")]
    reported = names(rows, len(rows))
    assert reported[:3] == ["fails", "never_started", "p0"]
    assert len(reported) == len(rows) - left_out(len(rows)) == LIMIT - 2
    assert names(rows, len(rows) + 1)[-1] == "every planned job has a row"
    assert len(names(rows, len(rows) + 1)) <= LIMIT


def test_small_run_is_reported_in_the_order_of_its_plan() -> None:
    """With all of its jobs."""
    rows = [row("a", attempt()), row("b", attempt(verdict=Verdict.FAILED))]
    assert names(rows, 2) == ["a", "b"]
    assert left_out(2) == 0
