"""Durations from two readings of wall clocks are never negative, however the clocks were set meanwhile."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from lambda_runner.unfinished_tasks import UnfinishedTasks
from tests.support.builders import make_attempt, make_run
from tests.support.properties import quick
from uitest.executors.attempt import Assignment, Task, TimeBudget
from uitest.jobs.outcome import past
from uitest.model import Job, JobRow, Run, RunState, Verdict, elapsed_s
from uitest.reporting.formats.junit import junit_xml
from uitest.reporting.metrics import metric_lines
from uitest.reporting.site.forecast import time_left_s
from uitest.reporting.site.history import Past
from uitest.reporting.site.run import run_view
from uitest.reporting.usage.cost import estimate
from uitest.reporting.usage.time_profile import profile
from uitest.run.finalize import finish_attempts
from uitest.storage.stores import Store

JOB = Job("m", "a", "chrome")


class Reported:
    """A store with one row, which keeps what is reported."""

    def __init__(self, row: JobRow) -> None:
        self.row, self.attempts = row, list(row.attempts)

    def job(self, _run: str, _key: str) -> JobRow:
        """The row."""
        return self.row

    def finish(self, _run: str, _key: str, attempt: Any) -> bool:
        """Keep the attempt."""
        self.attempts.append(attempt)
        return True


def numbers(value: object) -> Iterator[float]:
    """All numbers in JSON values."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, int | float):
        yield value


def durations(run: Run, row: JobRow, now: float) -> Iterator[float]:
    """What every function that subtracts moments makes of them."""
    yield elapsed_s(run.started_at, now)
    yield run.elapsed_s(now)
    spent = profile([row], 2, run.started_at, run.finished_at or now)
    yield from (spent.seconds, *(seconds for _, seconds in spent.parts))
    root = ElementTree.fromstring(junit_xml(run, [row], now))  # noqa: S314  our own file
    yield from (float(element.get("time", 0)) for element in root.iter())
    yield from (json.loads(line)["Duration"] for line in metric_lines("n", run, [row], now))
    cost = estimate(run, [row])
    yield from (cost.transitions, cost.writes, cost.usd) if cost is not None else ()
    yield time_left_s(run, [row], lambda _: 5.0, now) or 0.0
    view = run_view(run, [row], Past(), now)
    yield view["duration_s"]
    yield from numbers([[job.get("a", []), job.get("r", [])] for job in view["jobs"]])
    remembered = past(row, run, now)
    yield (remembered and remembered.duration_s) or 0.0
    store = Reported(row)
    finish_attempts(cast(Store, store), run, [row], Verdict.LOST, "x", now)
    assignment = Assignment(run.id, "sqlite:x", "shots", 0, (Task(JOB, 1),))
    unfinished = UnfinishedTasks(cast(Store, store), assignment, TimeBudget(row.owner or "", 0.0, 0.0, 128))
    unfinished.report_dead(Verdict.ERROR, "x")
    for attempt in store.attempts:
        yield from (attempt.duration_s, attempt.billed_s or 0.0)


MOMENTS = st.integers(0, 5_000_000_000).map(float)  # beyond today, which ``UnfinishedTasks`` takes for now


@quick
@given(MOMENTS, MOMENTS | st.none(), MOMENTS | st.none(), MOMENTS | st.none(), MOMENTS, MOMENTS, st.booleans())
def test_no_duration_is_negative(
    started: float, finished: float | None, beat: float | None, claimed: float | None, tried: float, now: float,
    is_held: bool,
) -> None:  # fmt: skip
    """Not in a profile, a bill, a file or a page, and in no report that one process makes for another."""
    state = RunState.RUNNING if finished is None else RunState.FINISHED
    settings = {"executor": "stepfunctions", "store": "dynamodb:a,b"}
    run = make_run(started_at=started, finished_at=finished, beat_at=beat, state=state, planned=1, settings=settings)
    attempt = replace(make_attempt(started_at=tried), billed_s=1.0, memory_mb=128)
    row = JobRow(JOB, attempt=1, attempts=(attempt,), claimed_at=claimed)
    if is_held:
        row = replace(row, attempt=2, owner="me", lease_until=now + 1)
    assert min(durations(run, row, now)) >= 0
