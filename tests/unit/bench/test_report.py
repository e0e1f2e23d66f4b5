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
    result = rows(summary({"run.pytest": 1.054, "start.pytest": 1.234}, ["run", "start"], ""))
    assert result == {
        GOALS["run.pytest"].figure: ["1.05", "", "<= 1.05", "yes"],
        GOALS["start.pytest"].figure: ["1.23 s", "", "<= 1.50 s", "yes"],
    }


def test_summary_keeps_rows_of_parts_that_did_not_run() -> None:
    """A figure has one row: the new one, else that of the report before."""
    before = summary({"run.pytest": 1.1, "start.pytest": 2.0}, ["run", "start"], "")
    result = rows(summary({"start.pytest": 1.0}, ["start"], before))
    assert result[GOALS["run.pytest"].figure][0] == "1.10"
    assert result[GOALS["start.pytest"].figure][0] == "1.00 s"
    assert len(result) == 2


def test_summary_says_what_is_missing() -> None:
    """A part that ran and has no number does not keep its old one, and has not reached its goal."""
    before = summary({"speed.playwright": 0.7, "start.pytest": 1.0}, ["speed", "start"], "")
    result = rows(summary({"speed.playwright": 0.9}, ["speed", "start"], before))
    assert result[GOALS["speed.playwright"].figure] == ["0.90", "<= 1.00", "<= 0.80", "must only"]
    assert result[GOALS["start.pytest"].figure] == ["missing", "", "<= 1.50 s", "no"]


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
