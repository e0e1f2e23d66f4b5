"""The report as a document."""

from bench.goals import GOALS
from bench.report import SUMMARY, merged, section, spread, summary

ORDER = (SUMMARY, "## Speed", "## Growth")


def rows(text: str) -> dict[str, list[str]]:
    """The summary's rows by figure."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in cells[1:]}


def test_summary_holds_each_figure_against_its_goal() -> None:
    """Measured, must, goal and whether it was reached; no row for what was never measured."""
    result = rows(summary({"run.pytest": 1.054, "skew.makespan": 1.034}, ["run", "skew"], ""))
    assert result == {
        GOALS["run.pytest"].figure: ["1.05", "", "<= 1.05", "yes"],
        GOALS["skew.makespan"].figure: ["1.03", "<= 1.05", "<= 1.03", "yes"],
    }


def test_summary_keeps_rows_of_parts_that_did_not_run() -> None:
    """A figure has one row: the new one, else that of the report before."""
    before = summary({"run.pytest": 1.1, "skew.makespan": 2.0}, ["run", "skew"], "")
    result = rows(summary({"skew.makespan": 1.0}, ["skew"], before))
    assert result[GOALS["run.pytest"].figure][0] == "1.10"
    assert result[GOALS["skew.makespan"].figure][0] == "1.00"
    assert len(result) == 2


def test_summary_says_what_is_missing() -> None:
    """A part that ran and has no number does not keep its old one, and has not reached its goal."""
    before = summary({"skew.makespan": 1.0, "run.pytest": 1.0}, ["skew", "run"], "")
    result = rows(summary({"skew.makespan": 1.04}, ["skew", "run"], before))
    assert result[GOALS["skew.makespan"].figure] == ["1.04", "<= 1.05", "<= 1.03", "must only"]
    assert result[GOALS["run.pytest"].figure] == ["missing", "", "<= 1.05", "no"]


def test_merged_replaces_sections_and_keeps_the_others() -> None:
    """Sections come in the order asked for, whichever of them are new."""
    before = merged("", [section("Growth", ["old"], ["steady"]), section("Speed", ["old"], ["slow"])], ORDER)
    after = merged(before, [section("Speed", ["new"], ["fast"]), summary({}, [], before)], ORDER)
    assert [line for line in after.splitlines() if line.startswith("## ")] == list(ORDER)
    assert "fast" in after
    assert "slow" not in after
    assert "steady" in after


def test_merged_drops_sections_that_no_part_writes() -> None:
    """A part that was renamed does not stay under its old name."""
    assert "Velocity" not in merged("# Measurements\n\n## Velocity\n\nhigh\n", [], ORDER)


def test_merging_nothing_changes_nothing() -> None:
    """A report that is read and written again stays the same text."""
    text = merged("", [summary({"speed.cpu": 0.4}, ["speed"], ""), section("Speed", ["fact"], ["line"])], ORDER)
    assert merged(text, [], ORDER) == text


def test_spread_shows_median_and_range() -> None:
    """The spread shows the median, the minimum and the maximum."""
    assert spread([3.0, 1.0, 2.0]) == "2.0 (1.0-3.0)"
    assert spread([1.234], 2) == "1.23 (1.23-1.23)"
