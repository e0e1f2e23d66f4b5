"""Folds a job's attempts into its outcome and decides about further attempts: pure functions over rows.

Failed tests and broken infrastructure have separate retry budgets: ``retries`` for failures (a later pass makes the
job *flaky*), ``ERROR_BUDGET`` for errors and lost attempts (a later pass is a plain pass, since the test never failed).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from uitest.model import Attempt, Job, JobRow, Outcome, Past, Run, RunState, Verdict
from uitest.quarantine import Quarantine, covering, day_of

ERROR_BUDGET = 2
"""Further attempts that a job gets in one layer after attempts that ended in error or were lost."""

NOBODY_REPORTED = "nobody reported"
"""The error of an attempt that was lost."""

GREEN = frozenset({Outcome.PASSED, Outcome.FLAKY, Outcome.SKIPPED, Outcome.QUARANTINED})
"""The outcomes that do not make a run red."""
UNFINISHED = frozenset({Outcome.RUNNING, Outcome.NOT_STARTED})

EXIT_PASSED, EXIT_FAILED, EXIT_USAGE, EXIT_BROKEN, EXIT_INTERRUPTED = 0, 1, 2, 3, 130


def history(row: JobRow, now: float) -> tuple[Attempt, ...]:
    """All attempts of a job by number, lost ones included.

    An attempt is lost when it was claimed but not reported, and either a later one exists or its lease had expired at
    ``now`` (seconds since the epoch).
    """
    last = row.attempt - 1 if is_running(row, now) else row.attempt
    if len(row.attempts) == last:
        return row.attempts  # none was lost
    finished = {attempt.number: attempt for attempt in row.attempts}
    layer, attempts = 0, []
    for number in range(1, last + 1):
        attempt = finished.get(number) or Attempt(
            number, row.owner or "", Verdict.LOST, row.claimed_at or 0.0, 0.0, layer, NOBODY_REPORTED
        )
        layer = attempt.layer
        attempts.append(attempt)
    return tuple(attempts)


def newest_layer(attempts: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """The attempts of the newest layer that has any."""
    attempts = tuple(attempts)
    if len(attempts) <= 1:
        return attempts
    top = max(attempt.layer for attempt in attempts)
    return tuple(attempt for attempt in attempts if attempt.layer == top)


def is_running(row: JobRow, now: float) -> bool:
    """Whether a worker holds the job under a lease that has not expired."""
    return row.owner is not None and (row.lease_until or 0) > now


def fold(row: JobRow, run: Run, now: float) -> Outcome:
    """The outcome of a job: that of the last attempt in its newest layer, or flaky if it passed after a failure.

    A failure that a plugin retried within the attempt counts as well. What would make the run red is quarantined
    instead, if a row in the run's header covers it.
    """
    outcome = _unexcused(row, run, now)
    is_excused = run.quarantine and any(
        not rule.is_over(day_of(run.started_at)) for rule in _rules(row, run, outcome, now)
    )
    return Outcome.QUARANTINED if is_excused else outcome


def quarantine_of(row: JobRow, run: Run, now: float) -> Quarantine | None:
    """The row of the quarantine that covers a job which is red, or would be.

    One that holds, whereby the job's outcome is quarantined, else one that is over. None if there is neither.
    """
    if not run.quarantine:
        return None
    day = day_of(run.started_at)
    rules = _rules(row, run, _unexcused(row, run, now), now)
    return min(rules, key=lambda rule: rule.is_over(day), default=None)


def is_excused(attempt: Attempt, job: Job, run: Run) -> bool:
    """Whether an attempt is red and a row of the quarantine that holds covers it, whatever the job's others were."""
    if attempt.verdict not in (Verdict.FAILED, Verdict.ERROR):
        return False
    return any(not rule.is_over(day_of(run.started_at)) for rule in _rules_of((attempt,), job, run))


def former_quarantine(row: JobRow, run: Run, now: float) -> str:
    """What to say of a job that is red since its quarantine is over; empty for any other job."""
    rule = quarantine_of(row, run, now)
    return rule.former_terms if rule is not None and rule.is_over(day_of(run.started_at)) else ""


def _unexcused(row: JobRow, run: Run, now: float) -> Outcome:
    """The outcome of a job without quarantine."""
    if is_running(row, now):
        return Outcome.RUNNING
    attempts = newest_layer(history(row, now))
    if not attempts:
        return Outcome.CANCELLED if run.state is RunState.CANCELLED else Outcome.NOT_STARTED
    last = attempts[-1].verdict
    if last is Verdict.PASSED and any(attempt.reruns or attempt.verdict is Verdict.FAILED for attempt in attempts):
        return Outcome.FLAKY
    return Outcome(last.value)


def _rules(row: JobRow, run: Run, outcome: Outcome, now: float) -> list[Quarantine]:
    """The rows of the quarantine that cover a job with this outcome, whether they still hold or not.

    Only a job that was tried and has reported is covered: one that was lost or never started stays red, as nobody knows
    what it would have done, and so does a case that does not exist.
    """
    is_red = outcome in (Outcome.FAILED, Outcome.ERROR)
    if not is_red and not (outcome is Outcome.FLAKY and run.settings.get("fail_on_flaky")):
        return []
    return _rules_of(newest_layer(history(row, now)), row.job, run)


def _rules_of(attempts: Sequence[Attempt], job: Job, run: Run) -> list[Quarantine]:
    """The rules of the quarantine that cover these attempts, of which the last one or an earlier one is red.

    An attempt that ended as error counts only if it is the last one: like a lost one, it was tried again since the test
    itself had not failed.
    """
    last = attempts[-1]
    if last.final:
        return []
    bad = [attempt for attempt in attempts if attempt.verdict is Verdict.FAILED]
    bad += [last] if last.verdict is Verdict.ERROR else []
    errors = [attempt.error or "" for attempt in bad] + [error for attempt in attempts for error in attempt.reruns]
    return covering(run.quarantine, job.case, job.browser, errors, is_broken=last.verdict is Verdict.ERROR)


def wants_attempt(row: JobRow, run: Run, retries: int, now: float) -> bool:
    """Whether the job should get another attempt: it had none in this layer, or a retry budget is left.

    A job that ended green in an older layer gets none, as a rerun keeps what passed. A final attempt ends the layer.
    """
    if is_running(row, now):
        return False
    attempts = history(row, now)
    current = [attempt.verdict for attempt in attempts if attempt.layer == run.layer]
    if not current:
        # The layer of a lost attempt is not known, so its budget is counted over all layers.
        lost = sum(attempt.verdict is Verdict.LOST for attempt in attempts)
        return not attempts or (fold(row, run, now) not in GREEN and lost < (ERROR_BUDGET + 1) * (run.layer + 1))
    if attempts[-1].final:
        return False
    if current[-1] is Verdict.FAILED:
        return current.count(Verdict.FAILED) <= retries
    if current[-1] in (Verdict.ERROR, Verdict.LOST):
        return current.count(Verdict.ERROR) + current.count(Verdict.LOST) <= ERROR_BUDGET
    return current[-1] is Verdict.CANCELLED


def is_open(row: JobRow, run: Run, retries: int, now: float) -> bool:
    """Whether the job has no final outcome yet: a worker holds it, or it should get another attempt."""
    return is_running(row, now) or wants_attempt(row, run, retries, now)


def past(row: JobRow, run: Run, now: float) -> Past | None:
    """Duration and failure of the job for the next run's scheduling; None if it did not finish in this one."""
    outcome = fold(row, run, now)
    if outcome in UNFINISHED or outcome is Outcome.CANCELLED:
        return None
    durations = [a.duration_s for a in row.attempts if a.verdict in (Verdict.PASSED, Verdict.FAILED)]
    return Past(max(0.0, durations[-1]) if durations else None, outcome not in GREEN)


def count(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """The number of jobs with each outcome, in the order of ``Outcome``, without zeros."""
    counted = Counter(outcomes)
    return {outcome.value: counted[outcome] for outcome in Outcome if counted[outcome]}


def exit_code(counts: Mapping[str, int], planned: int, *, fail_on_flaky: bool = False) -> int:
    """The exit code of a run with these outcomes: green only if every planned job ended green."""
    if any(counts.get(o.value) for o in Outcome if o not in GREEN and o is not Outcome.FAILED):
        return EXIT_BROKEN
    if counts.get(Outcome.FAILED):
        return EXIT_FAILED
    if sum(counts.values()) != planned:
        return EXIT_BROKEN
    if fail_on_flaky and counts.get(Outcome.FLAKY):
        return EXIT_FAILED
    return EXIT_PASSED
