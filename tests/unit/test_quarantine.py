"""A row excuses what it is about, until its last day."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uitest.quarantine import Quarantine, concerning, covering, day_of

UNTIL = "2026-12-31"
PAY = Quarantine(UNTIL, case="test_shop::test_pay[*]", error="no such element*#pay", browsers=("webkit", "firefox"))


@pytest.mark.parametrize(
    ("case", "browser", "errors", "is_covered"),
    [
        ("test_shop::test_pay[card]", "webkit", ["NoSuchElement: no such element: #pay"], True),
        ("test_shop::test_pay[card]", "chrome", ["no such element: #pay"], False),
        ("test_shop::test_pay", "webkit", ["no such element: #pay"], False),
        ("a test_shop::test_pay[card]", "webkit", ["no such element: #pay"], False),
        ("test_shop::test_pay[card]", "webkit", ["no such element: #buy"], False),
        ("test_shop::test_pay[card]", "webkit", ["no such element: #pay", "something new"], False),
        ("test_shop::test_pay[card]", "webkit", ["no such element\n#pay"], True),
    ],
)
def test_row_covers_case_browser_and_every_error(case: str, browser: str, errors: list[str], is_covered: bool) -> None:
    """Ids are compared as a whole, errors in part; brackets mean themselves, and a star any text."""
    assert PAY.covers(case, browser, errors) is is_covered
    assert covering([PAY], case, browser, errors) == [PAY] * is_covered


WORDS = st.text("ab*", max_size=8)


@given(WORDS, WORDS)
def test_star_stands_for_any_text(pattern: str, text: str) -> None:
    """As in a regular expression, for the whole of an id and for a part of an error."""
    meant = re.compile(".*".join(map(re.escape, pattern.split("*"))))
    assert Quarantine(UNTIL, case=pattern).names(text) == (not pattern or meant.fullmatch(text) is not None)
    assert Quarantine(UNTIL, error=pattern).covers("c", "chrome", [text]) == (meant.search(text) is not None)


def test_pattern_of_many_stars_takes_no_time() -> None:
    """A regular expression would try for years."""
    many = "a*" * 140
    assert not Quarantine(UNTIL, error=f"{many}b").covers("c", "chrome", ["a" * 20_000])
    assert not Quarantine(UNTIL, case=f"{many}b").names("a" * 20_000)


def test_row_of_an_error_is_about_every_case() -> None:
    """Without a case and a browser the error alone decides."""
    row = Quarantine(UNTIL, error="502 (bad.gateway)")
    assert row.covers("any", "chrome", ["AssertionError: 502 (bad.gateway) from /pay"])
    assert not row.covers("any", "chrome", ["AssertionError: 502 (bad gateway)"])


def test_only_a_row_with_an_error_covers_what_broke() -> None:
    """A row about a case is about its test: a browser that never starts is another matter."""
    case, both = Quarantine(UNTIL, case="c"), Quarantine(UNTIL, case="c", error="no browser")
    assert covering([case, both], "c", "chrome", ["no browser"], is_broken=True) == [both]
    assert covering([case, both], "c", "chrome", ["no browser"]) == [case, both]


def test_row_holds_on_its_last_day_and_not_on_the_day_after() -> None:
    """The day is that of the run's start in UTC; a moment that no calendar has is after every row."""
    row = Quarantine(UNTIL, case="c")
    midnight = 1_798_761_600.0  # 2027-01-01T00:00:00Z
    assert not row.is_over(day_of(midnight - 1))
    assert row.is_over(day_of(midnight))
    assert row.is_over(day_of(float("inf")))
    assert row.is_over(day_of(1e300))


def test_run_keeps_the_rows_that_may_concern_it() -> None:
    """Those about another case or browser are left out, rows about an error stay."""
    rows = [
        Quarantine(UNTIL, case="a*"),
        Quarantine(UNTIL, error="e"),
        Quarantine(UNTIL, case="b", browsers=("webkit",)),
    ]
    assert concerning(rows, [("ab", "chrome"), ("b", "chrome")]) == tuple(rows[:2])


def test_row_survives_json_and_newer_versions() -> None:
    """Fields that are not known yet are ignored."""
    row = Quarantine(UNTIL, "c", "e", ("chrome",), "me", "because", "https://x.example/")
    assert Quarantine.from_json({**row.to_json(), "colour": "red"}) == row
    assert Quarantine.from_json(PAY.to_json()) == PAY


def test_terms_are_told_in_words() -> None:
    """Until when, whose and why, and what is quarantined; a row without an owner says so."""
    row = Quarantine(
        UNTIL, case="c", error="e", browsers=("chrome",), owner="@me", reason="slow", link="https://x.example/1"
    )
    assert row.terms == "until 2026-12-31, @me: slow, https://x.example/1"
    assert row.subject == "c with error 'e' in chrome"
    assert Quarantine(UNTIL, error="e").terms == "until 2026-12-31, no owner"
