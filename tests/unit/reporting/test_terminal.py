"""What whoever started a run gets to read."""

import io
from collections.abc import Mapping, Sequence

from rich.console import Console

from tests.support.builders import NOW, make_attempt, make_run
from uitest.model import Attempt, Job, JobRow, Outcome, Verdict
from uitest.quarantine import Quarantine
from uitest.reporting.site.comparison import Base, Compared, Comparison, Group
from uitest.reporting.site.quarantined import Quarantined
from uitest.reporting.site.sections import sections
from uitest.reporting.terminal import SHOWN, Progress, counts_text, show_jobs


def row(*attempts: Attempt, case: str = "c") -> JobRow:
    """A row with these finished attempts."""
    return JobRow(Job("m", case, "chrome"), attempt=len(attempts), attempts=attempts)


def printed(*looks: Sequence[JobRow], terminal: bool = False) -> str:
    """What is printed for these looks at a run."""
    out = io.StringIO()
    progress = Progress(Console(file=out, force_terminal=terminal, width=60, emoji=False))
    for rows in looks:
        progress.update(make_run(), rows, NOW)
    progress.finish(make_run(), looks[-1], NOW)
    return out.getvalue()


def test_each_attempt_is_told_once() -> None:
    """With its place, its verdict, how long it took, and the reason of a failure."""
    failed = make_attempt(1, verdict=Verdict.FAILED, error="expected [3] :smile:")
    text = printed([row()], [row(failed)], [row(failed)], [row(failed, make_attempt(2))])
    assert text.splitlines() == [
        "failed    m / c · chrome 0.1 s",
        "          expected [3] :smile:",
        "passed    m / c · chrome 0.1 s (attempt 2)",
    ]


def test_excused_attempt_is_told_as_such() -> None:
    """With its error, as any failure; one that no row covers is failed."""
    run = make_run(quarantine=(Quarantine("9999-12-31", error="known"),))
    out = io.StringIO()
    progress = Progress(Console(file=out, width=60))
    attempts = [make_attempt(n, verdict=Verdict.FAILED, error=error) for n, error in enumerate(("known", "new"), 1)]
    progress.update(run, [row()], NOW)
    progress.finish(run, [row(*attempts)], NOW)
    assert out.getvalue().splitlines() == [
        "quarantined m / c · chrome 0.1 s",
        "          known",
        "failed    m / c · chrome 0.1 s (attempt 2)",
        "          new",
    ]


def test_resumed_run_prints_only_new_results() -> None:
    """A run that is taken up again tells only what happens from now on."""
    assert printed([row(make_attempt())], [row(make_attempt())]) == ""


def test_long_ids_are_not_cut() -> None:
    """Logs are searched for ids."""
    assert "x" * 300 in printed([row(case="x" * 300)], [row(make_attempt(), case="x" * 300)])


def test_terminal_shows_progress_in_one_line() -> None:
    """One line that changes, gone at the end."""
    text = printed([row()], [row(make_attempt())], terminal=True)
    assert "1/1" in text
    assert text.count("passed") >= 1


def test_counts_are_formatted_as_text() -> None:
    """Counts are formatted as readable text."""
    assert counts_text({"passed": 2, "not_started": 1}).plain == "2 passed, 1 not started"
    assert counts_text({}).plain == "no jobs"


def listed(
    jobs: Sequence[tuple[JobRow, Outcome]], comparison: Comparison, quarantined: Mapping[str, Quarantined] | None = None
) -> list[str]:
    """What is printed of the jobs at the end of a run."""
    out = io.StringIO()
    show_jobs(Console(file=out, width=100, emoji=False), sections(jobs, comparison, quarantined or {}))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_end_of_a_run_without_a_base_lists_what_is_not_green() -> None:
    """Up to a limit, with the error."""
    failed = row(make_attempt(1, verdict=Verdict.FAILED, error="expected [3]"))
    jobs = [(row(make_attempt(), case="ok"), Outcome.PASSED), *[(failed, Outcome.FAILED)] * (SHOWN + 2)]
    lines = listed(jobs, Comparison())
    assert lines == ["failed      m / c · chrome  expected [3]"] * SHOWN + ["… and 2 more"]


def test_end_of_a_run_with_a_base_lists_groups() -> None:
    """In their order, with what the base says; new cases that passed are counted only, other red jobs come last."""
    rows = {
        Outcome.FAILED: row(make_attempt(1, verdict=Verdict.FAILED, error="no"), case="broken"),
        Outcome.FLAKY: row(make_attempt(), case="flaky"),
        Outcome.CANCELLED: row(case="cancelled"),
    }
    fixed, new = row(make_attempt(), case="fixed"), row(make_attempt(), case="new")
    compared = {
        rows[Outcome.FLAKY].job.key: Compared(Group.FLAKY, "never flaky there", "pp"),
        rows[Outcome.FAILED].job.key: Compared(Group.BROKEN, "", "p"),
        fixed.job.key: Compared(Group.FIXED, "red in the base's run", "f"),
        new.job.key: Compared(Group.NEVER_RAN, "", ""),
    }
    pairs = [(job, outcome) for outcome, job in rows.items()]
    lines = listed([*pairs, (fixed, Outcome.PASSED), (new, Outcome.PASSED)], Comparison(Base("main"), compared))
    assert lines == [
        "Broken by this change: 1",
        "failed      m / broken · chrome  no",
        "Fixed: 1",
        "passed      m / fixed · chrome  (red in the base's run)",
        "Never ran before: 1",
        "Flaky: 1",
        "flaky       m / flaky · chrome  (never flaky there)",
        "cancelled   m / cancelled · chrome",
    ]


def test_end_of_a_run_lists_the_quarantine() -> None:
    """What is excused, with the terms, and what can be released; a red job is listed once, with what was its excuse."""
    rule = Quarantine("2026-12-31", case="*")
    excused, due = row(make_attempt(1, verdict=Verdict.FAILED, error="no"), case="excused"), row(make_attempt())
    red = row(make_attempt(1, verdict=Verdict.FAILED, error="no"), case="red")
    quarantined = [
        Quarantined(excused, Outcome.QUARANTINED, rule, "until 2026-12-31, [me]"),
        Quarantined(due, Outcome.PASSED, rule, "passed 12 in a row, release it"),
        Quarantined(red, Outcome.FAILED, rule, "its quarantine is over"),
    ]
    pairs = [(excused, Outcome.QUARANTINED), (due, Outcome.PASSED), (red, Outcome.FAILED)]
    assert listed(pairs, Comparison(), {entry.row.job.key: entry for entry in quarantined}) == [
        "failed      m / red · chrome  no  (its quarantine is over)",
        "Quarantine: 2",
        "quarantined m / excused · chrome  no  (until 2026-12-31, [me])",
        "passed      m / c · chrome  (passed 12 in a row, release it)",
    ]
