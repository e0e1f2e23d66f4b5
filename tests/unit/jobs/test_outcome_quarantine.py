"""A quarantine excuses the failures that it names, until its last day, and nothing else."""

from dataclasses import replace

import pytest

from tests.support.builders import NOW, make_attempt
from tests.unit.jobs.attempted_jobs import JOB, RUN, row_after
from uitest.jobs.outcome import (
    EXIT_PASSED,
    GREEN,
    count,
    exit_code,
    fold,
    former_quarantine,
    is_excused,
    quarantine_of,
)
from uitest.model import JobRow, Outcome, Verdict
from uitest.quarantine import Quarantine

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
    assert [is_excused(attempt, JOB, named) for attempt in tries] == [True] * len(tries)


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
