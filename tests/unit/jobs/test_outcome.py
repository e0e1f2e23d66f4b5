"""Missing is never green, budgets end, and a rerun keeps what passed."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.builders import NOW, make_attempt, make_run
from tests.support.properties import quick
from uitest.jobs.outcome import (
    ERROR_BUDGET,
    EXIT_BROKEN,
    EXIT_FAILED,
    EXIT_PASSED,
    GREEN,
    count,
    exit_code,
    fold,
    former_quarantine,
    history,
    is_excused,
    is_open,
    is_running,
    past,
    quarantine_of,
    wants_attempt,
)
from uitest.model import Job, JobRow, Outcome, Past, RunState, Verdict
from uitest.quarantine import Quarantine

RUN = make_run()
JOB = Job("m", "c", "chrome")
REPORTED = (*GREEN, Outcome.FAILED)
verdicts = st.lists(st.sampled_from(Verdict), max_size=8)


def tried(row: JobRow, verdict: Verdict, layer: int = 0) -> JobRow:
    """The row after one more attempt, reported unless it was lost, its lease over."""
    number = row.attempt + 1
    if verdict is Verdict.LOST:
        return replace(row, attempt=number, owner="w", lease_until=NOW - 1, claimed_at=NOW - 9)
    attempt = make_attempt(number, "w", verdict, layer=layer)
    return replace(row, attempt=number, owner=None, lease_until=None, attempts=(*row.attempts, attempt))


def row_after(finished: Sequence[Verdict], layer: int = 0) -> JobRow:
    """A job that had these attempts."""
    row = JobRow(JOB)
    for verdict in finished:
        row = tried(row, verdict, layer)
    return row


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


QUARANTINE = (Quarantine("2026-11-30", case="c", error="known"),)
"""``NOW`` is in 2026-11-18, so it holds."""


@pytest.mark.parametrize(
    ("attempts", "outcome"),
    [
        ([(Verdict.FAILED, "known")], Outcome.QUARANTINED),
        ([(Verdict.ERROR, "known")], Outcome.QUARANTINED),
        ([(Verdict.FAILED, "known"), (Verdict.FAILED, "well known")], Outcome.QUARANTINED),
        ([(Verdict.FAILED, "new"), (Verdict.FAILED, "known")], Outcome.FAILED),
        ([(Verdict.FAILED, "new")], Outcome.FAILED),
        ([(Verdict.FAILED, "known"), (Verdict.PASSED, None)], Outcome.FLAKY),
        ([(Verdict.LOST, "known")], Outcome.LOST),
        ([(Verdict.CANCELLED, "known")], Outcome.CANCELLED),
        ([(Verdict.PASSED, None)], Outcome.PASSED),
        ([], Outcome.NOT_STARTED),
    ],
)
def test_quarantine_excuses_what_was_tried_and_reported(
    attempts: list[tuple[Verdict, str | None]], outcome: Outcome
) -> None:
    """Every failure must be covered; what is lost, cancelled or missing stays what it is."""
    tries = tuple(make_attempt(n, verdict=verdict, error=error) for n, (verdict, error) in enumerate(attempts, 1))
    row, run = JobRow(JOB, len(tries), attempts=tries), replace(RUN, quarantine=QUARANTINE)
    assert fold(row, run, NOW) is outcome
    assert (quarantine_of(row, run, NOW) is not None) == (outcome is Outcome.QUARANTINED)
    assert exit_code(count([outcome]), 1) == (EXIT_PASSED if outcome in GREEN else exit_code({outcome: 1}, 1))


@pytest.mark.parametrize(
    ("verdicts", "outcome"),
    [
        ([Verdict.FAILED], Outcome.QUARANTINED),
        ([Verdict.ERROR], Outcome.ERROR),
        ([Verdict.FAILED, Verdict.ERROR], Outcome.ERROR),
        ([Verdict.ERROR, Verdict.FAILED], Outcome.QUARANTINED),
    ],
)
def test_error_is_excused_only_by_a_row_that_names_it(verdicts: list[Verdict], outcome: Outcome) -> None:
    """A row about the case alone excuses its failures; an error that was tried again counts for nothing."""
    tries = tuple(make_attempt(n, verdict=verdict, error="it broke") for n, verdict in enumerate(verdicts, 1))
    row = JobRow(JOB, len(tries), attempts=tries)
    assert fold(row, replace(RUN, quarantine=(Quarantine("2026-11-30", case="c"),)), NOW) is outcome
    named = replace(RUN, quarantine=(Quarantine("2026-11-30", case="c", error="broke"),))
    assert fold(row, named, NOW) is Outcome.QUARANTINED
    assert [is_excused(one, JOB, named) for one in tries] == [True] * len(tries)


def test_quarantine_is_over_on_the_day_after() -> None:
    """The failure is red again, and its former excuse can be told; another row that holds is found first."""
    row = row_after([Verdict.FAILED])
    over = Quarantine("2026-11-17", case="c")
    run = replace(RUN, quarantine=(over,))
    assert (fold(row, run, NOW), quarantine_of(row, run, NOW)) == (Outcome.FAILED, over)
    assert former_quarantine(row, run, NOW) == "its quarantine is over: until 2026-11-17, no owner"
    holds = Quarantine("2026-11-18", case="c")
    run = replace(RUN, quarantine=(over, holds))
    assert (fold(row, run, NOW), quarantine_of(row, run, NOW)) == (Outcome.QUARANTINED, holds)
    assert former_quarantine(row, run, NOW) == ""
    assert quarantine_of(row_after([Verdict.PASSED]), run, NOW) is None


def test_case_that_does_not_exist_is_not_excused() -> None:
    """Nothing was tried, so the row is about nothing."""
    attempt = make_attempt(verdict=Verdict.ERROR, error="known: no such case", final=True)
    row = JobRow(JOB, 1, attempts=(attempt,))
    assert fold(row, replace(RUN, quarantine=QUARANTINE), NOW) is Outcome.ERROR


def test_flaky_is_excused_only_where_it_counts_as_failed() -> None:
    """With ``fail_on_flaky``; a failure that a plugin repeated must be covered as well."""
    strict = replace(RUN, quarantine=(Quarantine("2026-11-30", error="known"),), settings={"fail_on_flaky": True})
    attempts = (make_attempt(1, verdict=Verdict.FAILED, error="known"), make_attempt(2))
    row = JobRow(JOB, 2, attempts=attempts)
    assert fold(row, replace(strict, settings={}), NOW) is Outcome.FLAKY
    assert fold(row, strict, NOW) is Outcome.QUARANTINED
    repeated = JobRow(JOB, 1, attempts=(make_attempt(reruns=("new",)),))
    assert fold(repeated, strict, NOW) is Outcome.FLAKY
