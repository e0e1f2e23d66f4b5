"""A summary of the runs of a period."""

from dataclasses import replace

from tests.support.samples import NOW, attempt, header, row
from uitest.model import Outcome, RunState, Verdict
from uitest.reporting.period import summarise


def test_runs_are_summarised_by_module_and_browser() -> None:
    """Counts over all runs, the newest red run, and the median of the last attempts."""
    green = header([], id="new"), [row("a", attempt(duration_s=1.0)), row("b", attempt(duration_s=3.0))]
    red = header([], id="old"), [row("a", attempt(verdict=Verdict.FAILED, duration_s=5.0)), row("b", attempt())]
    [summary] = summarise([green, red], NOW)
    assert (summary.runs, summary.success_percent, summary.median_s) == (2, 75.0, 2.673)
    assert summary.outcomes == {Outcome.PASSED: 3, Outcome.FAILED: 1}
    assert summary.last_red is red[0]


def test_browsers_and_modules_are_apart() -> None:
    """In alphabetical order, each with the runs in which it took part."""
    first = (
        header([], id="1"),
        [row("a", attempt(), module="shop"), row("a", attempt(), module="cart", browser="webkit")],
    )
    second = header([], id="2"), [row("a", attempt(), module="shop")]
    summaries = [(summary.module, summary.browser, summary.runs) for summary in summarise([first, second], NOW)]
    assert summaries == [("cart", "webkit", 1), ("shop", "chrome", 2)]


def test_job_that_was_never_started_is_red() -> None:
    """A module without a finished attempt has no duration, and no success."""
    [summary] = summarise([(header([], id="r"), [row("a")])], NOW)
    assert (summary.success_percent, summary.median_s, summary.last_red) == (0.0, None, header([], id="r"))


def test_jobs_of_a_running_run_are_no_failures() -> None:
    """They are running until their outcome is final; those of a run whose coordinator died are not."""
    failed = attempt(verdict=Verdict.FAILED)
    rows = [row("a", attempt()), row("b"), row("c", failed), row("d", failed, attempt(2, verdict=Verdict.FAILED))]
    run = replace(header([], id="r"), state=RunState.RUNNING, beat_at=NOW - 1, settings={"retries": 1})
    [summary] = summarise([(run, rows)], NOW)
    assert summary.outcomes == {Outcome.PASSED: 1, Outcome.RUNNING: 2, Outcome.FAILED: 1}
    assert (summary.success_percent, summary.last_red) == (50.0, run)
    [summary] = summarise([(run, rows[:3])], NOW)
    assert (summary.success_percent, summary.last_red) == (100.0, None)
    [summary] = summarise([(replace(run, beat_at=NOW - 3600), rows[:3])], NOW)
    assert summary.outcomes == {Outcome.PASSED: 1, Outcome.NOT_STARTED: 1, Outcome.FAILED: 1}
