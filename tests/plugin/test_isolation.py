"""Nothing leaks from one case into the next, in any engine, whether or not cases are recorded."""

from collections.abc import Callable

import pytest

from tests.plugin.conftest import Run
from uitest.model import BROWSERS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("tracing", ["off", "on"])
@pytest.mark.parametrize("browser", BROWSERS)
def test_case_finds_nothing_of_the_case_before_it(
    project: Callable[[str], None], run: Run, pytester: pytest.Pytester, browser: str, tracing: str
) -> None:
    """A case finds nothing of what the case before it left in the browser."""
    project("isolation")
    result = run("--browser", browser, "--case-timeout=20", "--tracing", tracing)
    result.stdout.fnmatch_lines(["FAILED *test_fails?*"])
    skipped = 2 if browser == "webkit" else 0
    result.assert_outcomes(passed=29 - skipped, failed=1, skipped=skipped)
    traces = list(pytester.path.glob(".uitest/pytest/*/trace.html"))
    assert len(traces) == (30 if tracing == "on" else 0)  # also of cases that skip themselves
