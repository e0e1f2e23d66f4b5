"""What every report says of the quarantine: the same, from the run's header and earlier runs."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.support.samples import NOW, attempt, header, row
from uitest.model import JobRow, Outcome, Run, RunState, Verdict, digest
from uitest.quarantine import Quarantine, day_of
from uitest.reporting.formats.allure import allure_files
from uitest.reporting.formats.junit import junit_xml
from uitest.reporting.metrics import metric_lines
from uitest.reporting.site.comment import Known, comment
from uitest.reporting.site.comparison import Comparison
from uitest.reporting.site.history import Past, PastRun
from uitest.reporting.site.quarantined import RELEASE_AFTER, passes_in_a_row, quarantined
from uitest.reporting.site.run import run_view

FAILED = attempt(1, Verdict.FAILED, error="no basket")
TODAY = day_of(NOW)
RULE = Quarantine(TODAY, case="known", owner="@shop", reason="slow|er", link="https://issues.example/7")
OVER = Quarantine("2025-01-31", case="red", owner="@shop")


def sample(*rules: Quarantine) -> tuple[Run, list[JobRow]]:
    """A finished run with an excused job, a red one whose quarantine is over, and one that passed."""
    rows = [row("known", FAILED), row("red", FAILED), row("passes", attempt())]
    return replace(header(rows), quarantine=rules or (RULE, OVER)), rows


def earlier(strip: str, case: str) -> Past:
    """Earlier runs in which the job had these outcomes, oldest first."""
    return Past(tuple(PastRun(f"r{n}", {digest(row(case).job.key): [letter, 1.0]}) for n, letter in enumerate(strip)))


def test_job_is_told_with_the_terms_of_its_quarantine() -> None:
    """An excused one until when and why, a red one that its quarantine is over, others not at all."""
    run, rows = sample()
    terms = {
        entry.row.job.case: (entry.outcome, entry.note, entry.is_listed)
        for entry in quarantined(rows, run, Past(), NOW).values()
    }
    assert terms == {
        "known": (Outcome.QUARANTINED, f"until {TODAY}, @shop: slow|er, https://issues.example/7", True),
        "red": (Outcome.FAILED, "its quarantine is over: until 2025-01-31, @shop", False),
    }


@pytest.mark.parametrize(
    ("strip", "passes"), [("", 0), ("fppp", 3), ("pppf", 0), ("ppyp", 1), ("pqpp", 2), ("fpscr np", 2), ("ppp", 3)]
)
def test_passes_count_since_the_last_other_verdict(strip: str, passes: int) -> None:
    """Runs without a verdict count for nothing."""
    assert passes_in_a_row(strip) == passes


def test_case_that_passes_long_enough_is_to_be_released() -> None:
    """This run's pass counts. Not if its row names only an error, is over, or is about a job that still fails."""
    run, rows = sample(Quarantine(TODAY, case="pass*"))
    enough = earlier("f" + "p" * (RELEASE_AFTER - 1), "passes")
    (entry,) = quarantined(rows, run, enough, NOW).values()
    assert entry.note == f"passed {RELEASE_AFTER} in a row, release it"
    assert not quarantined(rows, run, earlier("p" * (RELEASE_AFTER - 2), "passes"), NOW)
    for rule in (Quarantine(TODAY, error="another error"), Quarantine("2025-01-31", case="passes"), RULE):
        assert not any(
            "release" in entry.note
            for entry in quarantined(rows, replace(run, quarantine=(rule,)), enough, NOW).values()
        )
    shared = Quarantine(TODAY, case="*s", error="no basket")
    both = [row("passes", attempt()), row("fails", FAILED)]
    (entry,) = quarantined(both, replace(run, quarantine=(shared,)), enough, NOW).values()
    assert entry.outcome is Outcome.QUARANTINED


def test_page_comment_junit_allure_and_metrics_agree() -> None:
    """One failure counts, one does not, and each report says why."""
    run, rows = sample()
    view = run_view(run, rows, Past(), NOW)
    assert (view["counts"], view["headline"]["word"]) == ({"passed": 1, "quarantined": 1, "failed": 1}, "Failed")
    assert view["jobs"][0]["q"] == [f"until {TODAY}, {RULE.owner}: {RULE.reason}, {RULE.link}", RULE.link]
    assert view["jobs"][1]["q"] == ["its quarantine is over: until 2025-01-31, @shop", None]
    assert "q" not in view["jobs"][2]

    text = comment(run, rows, Comparison(), Known(Past()), NOW).decode()
    assert "1 failed, 1 quarantined, 1 passed" in text
    assert "### Quarantine: 1" in text
    assert (
        f"| no basket | until {TODAY}, @shop: slow\\|er, https://issues.example/7 |".replace("-", "\\-").replace(
            "@", "\\@"
        )
        in text
    )
    assert "no basket; its quarantine is over: until 2025\\-01\\-31" in text

    suite = ET.fromstring(junit_xml(run, rows, NOW))[0]  # noqa: S314
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("1", "0", "1")
    (skipped,) = suite.iter("skipped")
    assert skipped.get("message") == f"quarantined {RULE.terms}"
    assert "AssertionError" in (suite[0].findtext("system-out") or "")

    files = b"".join(data for name, data in allure_files(run, rows, NOW, lambda *_: None) if name.endswith(".json"))
    assert files.count(b'"status": "skipped"') == 1
    assert files.count(b'"muted": true') == 1
    assert files.count(b'"status": "failed"') == 1

    line = next(metric_lines("n", run, rows, NOW))
    assert '"Quarantined": 1' in line
    assert '"SuccessPercent": 50.0' in line


def test_live_run_whose_failures_are_excused_has_none() -> None:
    """Its headline says "with failures" only for one that counts."""
    run, rows = sample()
    run = replace(run, state=RunState.RUNNING, finished_at=None, beat_at=NOW)
    assert run_view(run, [rows[0], rows[2]], Past(), NOW)["headline"]["word"] == "Running"
    assert run_view(run, rows, Past(), NOW)["headline"]["word"] == "Running, with failures"


def test_green_run_says_how_many_are_quarantined() -> None:
    """The verdict is green and never silent about it."""
    run, rows = sample()
    run = replace(run, quarantine=(RULE, replace(OVER, until=TODAY)))
    assert run_view(run, rows, Past(), NOW)["headline"]["word"] == "Passed, 2 quarantined"
    assert "## ✓ UI tests: Passed, 2 quarantined" in comment(run, rows, Comparison(), Known(Past()), NOW).decode()
