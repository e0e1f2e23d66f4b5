"""A run in one word, in agreement with the exit code."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from tests.support.samples import NOW, all_green, every_outcome
from uitest.jobs.outcome import exit_code
from uitest.model import Outcome, RunState
from uitest.reporting.site.verdict import headline, is_live, is_stale, missing


@pytest.mark.parametrize(
    ("counts", "planned", "word"),
    [
        ({"passed": 3}, 3, "Passed"),
        ({"passed": 2, "flaky": 1}, 3, "Passed"),
        ({"passed": 2, "failed": 1}, 3, "Failed"),
        ({"passed": 2, "lost": 1}, 3, "Incomplete"),
        ({"passed": 1, "lost": 1, "failed": 1}, 3, "Failed and incomplete"),
        ({"passed": 2}, 3, "Incomplete"),
        ({"passed": 2, "not_started": 1}, 3, "Incomplete"),
        ({}, 0, "Nothing to run"),
    ],
)
def test_missing_jobs_are_never_green(counts: dict[str, int], planned: int, word: str) -> None:
    """A run with missing jobs is never green."""
    run = replace(all_green()[0], planned=planned)
    assert headline(run, counts, NOW).word == word


@quick
@given(
    st.dictionaries(st.sampled_from([o.value for o in Outcome]), st.integers(1, 5)),
    st.integers(1, 20),
    st.booleans(),
)
def test_green_exactly_when_the_exit_code_is_zero(counts: dict[str, int], planned: int, strict: bool) -> None:
    """The page and the command never disagree."""
    run = replace(all_green()[0], planned=planned, settings={"fail_on_flaky": strict})
    green = exit_code(counts, planned, fail_on_flaky=strict) == 0
    assert (headline(run, counts, NOW).tone == "good") is green


def test_missing_jobs_are_told() -> None:
    """Planned jobs without a row are counted in words."""
    run = replace(all_green()[0], planned=5)
    assert missing(run, {"passed": 3}) == 2
    assert headline(run, {"passed": 3}, NOW).detail == "3 passed, 2 missing"


@pytest.mark.parametrize("state", [RunState.PLANNING, RunState.RUNNING])
def test_run_of_a_silent_coordinator_is_stale(state: RunState) -> None:
    """Sixty seconds without a beat make a run stale; a finished one never is."""
    run = replace(every_outcome()[0], state=state, beat_at=NOW - 61)
    assert is_stale(run, NOW)
    assert headline(run, {}, NOW).word == "Coordinator not responding"
    assert is_live(replace(run, beat_at=NOW - 59), NOW)
    assert not is_stale(replace(run, state=RunState.FINISHED), NOW)


def test_no_beat_yet_counts_from_the_start() -> None:
    """A coordinator that never wrote a beat is judged by when the run started."""
    run = replace(every_outcome()[0], beat_at=None)
    assert is_stale(run, run.started_at + 61)
    assert is_live(run, run.started_at + 1)


@pytest.mark.parametrize(
    ("state", "counts", "word", "tone"),
    [
        (RunState.PLANNING, {}, "Planning", "live"),
        (RunState.RUNNING, {"passed": 1}, "Running", "live"),
        (RunState.RUNNING, {"lost": 1}, "Running, with failures", "bad"),
        (RunState.INTERRUPTED, {"passed": 1}, "Interrupted", "warn"),
        (RunState.CANCELLED, {"passed": 1}, "Cancelled", "idle"),
    ],
)
def test_unfinished_run_is_never_green(state: RunState, counts: dict[str, int], word: str, tone: str) -> None:
    """A run that is not finished is never green."""
    result = headline(replace(every_outcome()[0], state=state), counts, NOW)
    assert (result.word, result.tone) == (word, tone)


def test_note_is_shown_under_the_verdict() -> None:
    """Why a run stopped early stands under its verdict."""
    run = replace(every_outcome()[0], state=RunState.INTERRUPTED, note="Ctrl-C")
    assert headline(run, {"passed": 1}, NOW).detail == "Ctrl-C. 1 passed"
