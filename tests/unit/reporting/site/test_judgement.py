"""What pages say beyond the rows: what is news, what is one error, how long it will take."""

import pytest

from tests.support.samples import NOW, attempt, header, row
from uitest.model import RunState, digest
from uitest.reporting.site.forecast import time_left_s
from uitest.reporting.site.grouping import LONGEST, attempt_key, error_key
from uitest.reporting.site.history import Past, PastRun, is_new


@pytest.mark.parametrize(
    ("strip", "new"),
    [
        ("", True),
        ("p", True),
        ("fp", True),
        ("pf", False),
        ("pe ", False),
        ("plcn", False),
        ("fy", True),
        ("  cr", True),
    ],
)
def test_failure_is_new_by_the_last_verdict(strip: str, new: bool) -> None:
    """The last verdict of earlier runs decides whether a failure is new."""
    assert is_new(strip) is new


def test_past_of_a_job_is_a_letter_a_run() -> None:
    """A letter for each run, a space where it was not planned, the median of what it took."""
    key = row("x").job.key
    name = digest(key)
    past = Past(
        (
            PastRun("a", {name: ["p", 1.0]}),
            PastRun("b", {}),
            PastRun("c", {name: ["f", None]}),
            PastRun("d", {name: ["p", 3.0]}),
        )
    )
    assert past.strip(key) == "p fp"
    assert past.usual_s(key) == 2.0
    assert past.usual_s("other~0") is None


@pytest.mark.parametrize(
    ("error", "line", "locator", "key"),
    [
        ("AssertionError: assert '1' == 'b'", "same(a, b)", None, "AssertionError | same(a, b) | assert '1' == 'b'"),
        ("AssertionError: 3 items", None, None, "AssertionError | N items"),
        ("assert 404 == 200", None, None, "assert 404 == 200"),
        ("ValueError: 3 of 1,200 items in 2.5 s", None, None, "ValueError | N of N items in N s"),
        ("GET https://shop.example/a?b=1 failed", None, None, "GET <url> failed"),
        ("no file /tmp/run-1/x.txt here", None, None, "no file <path> here"),
        ("AssertionError: id 6f9619ff-8b86-d011-b42d-00cf4fc964ff", None, None, "AssertionError | id <id>"),
        ("AssertionError: object at 0x7f3a2b1c", None, None, "AssertionError | object at <id>"),
        ("NoSuchElementException", "buy().click()", "#buy", "NoSuchElementException | #buy"),
        ("NoSuchElementException: Unable to locate element: [id=\"buy\"]", None, None, "NoSuchElementException | #buy"),
        (
            'NoSuchElementException: no such element: Unable to locate element: {"method":"css selector",'
            '"selector":"[id=\\"buy\\"]"}',
            None, None, "NoSuchElementException | #buy",
        ),
        (
            "JavascriptException: no; For documentation on this error, please visit: https://selenium.dev/x#y",
            None, None, "JavascriptException | no",
        ),
        ("NoSuchWindowException: no window 3", "b.click()", None, "NoSuchWindowException | b.click()"),
        ("ElementClickInterceptedException", "b.click()", None, "ElementClickInterceptedException | b.click()"),
        ("  two   spaces ", None, None, "two spaces"),
        ("x" * 900, None, None, "x" * LONGEST),
    ],
)  # fmt: skip
def test_key_keeps_what_tells_causes_apart(error: str, line: str | None, locator: str | None, key: str) -> None:
    """Values, locators and lines stay; addresses, paths, ids and the numbers of other messages go."""
    assert error_key(error, line, locator) == key


def test_key_of_an_assertion_with_a_message_has_the_values_too() -> None:
    """pytest shows them below the message."""
    first, second = (
        attempt(
            error="AssertionError: wrong total", detail=f"E       AssertionError: wrong total\nE       assert {n} == 5"
        )
        for n in (4, 3)
    )
    assert attempt_key(first) == "AssertionError | wrong total assert 4 == 5"
    assert attempt_key(first) != attempt_key(second)


def test_time_left_is_shared_by_running_cases() -> None:
    """The remaining work is divided by the running cases, but not below the longest case."""
    rows = [row("done", attempt(duration_s=4.0)), row("runs", lease=60), *(row(f"w{n}") for n in range(4))]
    run = header(rows, RunState.RUNNING)
    assert time_left_s(run, rows, {rows[1].job.key: 40.0}.get, NOW) == 10 + 4 * 4
    assert time_left_s(run, rows, {rows[2].job.key: 100.0}.get, NOW) == 100 + 3 * 4
    two = [*rows, row("more", lease=60)]
    assert time_left_s(run, two, {rows[2].job.key: 100.0}.get, NOW) == 100


def test_time_left_is_unknown_at_first() -> None:
    """Nothing is known of the cases, and nothing has ended."""
    rows = [row("runs", lease=60), row("waits")]
    assert time_left_s(header(rows, RunState.RUNNING), rows, {}.get, NOW) is None
