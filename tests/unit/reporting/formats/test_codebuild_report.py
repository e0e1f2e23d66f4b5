"""The report of CodeBuild, which takes a limited number of cases."""

from dataclasses import replace
from xml.etree import ElementTree as ET

from tests.support.samples import NOW, attempt, header, row
from uitest.model import JobRow, Verdict
from uitest.reporting.formats.codebuild_report import CUT, LIMIT, MESSAGE_LIMIT, codebuild_report, left_out


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


def test_long_messages_are_cut() -> None:
    """To the length that CodeBuild documents; shorter ones are whole."""
    details = ("x" * MESSAGE_LIMIT, "y" * (MESSAGE_LIMIT + 1))
    rows = [row(text[0], replace(attempt(verdict=Verdict.FAILED), detail=text)) for text in details]
    root = ET.fromstring(codebuild_report(header(rows), rows, NOW))  # noqa: S314
    whole, cut = (str(failure.text) for failure in root.iter("failure"))
    assert whole == details[0]
    assert len(cut) == MESSAGE_LIMIT
    assert cut.endswith(CUT)
