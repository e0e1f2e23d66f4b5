"""The fixture ``browser_console``, in all engines."""

import pytest

from tests.plugin.conftest import Run

CASES = """
import pytest

PAGE = "data:text/html,<script>console.log('hello'); console.warn('careful'); console.error('%s')</script>"

def told(lines):
    return [(level, word) for level, text in lines for word in text.replace('"', " ").split() if word in KNOWN]

KNOWN = ("hello", "careful", "boom", "again", "later")
FIRST = [("info", "hello"), ("warning", "careful"), ("error", "boom")]

def test_console(driver, browser_console):
    assert browser_console() == []
    driver.get(PAGE % "boom")
    assert told(browser_console()) == FIRST
    driver.execute_script("console.debug('later')")
    assert told(browser_console()) == [*FIRST, ("debug", "later")]
    driver.get(PAGE % "again")
    assert told(browser_console()) == [*FIRST, ("debug", "later"), *FIRST[:2], ("error", "again")]
    assert False, "so that what is kept of a failure is seen"

def test_each_case_has_its_own(driver, browser_console):
    driver.get("data:text/html,x")
    assert told(browser_console()) == []

def test_without_a_browser(browser_console):
    assert browser_console() == []
"""


def test_console_fixture_repeats_lines_and_failure_keeps_them(pytester: pytest.Pytester, run: Run) -> None:
    """Lines are told again when asked again, pages before included; a failure keeps them all."""
    pytester.makepyfile(test_console=CASES)
    result = run("--browser", "chrome,firefox,webkit")
    result.assert_outcomes(failed=3, passed=4)
    assert result.stdout.str().count("E       AssertionError: so that what is kept of a failure is seen") == 3
    logs = [path.read_text() for path in pytester.path.rglob("console.log")]
    assert len(logs) == 3
    for log in logs:
        assert [word in log for word in ("hello", "careful", "boom", "later", "again")] == [True] * 5
        assert log.count("hello") == 2
