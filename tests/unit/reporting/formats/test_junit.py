"""The JUnit file, read back as its readers would."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from tests.support.samples import NOW, all_green, attempt, every_outcome, header, hostile, row
from uitest.model import RunState, Verdict
from uitest.quarantine import Quarantine
from uitest.reporting.formats.junit import junit_xml, legal

ANYTHING = st.text(alphabet=st.characters(exclude_categories=[]), max_size=60)


def read(*sample) -> ET.Element:  # type: ignore[no-untyped-def]
    """The parsed report of a sample run."""
    return ET.fromstring(junit_xml(*sample, NOW))  # noqa: S314


def cases(root: ET.Element) -> dict[str, ET.Element]:
    """Chrome's test cases by name."""
    return {
        case.get("name", ""): case for case in root.iter("testcase") if case.get("classname", "").endswith("chrome")
    }


def results(case: ET.Element) -> list[str]:
    """The elements that readers judge a case by."""
    return [child.tag for child in case if child.tag in ("failure", "error", "skipped")]


def test_suites_are_modules_in_browsers() -> None:
    """Suites and classes are named after module and browser, and the counts add up."""
    root = read(*every_outcome())
    assert [suite.get("name") for suite in root] == ["login / chrome", "checkout / chrome", "login / firefox"]
    assert {k: root.get(k) for k in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "20251009-084500-a1b2", "tests": "11", "failures": "1", "errors": "5", "skipped": "1",
    }  # fmt: skip
    for suite in root:
        members = list(suite)
        assert suite.get("tests") == str(len(members))
        assert suite.get("errors") == str(sum("error" in results(case) for case in members))
        assert suite.get("timestamp") == "2025-10-09T08:48:40"
    assert cases(root)["passes"].get("classname") == "login.chrome"


def test_every_outcome_has_its_result() -> None:
    """Passed and flaky pass, skipped skips, failed fails, and all else is an error."""
    result = {name: results(case) for name, case in cases(read(*every_outcome())).items()}
    assert result == {
        "passes": [],
        "is_flaky": [],
        "is_skipped": ["skipped"],
        "fails": ["failure"],
        "errors": ["error"],
        "is_lost": ["error"],
        "is_cancelled": ["error"],
        "is_running": ["error"],
        "waits": ["error"],
    }


def test_failure_has_message_type_and_traceback() -> None:
    """The first line is the message, the exception the type, the rest the text; earlier tries are output."""
    failed = cases(read(*every_outcome()))["fails"]
    failure = failed.find("failure")
    assert failure is not None
    assert failure.get("type") == "AssertionError"
    assert failure.get("message") == "AssertionError: assert '41.99 EUR' == '42.00 EUR'"
    assert "test_cart.py:17" in (failure.text or "")
    assert failed.get("time") == "75.000"
    assert "attempt 1: failed after" in (failed.findtext("system-out") or "")


def test_flaky_passes_and_tells() -> None:
    """The earlier failure is a flakyFailure, a property and output, and no failure."""
    flaky = cases(read(*every_outcome()))["is_flaky"]
    assert "test_cart.py:17" in (flaky.findtext("flakyFailure/stackTrace") or "")
    assert {p.get("name"): p.get("value") for p in flaky.iter("property")} == {
        "attempts": "2",
        "flaky": "true",
    }
    assert "attempt 1: failed" in (flaky.findtext("system-out") or "")


def test_errors_name_their_outcome() -> None:
    """The type tells lost, cancelled, not started and running apart; an error keeps its message."""
    result = cases(read(*every_outcome()))
    reported = {name: case.find("error") for name, case in result.items()}
    assert {name: e.get("type") for name, e in reported.items() if e is not None} == {
        "errors": "error", "is_lost": "lost", "is_cancelled": "cancelled", "is_running": "running",
        "waits": "not_started",
    }  # fmt: skip
    assert reported["errors"] is not None
    assert reported["errors"].get("message") == "SessionNotCreatedException: Chrome failed to start: crashed"


def test_missing_jobs_are_an_error() -> None:
    """A planned job without a row must not turn the file green."""
    run, rows = all_green()
    root = read(replace(run, planned=14), rows)
    assert root.get("errors") == "1"
    assert "2 of 14 planned jobs are missing" in ET.tostring(root, encoding="unicode")


def test_only_the_newest_layer_counts() -> None:
    """A rerun that passes is a pass, not flaky: the older layer is another story."""
    rows = [row("x", attempt(1, Verdict.FAILED), attempt(2, layer=1))]
    [case] = read(header(rows), rows).iter("testcase")
    assert results(case) == []
    assert case.find("flakyFailure") is None


def test_times_are_sums_of_cases_and_duration_of_the_run() -> None:
    """Suites have the sum of their cases, the file the time from start to end."""
    root = read(*all_green())
    assert root.get("time") == "480.000"
    assert root[0].get("time") == "9.380"


def test_cancelled_runs_have_no_good_news() -> None:
    """Jobs a cancelled run never began are errors of type cancelled."""
    rows = [row("x")]
    [case] = read(header(rows, RunState.CANCELLED), rows).iter("testcase")
    assert [child.get("type") for child in case] == ["cancelled"]


def test_hostile_texts_are_read_back() -> None:
    """Markup in names comes back as text; what XML forbids becomes a mark."""
    run, rows = hostile()
    root = read(run, rows)
    assert [case.get("name") for case in root.iter("testcase")] == [r.job.case for r in rows]
    assert not list(root.iter("script"))
    detail = root.findtext("testsuite/testcase/failure") or ""
    assert detail.startswith("\ufffd\ufffd <script>")


@quick
@given(ANYTHING, ANYTHING, ANYTHING)
def test_any_text_is_well_formed(name: str, error: str, detail: str) -> None:
    """Whatever pages and tests say, the file can be parsed and says the same."""
    tries = (
        attempt(1, Verdict.FAILED, error=error, detail=detail, owner=name),
        attempt(2, Verdict.FAILED, error=error, detail=detail),
    )
    rows = [row(name, *tries, module=name)]
    root = read(header(rows, id=name), rows)
    [case] = root.iter("testcase")
    assert case.get("name") == legal(name)
    failure = case.find("failure")
    assert failure is not None
    expected = legal(detail or error).replace("\r\n", "\n").replace("\r", "\n")
    assert (failure.text or "") == expected


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), -1e18, 1e18])
def test_broken_clock_does_not_cost_the_report(moment: float) -> None:
    """A worker whose clock is mad cannot take the report away."""
    rows = [row("x", attempt(started_at=moment))]
    assert read(header(rows), rows)[0].get("timestamp")


def test_failure_says_that_its_quarantine_is_over() -> None:
    """In its message; while the row holds the case is skipped."""
    failed = row("a", attempt(verdict=Verdict.FAILED, error="expected 3"))
    over = Quarantine("2020-01-01", case="a", owner="@me")
    (case,) = read(replace(header([failed]), quarantine=(over,)), [failed]).iter("testcase")
    assert results(case) == ["failure"]
    assert case[0].get("message") == "expected 3 (its quarantine is over: until 2020-01-01, @me)"
    (case,) = read(replace(header([failed]), quarantine=(replace(over, until="9999-12-31"),)), [failed]).iter(
        "testcase"
    )
    assert results(case) == ["skipped"]
