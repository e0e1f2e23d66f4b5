"""From pytest's reports to the verdict of an attempt."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.model import Verdict
from uitest.plugin.failure_point import FailurePoint
from uitest.plugin.worker.verdict import BROKEN, CONNECTION, Phase, judge

SETUP, CALL, TEARDOWN = (Phase(when, "passed") for when in ("setup", "call", "teardown"))


def failed(when: str, exception: str, message: str = "") -> Phase:
    return Phase(when, "failed", exception, message, "the traceback")


@pytest.mark.parametrize(
    ("phases", "verdict", "error"),
    [
        ([SETUP, CALL, TEARDOWN], Verdict.PASSED, None),
        ([], Verdict.ERROR, "the test did not run: pytest reported no call"),
        ([SETUP], Verdict.ERROR, "the test did not run: pytest reported no call"),
        ([Phase("setup", "skipped", message="later"), TEARDOWN], Verdict.SKIPPED, "later"),
        ([SETUP, Phase("call", "skipped"), TEARDOWN], Verdict.SKIPPED, None),
        ([SETUP, failed("call", "AssertionError", "no"), TEARDOWN], Verdict.FAILED, "no"),
        ([SETUP, failed("call", "AssertionError"), TEARDOWN], Verdict.FAILED, "AssertionError"),
        ([SETUP, failed("call", ""), TEARDOWN], Verdict.FAILED, "failed without a message"),
        ([failed("setup", "KeyError", "'user'"), TEARDOWN], Verdict.FAILED, "'user' (in setup)"),
        ([SETUP, CALL, failed("teardown", "OSError", "full")], Verdict.FAILED, "full (in teardown)"),
        ([failed("setup", "BrowserError", "no chrome"), TEARDOWN], Verdict.ERROR, "no chrome"),
        ([SETUP, Phase("call", "rerun", message="no"), TEARDOWN, SETUP, CALL, TEARDOWN], Verdict.PASSED, None),
        ([SETUP, Phase("call", "rerun", message="no"), TEARDOWN], Verdict.FAILED, "no"),
        ([SETUP, Phase("call", "odd"), TEARDOWN], Verdict.FAILED, "odd without a message"),
        ([SETUP, failed("call", "CaseTimeout", "over"), failed("teardown", "BrowserError")], Verdict.FAILED, "over"),
    ],
)
def test_first_failed_phase_decides_the_verdict(phases: list[Phase], verdict: Verdict, error: str | None) -> None:
    """The first phase that failed decides, then a skip; what never ran is an error."""
    judgement = judge(phases)
    assert (judgement.verdict, judgement.error) == (verdict, error)


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("InvalidSessionIdException", "invalid session id: session deleted as the browser has closed the connection"),
        ("WebDriverException", "disconnected: not connected to DevTools"),
        ("WebDriverException", "WebDriverException: tab crashed"),
        ("WebDriverException", "chrome not reachable"),
        ("WebDriverException", "WebDriverException: Failed to decode response from marionette"),
        ("WebDriverException", "Tried to run command without establishing a connection"),
        ("WebDriverException", "WebDriverException: Message:"),
        ("WebDriverException", "WebDriverException"),
        ("WebDriverException", "WebDriverException: Message: Could not parse title from browsing context"),
        ("WebDriverException", "Could not parse script result"),
        ("MaxRetryError", "HTTPConnectionPool(host='127.0.0.1', port=4444): Max retries exceeded"),
        ("ProtocolError", "('Connection aborted.', RemoteDisconnected('Remote end closed connection'))"),
    ],
)
def test_error_of_a_lost_browser_is_an_error(exception: str, message: str) -> None:
    """What drivers say when their browser is gone is an error, not a failure."""
    assert judge([SETUP, failed("call", exception, message)]).verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("NoSuchElementException", 'no such element: {"method":"css selector","selector":".disconnected: "}'),
        ("TimeoutException", "the light said chrome not reachable"),
        (
            "NoSuchWindowException",
            "no such window: target window already closed from unknown error: web view not found",
        ),
        ("InvalidSessionIdException", "this case's browser is closed: the case called quit()"),
        ("AssertionError", "assert 'tab crashed' == 'tab open'"),
        ("WebDriverException", "WebDriverException: unknown error: net::ERR_CONNECTION_REFUSED"),
    ],
)
def test_words_about_browsers_in_a_case_make_no_error(exception: str, message: str) -> None:
    """Words about broken browsers in selectors, pages and the case's own doing make no error."""
    assert judge([SETUP, failed("call", exception, message)]).verdict is Verdict.FAILED


@pytest.mark.parametrize("exception", CONNECTION)
def test_lost_connection_is_an_error_only_if_it_was_a_drivers(exception: str) -> None:
    """A suite that calls its own services may find them closed, and that is a failure."""
    own, drivers = (FailurePoint(("test_it.py", 3), "get()", "", is_of_driver=of_driver) for of_driver in (False, True))
    phase = failed("call", exception, "refused")
    assert judge([SETUP, replace(phase, point=own)]).verdict is Verdict.FAILED
    assert judge([SETUP, replace(phase, point=drivers)]).verdict is Verdict.ERROR


phases = st.builds(
    Phase,
    st.sampled_from(["setup", "call", "teardown"]),
    st.sampled_from(["passed", "failed", "skipped"]),
    st.sampled_from(["", "AssertionError", "CaseTimeout", *BROKEN, *CONNECTION]),
    st.text(max_size=20),
)


def test_reason_of_a_repeated_test_is_kept() -> None:
    """Why a plugin repeated a test is kept; what pytest counted as a failure is none the less."""
    phases = [SETUP, Phase("call", "rerun", "AssertionError", "no"), TEARDOWN, SETUP, CALL, TEARDOWN]
    assert judge(phases).reruns == ("no",)
    assert judge(phases, counted_failed=True).verdict is Verdict.FAILED


@quick
@given(st.lists(phases, max_size=5))
def test_passed_needs_a_call_and_only_passed_phases(phases: list[Phase]) -> None:
    """Passed means a call and nothing but passed phases; every failure has a reason."""
    judgement = judge(phases)
    outcomes = {phase.outcome for phase in phases}
    passed = outcomes == {"passed"} and any(phase.when == "call" for phase in phases)
    assert (judgement.verdict is Verdict.PASSED) == passed
    assert ("failed" in outcomes) <= (judgement.verdict in (Verdict.FAILED, Verdict.ERROR))
    if judgement.verdict in (Verdict.FAILED, Verdict.ERROR):
        assert judgement.error
