"""The log of plain pytest: UITEST_LOG in the environment."""

import pytest

from tests.plugin.conftest import Run

CASES = """
def test_driver(driver): pass
"""


def test_workers_log_to_standard_error(pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though pytest captures it; what pytest itself prints is the same."""
    pytester.makepyfile(CASES)
    monkeypatch.setenv("UITEST_LOG", "info")
    result = run("-n", "1")
    result.assert_outcomes(passed=1)
    assert "uitest.browsers.sessions.pool: starting chrome" in result.stderr.str()
    assert "starting chrome" not in result.stdout.str()


def test_captured_output_holds_nothing_of_our_log(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without workers: the tests' own capture of logs and output holds nothing of ours."""
    pytester.makepyfile(
        """
        def test_capture(driver, caplog, capfd):
            driver.get("data:text/html,x")
            assert caplog.records == []
            assert capfd.readouterr() == ("", "")
            assert False
        """
    )
    monkeypatch.setenv("UITEST_LOG", "debug:it.log")
    result = run("-p", "no:xdist")
    result.assert_outcomes(failed=1)
    assert "Captured log" not in result.stdout.str()
    assert "starting chrome" in (pytester.path / "it.log").read_text()


def test_wrong_variable_is_a_usage_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that names it."""
    monkeypatch.setenv("UITEST_LOG", "loud")
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: UITEST_LOG='loud' does not begin with a level*"])
