"""The outcome of a run as lines of CloudWatch's embedded metric format."""

import json
from typing import Any

import pytest

from tests.support.samples import NOW, attempt, every_outcome, header, row
from uitest.model import JobRow, Run, Verdict
from uitest.reporting.metrics import UNITS, MetricsReporter, metric_lines


def documents(run: Run, rows: list[JobRow]) -> list[dict[str, Any]]:
    """What is logged about a run."""
    lines: list[str] = []
    MetricsReporter("Shop/Tests", lines.append).finish(run, rows, NOW)
    assert all("\n" not in line for line in lines)
    return [json.loads(line) for line in lines]


def test_run_and_each_module_in_each_browser_have_a_line() -> None:
    """The run comes first; the counts of the modules add up to its counts."""
    run, rows = every_outcome()
    first, *others = documents(run, rows)
    assert {(item["Module"], item["Browser"]) for item in others} == {(r.job.module, r.job.browser) for r in rows}
    for name in ("Passed", "Failed", "Flaky", "Skipped"):
        assert first[name] == sum(item[name] for item in others) > 0
    counted = sum(first[name] for name in ("Passed", "Failed", "Flaky", "Skipped", "Broken"))
    assert counted == max(run.planned, len(rows))


def test_lines_follow_the_specification() -> None:
    """Each metric and dimension that is announced is a member of the document, a number or a text."""
    for document in documents(*every_outcome()):
        metadata = document["_aws"]
        assert metadata["Timestamp"] == int(NOW * 1000)
        [directive] = metadata["CloudWatchMetrics"]
        assert directive["Namespace"] == "Shop/Tests"
        assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}.items() <= UNITS.items()
        assert all(isinstance(document[metric["Name"]], int | float) for metric in directive["Metrics"])
        [dimensions] = directive["Dimensions"]
        assert all(document[name].isascii() and 0 < len(document[name]) <= 1024 for name in dimensions)


def test_missing_jobs_are_broken() -> None:
    """A run whose store has lost rows does not look better for it."""
    rows = [row("a", attempt())]
    [first, _] = documents(header([], planned=4), rows)
    assert (first["Passed"], first["Broken"], first["SuccessPercent"]) == (1, 3, 25.0)


def test_skipped_jobs_do_not_count_in_the_percentage() -> None:
    """Nothing but skipped jobs is no percentage at all, rather than 0 or 100."""
    skipped = row("a", attempt(verdict=Verdict.SKIPPED))
    [first, _] = documents(header([], planned=2), [skipped, row("b", attempt())])
    assert first["SuccessPercent"] == 100.0
    [first, _] = documents(header([], planned=1), [skipped])
    assert "SuccessPercent" not in first


def test_site_is_the_host_without_a_password() -> None:
    """An address may hold a password, which must not get into metrics."""
    [line] = metric_lines("n", header([], url="https://user:secret@shop.example:8443/x"), [], NOW)
    assert json.loads(line)["Site"] == "shop.example"
    assert "secret" not in line


@pytest.mark.parametrize(("name", "value"), [("ünï", "\\xfcn\\xef"), (" ", "unknown"), ("x" * 2000, "x" * 1024)])
def test_dimensions_are_valid_whatever_a_module_is_called(name: str, value: str) -> None:
    """CloudWatch takes up to 1,024 ASCII characters, and no blank text."""
    _, line = metric_lines("n", header([]), [row("a", attempt(), module=name)], NOW)
    assert json.loads(line)["Module"] == value
