"""Errors of several runs."""

from tests.support.samples import NOW, attempt, header, row
from uitest.model import Verdict
from uitest.reporting.known_errors import known_errors

BUTTON = {"verdict": Verdict.FAILED, "detail": "", "locator": "#buy"}


def test_same_cause_in_several_cases_browsers_and_runs_is_one_error() -> None:
    """The newest text is shown, runs are newest first, and every failed attempt counts."""
    new = (
        header([], id="new"),
        [
            row("a", attempt(error="NoSuchElementException: no such element: new", **BUTTON), attempt(2)),
            row("b", attempt(error="NoSuchElementException: Unable to locate", **BUTTON), browser="firefox"),
            row("c", attempt()),
        ],
    )
    old = (
        header([], id="old", started_at=NOW - 9000),
        [row("a", attempt(error="NoSuchElementException: no such element: old", **BUTTON))],
    )
    (error,) = known_errors([new, old])
    assert error.text == "NoSuchElementException: no such element: new"
    assert (error.cases, error.browsers, error.branches, error.attempts) == (
        ["a", "b"],
        ["chrome", "firefox"],
        ["main"],
        3,
    )
    assert error.runs == [new[0], old[0]]


def test_errors_that_most_jobs_met_come_first() -> None:
    """Other causes are other errors; a skipped job has none, and one without a message says so."""
    rows = [
        row("a", attempt(verdict=Verdict.FAILED, error="ValueError: one", detail="")),
        row("b", attempt(verdict=Verdict.FAILED, error="KeyError: two", detail="")),
        row("c", attempt(verdict=Verdict.FAILED, error="KeyError: two", detail="")),
        row("d", attempt(verdict=Verdict.SKIPPED, error="not today")),
        row("e", attempt(verdict=Verdict.ERROR, error=None, detail=None)),
        row("f"),
    ]
    errors = known_errors([(header(rows), rows)])
    assert [(error.text, len(error.jobs)) for error in errors] == [
        ("KeyError: two", 2),
        ("failed without a message", 1),
        ("ValueError: one", 1),
    ]
