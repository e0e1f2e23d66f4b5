"""Missing is never green, budgets end, and a rerun keeps what passed."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.builders import NOW, make_attempt, make_run
from tests.support.properties import quick
from tests.unit.jobs.attempted_jobs import JOB, RUN, row_after, tried
from uitest.jobs.outcome import (
    ERROR_BUDGET,
    EXIT_BROKEN,
    EXIT_FAILED,
    EXIT_PASSED,
    GREEN,
    count,
    exit_code,
    fold,
    history,
    is_open,
    is_running,
    past,
    wants_attempt,
)
from uitest.model import JobRow, Outcome, Past, RunState, Verdict

REPORTED = (*GREEN, Outcome.FAILED)

verdicts = st.lists(st.sampled_from(Verdict), max_size=8)


@quick
@given(verdicts)
def test_history_has_every_attempt(finished: list[Verdict]) -> None:
    """Every claimed number is there once, in order, lost ones filled in."""
    attempts = history(row_after(finished), NOW)
    assert [attempt.number for attempt in attempts] == list(range(1, len(finished) + 1))
    assert [attempt.verdict for attempt in attempts] == finished


@quick
@given(verdicts)
def test_only_the_last_report_makes_green(finished: list[Verdict]) -> None:
    """A job is green only if its last attempt reported a pass or a skip; flaky only after a failure."""
    outcome = fold(row_after(finished), RUN, NOW)
    last = finished[-1] if finished else None
    assert (outcome in GREEN) == (last in (Verdict.PASSED, Verdict.SKIPPED))
    assert (outcome is Outcome.FLAKY) == (last is Verdict.PASSED and Verdict.FAILED in finished)
    if not finished:
        assert outcome is Outcome.NOT_STARTED
    if last is Verdict.LOST:
        assert outcome is Outcome.LOST


@quick
@given(verdicts)
def test_running_is_neither_green_nor_wanted(finished: list[Verdict]) -> None:
    """While a lease holds, the job is running whatever came before, and nobody should try it."""
    row = replace(row_after(finished), attempt=len(finished) + 1, owner="w", lease_until=NOW + 1)
    assert is_running(row, NOW)
    assert fold(row, RUN, NOW) is Outcome.RUNNING
    assert not wants_attempt(row, RUN, 9, NOW)
    assert fold(row, RUN, NOW + 1) is Outcome.LOST


def test_untried_jobs_of_a_cancelled_run() -> None:
    """Cancelling makes what was never tried cancelled, and nothing else."""
    cancelled = make_run(state=RunState.CANCELLED)
    assert fold(JobRow(JOB), cancelled, NOW) is Outcome.CANCELLED
    assert fold(row_after([Verdict.PASSED]), cancelled, NOW) is Outcome.PASSED


@quick
@given(
    st.lists(st.sampled_from([v for v in Verdict if v is not Verdict.CANCELLED]), min_size=40),
    st.integers(0, 4),
)
def test_attempts_never_exceed_both_budgets(finished: list[Verdict], retries: int) -> None:
    """A job gets at least one attempt and at most as many as both budgets allow."""
    row, used = JobRow(JOB), []
    for verdict in finished:
        if not wants_attempt(row, RUN, retries, NOW):
            break
        row = tried(row, verdict)
        used.append(verdict)
    assert 1 <= len(used) <= 1 + retries + ERROR_BUDGET
    assert used.count(Verdict.FAILED) <= 1 + retries
    assert sum(verdict in (Verdict.ERROR, Verdict.LOST) for verdict in used) <= 1 + ERROR_BUDGET
    assert not any(verdict in (Verdict.PASSED, Verdict.SKIPPED) for verdict in used[:-1])


@quick
@given(verdicts, st.integers(0, 3))
def test_rerun_tries_only_jobs_that_are_not_green(finished: list[Verdict], retries: int) -> None:
    """In a new layer green jobs get no attempt, and all others do."""
    row = row_after(finished)
    rerun = replace(RUN, layer=1)
    assume(finished.count(Verdict.LOST) <= 1 + ERROR_BUDGET)
    assert wants_attempt(row, rerun, retries, NOW) == (fold(row, RUN, NOW) not in GREEN)


@pytest.mark.parametrize(
    ("finished", "retries", "wanted"),
    [
        ([], 0, True),
        ([Verdict.PASSED], 9, False),
        ([Verdict.SKIPPED], 9, False),
        ([Verdict.CANCELLED], 0, True),
        ([Verdict.FAILED], 0, False),
        ([Verdict.FAILED], 1, True),
        ([Verdict.FAILED] * 2, 1, False),
        ([Verdict.ERROR] * ERROR_BUDGET, 0, True),
        ([Verdict.ERROR] * (ERROR_BUDGET + 1), 9, False),
        ([Verdict.LOST] * ERROR_BUDGET, 0, True),
        ([Verdict.LOST] * (ERROR_BUDGET + 1), 9, False),
        ([Verdict.ERROR, Verdict.LOST, Verdict.ERROR][: ERROR_BUDGET + 1], 9, False),
        ([Verdict.ERROR, Verdict.FAILED], 1, True),
        ([Verdict.FAILED, Verdict.ERROR], 0, True),
    ],
)
def test_next_attempt_depends_on_the_budget_of_the_last_verdict(
    finished: list[Verdict], retries: int, wanted: bool
) -> None:
    """``retries`` for failures, ``ERROR_BUDGET`` for errors and lost attempts together."""
    row = row_after(finished)
    assert wants_attempt(row, RUN, retries, NOW) is wanted
    assert is_open(row, RUN, retries, NOW) is wanted


def test_running_job_is_open_though_it_wants_no_attempt() -> None:
    """Until its lease is over."""
    row = JobRow(JOB, attempt=1, owner="w", lease_until=NOW + 1)
    assert (wants_attempt(row, RUN, 0, NOW), is_open(row, RUN, 0, NOW)) == (False, True)
    assert not is_running(replace(row, lease_until=NOW), NOW)


@pytest.mark.parametrize(
    ("outcomes", "fail_on_flaky", "code"),
    [
        ([Outcome.PASSED, Outcome.FLAKY, Outcome.SKIPPED], False, EXIT_PASSED),
        ([Outcome.PASSED, Outcome.FLAKY], True, EXIT_FAILED),
        ([Outcome.PASSED], True, EXIT_PASSED),
        ([Outcome.PASSED, Outcome.FAILED], False, EXIT_FAILED),
        *(([Outcome.FAILED, outcome], False, EXIT_BROKEN) for outcome in Outcome if outcome not in REPORTED),
    ],
)
def test_exit_code_names_the_worst(outcomes: list[Outcome], fail_on_flaky: bool, code: int) -> None:
    """Broken or unfinished before failed before green."""
    assert exit_code(count(outcomes), len(outcomes), fail_on_flaky=fail_on_flaky) == code


def test_rerun_ends_though_every_attempt_is_lost() -> None:
    """A rerun in which every attempt is lost ends, though lost attempts have no layer."""
    rerun = replace(RUN, layer=1)
    for before in ([Verdict.FAILED], [Verdict.LOST] * 3):
        row, tries = row_after(before), 0
        while wants_attempt(row, rerun, 0, NOW) and tries < 50:
            row, tries = tried(row, Verdict.LOST, 1), tries + 1
        assert 1 <= tries <= 2 * (1 + ERROR_BUDGET)


def test_pass_after_error_is_no_flake() -> None:
    """A machine that broke casts no doubt on the test."""
    assert fold(row_after([Verdict.ERROR, Verdict.LOST, Verdict.PASSED]), RUN, NOW) is Outcome.PASSED


def test_pass_in_a_rerun_is_no_flake() -> None:
    """Failures of an older layer do not count: something may have been repaired in between."""
    row = tried(row_after([Verdict.FAILED]), Verdict.PASSED, layer=1)
    assert fold(row, replace(RUN, layer=1), NOW) is Outcome.PASSED


@quick
@given(st.dictionaries(st.sampled_from(Outcome), st.integers(0, 5)), st.integers(0, 30), st.booleans())
def test_green_needs_every_job(counts: dict[Outcome, int], planned: int, strict: bool) -> None:
    """Exit code 0 only if as many jobs as planned ended green, 3 whenever one broke or is missing."""
    code = exit_code({o.value: n for o, n in counts.items()}, planned, fail_on_flaky=strict)
    green = sum(counts.get(o, 0) for o in GREEN)
    bad = {o for o, n in counts.items() if n and o not in GREEN}
    complete = green == planned and not bad
    assert (code == 0) == (complete and not (strict and counts.get(Outcome.FLAKY)))
    assert (code == 3) == bool(bad - {Outcome.FAILED} or (not bad and green != planned))
    assert code in (0, 1, 3)


@pytest.mark.parametrize("planned", [0, 2, 4])
def test_wrong_number_of_jobs_is_not_green(planned: int) -> None:
    """Three passes of two or four planned jobs are a broken run."""
    assert exit_code({"passed": 3}, planned) == 3


def test_count_in_the_order_of_outcomes() -> None:
    """Counts list outcomes in their order and leave out what did not happen."""
    counted = count([Outcome.LOST, Outcome.PASSED, Outcome.LOST])
    assert list(counted.items()) == [("passed", 1), ("lost", 2)]


def test_past_is_the_last_result_of_a_job() -> None:
    """The time of the last attempt with an opinion, and whether the job ended badly; nothing before it ended."""
    row = JobRow(JOB)
    assert past(row, RUN, NOW) is None
    assert past(row, replace(RUN, state=RunState.CANCELLED), NOW) is None
    assert past(row_after([Verdict.CANCELLED]), RUN, NOW) is None
    assert past(replace(row, attempt=1, owner="w", lease_until=NOW + 9, claimed_at=NOW), RUN, NOW) is None
    assert past(row_after([Verdict.SKIPPED]), RUN, NOW) == Past(None, False)
    assert past(row_after([Verdict.LOST] * 3), RUN, NOW) == Past(None, True)
    assert past(row_after([Verdict.FAILED, Verdict.PASSED]), RUN, NOW) == Past(0.1, False)
    slow = replace(row, attempt=2, attempts=(make_attempt(1, duration_s=2.5), make_attempt(2, verdict=Verdict.ERROR)))
    assert past(slow, RUN, NOW) == Past(2.5, True)
