"""What recurs in a suite: errors with what they have in common, modules that get worse or slower."""

from typing import Any

from tests.support.samples import NOW, attempt, header, hostile, row
from uitest.model import JobRow, Verdict
from uitest.reporting.site.findings import MOST_CASES, of_run, over_time
from uitest.reporting.site.flakiness import MOST_SUSPECTS
from uitest.reporting.site.history import Past
from uitest.reporting.site.run import run_view

BROKEN = "NoSuchElementException: Message: Unable to locate element: #buy"
TIMEOUT = "TimeoutException: Message: no basket"


def failed(case: str, error: str = BROKEN, *, owner: str = "a/1/2", browser: str = "chrome") -> JobRow:
    """A job that met this error on a worker."""
    return row(case, attempt(1, Verdict.FAILED, error=error, detail=None, owner=owner), browser=browser)


def passed(case: str = "good", *, owner: str = "b/1/2", browser: str = "firefox", seconds: float = 1.0) -> JobRow:
    """A job that passed."""
    return row(case, attempt(1, owner=owner, duration_s=seconds), browser=browser)


def findings(*rows: JobRow, **settings: Any) -> dict[str, Any]:
    """The findings of a run with these jobs."""
    run = header(list(rows), settings={"branch": "main", **settings})
    return of_run(run_view(run, list(rows), Past(), NOW))


def over(*runs: dict[str, Any], branches: str = "") -> dict[str, Any]:
    """The findings of runs that come newest first; ``branches`` has a letter for each, m for main."""
    names = {"m": "main", "s": "side"}
    shown = [{"suite": 0, "branch": names[letter]} for letter in branches or "m" * len(runs)]
    return over_time(shown, dict(enumerate(runs)), "main", 0)


def test_error_has_its_first_and_last_run_cases_branches_and_hints() -> None:
    """Also from other branches; its strip is of the default branch alone."""
    meets = findings(failed("one"), failed("two"), passed())
    result = over(findings(passed()), meets, meets, findings(passed()), meets, branches="mmsmm")
    [error] = result["errors"]
    assert (error["text"], error["on_branch"], error["jobs"], error["first"], error["last"]) == (BROKEN, 2, 6, 4, 1)
    assert error["strip"] == [2, 0, 2, 0]
    assert error["met"] == [[1, 2], [2, 2], [4, 2]]
    assert error["branches"] == ["main", "side"]
    assert error["cases"] == [["login", "one"], ["login", "two"]]
    assert error["hints"] == ["in chrome only", "on the host a only"]
    assert result["runs"] == 4


def test_hints_need_several_jobs_and_a_choice() -> None:
    """One failure has nothing in common with itself, and where there is one browser only it is not the cause."""
    assert over(findings(failed("one"), passed()))["errors"][0]["hints"] == []
    alone = findings(*(failed(f"case {n}") for n in range(5)))
    assert over(alone)["errors"][0]["hints"] == []
    everywhere = findings(failed("a"), failed("b", browser="firefox"), failed("c", owner="b/1/2"))
    assert over(everywhere)["errors"][0]["hints"] == []


def test_error_of_another_branch_alone_is_not_one_of_the_suite() -> None:
    """What a feature branch has broken is its own concern; it has its page, after those of the suite."""
    errors = over(findings(failed("one", TIMEOUT)), findings(*(failed(f"case {n}") for n in range(9))), branches="ms")[
        "errors"
    ]
    assert [(error["text"], error["on_branch"]) for error in errors] == [(TIMEOUT, 1), (BROKEN, 0)]


def test_skipped_case_has_met_no_error() -> None:
    """Its reason is no error."""
    assert findings(row("skips", attempt(1, Verdict.SKIPPED, error="Skipped: later")))["errors"] == []


def test_errors_met_in_most_runs_come_first() -> None:
    """Not those that one bad run had most of."""
    bad_day = findings(*(failed(f"case {n}", TIMEOUT) for n in range(9)), failed("one"))
    assert [error["text"] for error in over(findings(failed("one")), bad_day)["errors"]] == [BROKEN, TIMEOUT]


def test_modules_and_tags_that_got_worse_or_slower() -> None:
    """The newest five runs against those before; what is as it was is not there."""
    good = findings(passed("a"), passed("b", browser="chrome"), tags={"login": ["slow"]})
    worse = findings(failed("a"), passed("b", seconds=3.5), tags={"login": ["slow"]})
    changed = over(*[worse] * 5, *[good] * 9)["modules"]
    assert changed == [
        {"field": field, "name": name, "worse": [0, 50.0], "slower": [1.0, 3.5]}
        for field, name in (("m", "login"), ("tag", "slow"))
    ]
    assert over(*[good] * 14)["modules"] == []
    assert over(*[worse] * 5)["modules"] == []  # there is nothing before


def test_findings_of_a_big_run_are_small() -> None:
    """Errors, cases and flaky jobs are limited."""
    big = findings(*(failed(f"case {n}", f"ValueError: {'abcdefghij'[n % 10] * (n // 10 + 1)}") for n in range(500)))
    assert len(big["errors"]) == 30
    assert len(big["failed_jobs"]) == MOST_SUSPECTS
    same = findings(*(failed(f"case {n}") for n in range(500)))
    assert (len(same["errors"][0]["cases"]), same["errors"][0]["jobs"]) == (MOST_CASES, 500)


def test_hostile_texts_are_cleaned() -> None:
    """No control character or lone surrogate gets into the file."""
    run, rows = hostile()
    texts = [error["text"] + error["key"] for error in of_run(run_view(run, rows, Past(), NOW))["errors"]]
    assert not any(char in text for text in texts for char in "\x00\x1b\ud800")
