"""Runs that another coordinator goes on with."""

import pytest

from tests.support.builders import NOW, make_attempt
from tests.support.run_harness import RunHarness, outcomes, verdicts
from tests.support.scripted import LEASE_S
from uitest.config import LEASE_S as STALE_S
from uitest.errors import TakenUp, UnknownRun, UsageError
from uitest.executors.attempt import worker_id
from uitest.model import Job, Run, RunState, Verdict
from uitest.run.coordinator import take_over
from uitest.storage.stores.sqlite import SqliteStore

DEAD_PROCESS = worker_id().rpartition("/")[0] + "/0"
"""An owner on this host whose process id belongs to somebody else by now."""


def test_resume_keeps_what_a_dead_coordinator_left(harness: RunHarness) -> None:
    """Only what did not end is tried; the worker that died with its coordinator is an error that is tried again."""
    header = harness.plan(["a", "b", "c"], coordinator=DEAD_PROCESS)
    harness.store.update_run(header.id, beat_at=NOW)
    for case, word in (("a", "passed"), ("b", "hang")):
        key = Job("m", case, "chrome").key
        owner = DEAD_PROCESS if word == "hang" else "w"
        assert harness.store.claim(header.id, key, 1, owner, NOW, LEASE_S)
        if word == "passed":
            assert harness.store.finish(header.id, key, make_attempt(owner=owner))
    again = take_over(harness.store, header.id, NOW + 1)
    executor = harness.executor(again, {})
    executor.dead.add(DEAD_PROCESS)
    result = harness.complete(again, executor)
    assert (result.exit_code, sorted(executor.made)) == (0, ["b", "c"])
    assert [verdicts(row) for row in result.rows] == [
        [Verdict.PASSED],
        [Verdict.ERROR, Verdict.PASSED],
        [Verdict.PASSED],
    ]


def test_take_over_refuses_a_live_coordinator(harness: RunHarness) -> None:
    """Two coordinators for one run are a user's mistake that is told, and what to do instead."""
    header = harness.plan(["a"], coordinator=worker_id())
    harness.store.update_run(header.id, beat_at=NOW)
    with pytest.raises(UsageError, match="uitest cancel"):
        take_over(harness.store, header.id, NOW + 5)
    assert harness.store.run(header.id).beat_at == NOW


def test_take_over_succeeds_after_a_long_silence(harness: RunHarness) -> None:
    """A coordinator on another machine is taken for dead when it has been silent for long."""
    header = harness.plan(["a"], coordinator="elsewhere/1/1")
    harness.store.update_run(header.id, beat_at=NOW)
    with pytest.raises(UsageError):
        take_over(harness.store, header.id, NOW + STALE_S - 1)
    taken = take_over(harness.store, header.id, NOW + STALE_S)
    assert (taken.state, taken.settings["coordinator"]) == (RunState.RUNNING, worker_id())


def test_take_over_waits_for_a_cancelled_run_to_end(harness: RunHarness) -> None:
    """Until its coordinator has ended it, a cancelled run is still somebody's."""
    header = harness.plan(["a"], coordinator=worker_id())
    harness.store.update_run(header.id, beat_at=NOW, state=RunState.CANCELLED)
    with pytest.raises(UsageError):
        take_over(harness.store, header.id, NOW + 1)
    harness.store.update_run(header.id, finished_at=NOW + 1)
    assert take_over(harness.store, header.id, NOW + 2).state is RunState.RUNNING


def test_take_over_of_an_incomplete_plan_is_refused(harness: RunHarness) -> None:
    """A run whose plan was never written whole cannot be resumed: nobody knows what is missing."""
    header = harness.plan(["a"])
    harness.store.update_run(header.id, state=RunState.PLANNING)
    with pytest.raises(UsageError, match="start a new one"):
        take_over(harness.store, header.id, NOW)
    with pytest.raises(UnknownRun):
        take_over(harness.store, "never", NOW)


def test_rerun_keeps_what_passed(harness: RunHarness) -> None:
    """A new layer tries what was not green, with fresh budgets, and leaves the rest alone."""
    header = harness.plan(["a", "b", "c", "d"], retries=1)
    scripts = {"b": ["failed"] * 2, "c": ["error"] * 3, "d": ["failed", "passed"]}
    first = harness.complete(header, harness.executor(header, scripts))
    assert outcomes(first) == {"a": "passed", "b": "failed", "c": "error", "d": "flaky"}
    again = take_over(harness.store, header.id, harness.clock(), layer=1)
    executor = harness.executor(again, {"b": ["failed"]})
    result = harness.complete(again, executor)
    assert sorted(executor.made) == ["b", "b", "c"]
    assert outcomes(result) == {"a": "passed", "b": "flaky", "c": "passed", "d": "flaky"}
    assert result.exit_code == 0
    assert [row.attempt for row in result.rows] == [1, 4, 4, 2]


def test_run_taken_over_by_another_is_left_alone(harness: RunHarness) -> None:
    """A coordinator that stood still ends its machinery and writes nothing."""
    header = harness.plan(["a", "b"], coordinator="first")
    executor = harness.executor(header, {"b": ["hang"]})
    harness.store.update_run(header.id, settings={**header.settings, "coordinator": "second"}, note="theirs")
    before = harness.store.run(header.id)
    with pytest.raises(TakenUp, match="taken over by another process"):
        harness.complete(header, executor)
    assert executor.stopped
    assert harness.store.run(header.id) == before


def test_second_of_two_who_take_over_is_refused(harness: RunHarness) -> None:
    """Both have read the same header: the second is refused."""
    header = harness.plan(["a"])
    harness.store.update_run(header.id, state=RunState.INTERRUPTED, finished_at=NOW, beat_at=NOW)
    read = harness.store.run(header.id)

    class Late(SqliteStore):
        """Reads the header before the other one writes."""

        def run(self, run_id: str) -> Run:
            return read

    late = Late(harness.path)
    try:
        assert take_over(harness.store, header.id, NOW + 1).state is RunState.RUNNING
        with pytest.raises(UsageError, match="at the same moment"):
            take_over(late, header.id, NOW + 2)
    finally:
        late.close()
    assert harness.store.run(header.id).beat_at == NOW + 1
