"""A run as a comment: what a change did beside its base, or what is new beside earlier runs."""

import re
from dataclasses import replace

import pytest

from tests.support.samples import NOW, attempt, big, every_outcome, header, hostile, row
from uitest.model import JobRow, Run, RunState, Verdict, digest
from uitest.reporting.site.comment import LIMIT, ROW_LIMITS, Known, comment, plain
from uitest.reporting.site.comparison import Base, Comparison, compare
from uitest.reporting.site.history import Past, PastRun

NOTHING = Known(Past())
NO_BASE = Comparison()
FAILED, PASSED = attempt(1, Verdict.FAILED), attempt()


def known(rows: list[JobRow], *runs: tuple[str, float | None]) -> Known:
    """Earlier runs of all these jobs, oldest first, each with a letter and seconds."""
    jobs = [{digest(item.job.key): [letter, duration] for item in rows} for letter, duration in runs]
    return Known(Past(tuple(PastRun(f"r{n}", result) for n, result in enumerate(jobs))))


def rendered(run: Run, rows: list[JobRow], about: Known = NOTHING) -> str:
    """The comment."""
    return comment(run, rows, NO_BASE, about, NOW).decode()


def sections(text: str) -> dict[str, list[str]]:
    """Rows of each table by its title."""
    result: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("### "):
            result[line.removeprefix("### ")] = []
        elif line.startswith("| ") and not line.startswith("| module |"):
            result[list(result)[-1]].append(line)
    return result


def test_comment_shows_every_outcome_in_its_place() -> None:
    """Verdict, numbers, and each job that is not plainly green in its place; a missing one is told."""
    run, rows = every_outcome(RunState.FINISHED)
    text = rendered(replace(run, planned=12), rows)
    assert text.startswith("## ! UI tests: Failed and incomplete\n")
    assert "12 jobs planned, 1 failed, 1 error, 1 lost, 1 flaky" in text
    assert "1 missing" in text
    result = sections(text)
    assert set(result) == {"New failures: 3", "Flaky: 1", "Without a verdict: 3", "Slowest"}
    assert result["New failures: 3"][0].startswith("| login | fails | chrome | failed | 2 | AssertionError")
    assert result["Flaky: 1"] == [
        "| login | is\\_flaky | chrome | flaky | 2 | AssertionError: assert '41.99 EUR' == '42.00 EUR' |"
    ]


@pytest.mark.parametrize(
    ("tried", "before", "title"),
    [
        (FAILED, "p", "New failures: 1"),
        (FAILED, "fp", "New failures: 1"),
        (FAILED, "pf", "Known failures: 1"),
        (FAILED, "pfc", "Known failures: 1"),
        (FAILED, "", "New failures: 1"),
        (PASSED, "pf", "Fixed: 1"),
        (PASSED, "fp", None),
        (PASSED, "", None),
    ],
)
def test_failures_are_new_known_or_fixed(tried: object, before: str, title: str | None) -> None:
    """A failure after none is new, one after a failure is known, and a pass after a failure is fixed."""
    rows = [row("a", tried)]  # type: ignore[arg-type]
    result = sections(rendered(header(rows), rows, known(rows, *((letter, None) for letter in before))))
    assert set(result) - {"Slowest"} == ({title} if title else set())


def test_comment_names_what_it_is_compared_with() -> None:
    """Is told, and when there is nothing."""
    rows = [row("a", PASSED)]
    assert "Compared with 2 earlier runs." in rendered(header(rows), rows, known(rows, ("p", 1.0), ("p", 1.0)))
    nothing = comment(header(rows), rows, Comparison(Base("a|b")), NOTHING, NOW).decode()
    assert "compared with a base: there is no earlier finished run of a\\|b. There is no earlier run to com" in nothing
    unread = rendered(header(rows), rows, Known(Past(unread=2)))
    assert "2 earlier runs cannot be read, so every failure counts as new." in unread
    some = replace(known(rows, ("p", 1.0)).past, unread=3)
    assert "Compared with 1 earlier run; 3 more cannot be read." in rendered(header(rows), rows, Known(some))
    denied = rendered(header(rows), rows, Known(Past(), "access denied"))
    assert "Earlier runs cannot be read, so every failure counts as new: access denied." in denied


def test_groups_of_the_comparison_are_its_tables() -> None:
    """Each job in its group with what the base says, failures first; the sentence is that of the page."""
    rows = [row("b", FAILED), row("r", FAILED), row("f", PASSED), row("n", PASSED), row("n2", FAILED), row("p", PASSED)]
    letters = {"b": "p", "r": "f", "f": "f", "p": "p"}
    there = {digest(item.job.key): [letters[item.job.case], 1.0] for item in rows if item.job.case in letters}
    run = header(rows, settings={"branch": "feature", "against": "main"})
    base = Base("main", Past((PastRun("m|1", there),)), header(rows, id="m|1"))
    comparison = compare(rows, run, base, NOW)
    text = comment(run, rows, comparison, NOTHING, NOW).decode()
    assert list(sections(text)) == [
        "Broken by this change: 1", "Red on the base too: 1", "Fixed: 1", "Never ran before: 2", "Slowest",
    ]  # fmt: skip
    assert sections(text)["Red on the base too: 1"][0].endswith("| red in the base's run |")
    assert [line.split(" | ")[1] for line in sections(text)["Never ran before: 2"]] == ["n2", "n"]
    assert plain(comparison.sentence()) in text
    assert "run m\\|1" in text


def test_slowest_cases_show_usual_durations() -> None:
    """The slowest passed cases are listed with their usual durations."""
    rows = [row(f"c{n}", attempt(duration_s=float(n))) for n in range(1, 8)] + [row("bad", FAILED)]
    lines = sections(rendered(header(rows), rows, known(rows, ("p", 2.0), ("p", 4.0))))["Slowest"]
    assert [line.split(" | ")[1] for line in lines] == ["c7", "c6", "c5", "c4", "c3"]
    assert lines[0] == "| login | c7 | chrome | 7.00 s | 3.00 s | \\+133% |"
    assert lines[-1].endswith("| 3.00 s | \\+0% |")
    assert sections(rendered(header(rows), rows))["Slowest"][0].endswith("| 7.00 s | – |  |")


def test_link_cannot_be_ended_by_its_text() -> None:
    """The link leads to the page, and characters in it cannot end it early."""
    rows = [row("a", PASSED)]
    text = comment(header(rows), rows, NO_BASE, NOTHING, NOW, "https://x.example/a>b").decode()
    assert "[All about it](<https://x.example/a%3Eb>)" in text
    assert "All about it" not in rendered(header(rows), rows)


def test_comment_is_limited_in_size() -> None:
    """The size is limited for any run, and omitted jobs are counted."""
    run, rows = big(2_000)
    text = rendered(run, rows)
    assert len(text) <= LIMIT
    failed = sum(item.attempts[-1].verdict is Verdict.FAILED for item in rows)
    assert f"### New failures: {failed}\n" in text
    assert f"and {failed - len(sections(text)[f'New failures: {failed}'])} more" in text
    few = [row("a", FAILED)] * (ROW_LIMITS[0] + 3)
    assert "and 3 more" in rendered(header(few), few)
    nasty = [row("<" * 300, attempt(1, Verdict.FAILED, error="|" * 300), module="*" * 300) for _ in range(500)]
    text = rendered(header(nasty), nasty)
    assert len(text) <= LIMIT
    assert "and 490 more" in text


def test_texts_are_escaped_and_masked() -> None:
    """No text is interpreted as formatting, breaks the table or shows a password."""
    assert plain("a|b <script>\n`x` **y**") == "a\\|b \\<script\\> \\`x\\` \\*\\*y\\*\\*"
    run, nasty = hostile()
    table = [line for line in rendered(run, nasty).splitlines() if line.startswith("| ")]
    assert len(table) == len(nasty) + 2  # the headings of failures and quarantine
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {7, 8}
    rows = [row("a", attempt(1, Verdict.FAILED, error="no http://me:secret@shop.example"))]
    assert "secret" not in rendered(replace(header(rows), url="http://me:secret@shop.example"), rows)
