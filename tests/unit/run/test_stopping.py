"""Runs that end before all jobs have: limits, cancelling, interrupts."""

import signal
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.run_harness import LINGERING, RunHarness, outcomes
from tests.support.scripted import Clock
from uitest.model import Run, RunState
from uitest.run.coordinator import Coordinator, take_over
from uitest.storage.stores.sqlite import SqliteStore


def test_max_failures_stops_the_run_with_a_note(harness: RunHarness) -> None:
    """After so many failures nothing new is tried; the run says why and can be taken up again."""
    scripts = {"a": ["failed"], "b": ["hang"], "c": []}
    result = harness.run(scripts, max_failures=1)
    assert result.exit_code == 3
    assert result.run.state is RunState.INTERRUPTED
    assert result.run.note == "stopped after 1 failures (--max-failures 1)"
    assert outcomes(result)["a"] == "failed"
    assert outcomes(result)["c"] in ("not_started", "cancelled")


def test_max_failures_waits_for_retries(harness: RunHarness) -> None:
    """A failure that may still turn out flaky does not stop the run."""
    result = harness.run({"a": ["failed"], "b": []}, max_failures=1, retries=1)
    assert (result.exit_code, outcomes(result)) == (0, {"a": "flaky", "b": "passed"})


def test_limit_that_the_last_job_reaches_is_an_ordinary_end(harness: RunHarness) -> None:
    """When nothing is left to stop, the run has finished."""
    header = harness.plan(["a", "b"], max_failures=1)
    executor = harness.executor(header, {"b": ["failed"]})
    poll_attempts, lingering = executor.poll_attempts, iter([{LINGERING}] * 5)
    executor.poll_attempts = lambda *looked: poll_attempts(*looked) or next(lingering, ())  # type: ignore[method-assign]
    result = harness.complete(header, executor)
    assert (result.exit_code, result.run.state, result.run.note) == (1, RunState.FINISHED, None)


def test_resume_after_max_failures_goes_on(harness: RunHarness) -> None:
    """The failures of before do not stop the run a second time."""
    header = harness.plan(["a", "b", "c"], max_failures=1)
    first = harness.complete(header, harness.executor(header, {"a": ["failed"], "b": ["hang"]}))
    assert first.run.state is RunState.INTERRUPTED
    again = take_over(harness.store, header.id, harness.clock())
    result = harness.complete(again, harness.executor(again, {}))
    assert (result.exit_code, outcomes(result)) == (1, {"a": "failed", "b": "passed", "c": "passed"})
    assert result.run.state is RunState.FINISHED


def test_run_timeout_stops_the_run(harness: RunHarness) -> None:
    """The whole run stops after --timeout; what ran then is cancelled and told."""
    result = harness.run({"a": [], "b": ["hang"]}, timeout=2)
    assert (result.exit_code, result.run.note) == (3, "stopped after --timeout 2 s")
    assert outcomes(result) == {"a": "passed", "b": "cancelled"}
    assert result.rows[1].attempts[0].error == "stopped after --timeout 2 s"


@pytest.mark.parametrize(
    ("step", "word", "note"),
    [(-3600.0, "hang", "stopped after --timeout 2 s"), (1_000_000.0, "passed", None)],
    ids=["back", "forward"],
)
def test_run_timeout_ignores_a_clock_that_is_set(harness: RunHarness, step: float, word: str, note: str | None) -> None:
    """--timeout is a duration: whoever sets the clock meanwhile neither prolongs the run nor ends it."""
    header = harness.plan(["a", "b"], timeout=2)
    executor = harness.executor(header, {"a": [word], "b": [word]})
    stopwatch = Clock()

    def set_clock() -> None:
        harness.clock.now += step

    stopwatch.while_asleep.append(set_clock)
    result = Coordinator(
        harness.store, header, executor, [], harness.clock, stopwatch.sleep, stopwatch
    ).run_to_completion()
    assert result.run.note == note


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_duration_of_a_run_ignores_a_clock_that_is_set(harness: RunHarness, step: float) -> None:
    """It lasted as long as it did, whoever set the clock meanwhile."""
    header = harness.plan(["a"])
    executor = harness.executor(header, {"a": ["passed"]})
    stopwatch = Clock()

    def set_clock() -> None:
        harness.clock.now += step

    stopwatch.while_asleep.append(set_clock)
    result = Coordinator(
        harness.store, header, executor, [], harness.clock, stopwatch.sleep, stopwatch, stopwatch
    ).run_to_completion()
    assert 0 < result.run.elapsed_s(harness.clock.now) < 10


def test_cancelled_run_ends_and_keeps_its_passes(harness: RunHarness) -> None:
    """A run that is cancelled from elsewhere ends within a look; nothing that passed is forgotten."""
    header = harness.plan(["a", "b", "c"])
    executor = harness.executor(header, {"b": ["hang"], "c": ["hang"]})

    def cancel() -> None:
        if executor.made[-1:] == ["c"]:
            harness.store.update_run(header.id, state=RunState.CANCELLED)

    harness.clock.while_asleep.append(cancel)
    result = harness.complete(header, executor)
    assert (result.exit_code, result.run.state, result.run.note) == (3, RunState.CANCELLED, "cancelled")
    assert outcomes(result) == {"a": "passed", "b": "cancelled", "c": "cancelled"}
    assert executor.stopped


def test_run_that_is_cancelled_while_it_ends_is_cancelled(harness: RunHarness) -> None:
    """The end that is written never turns a cancelled run into a finished one."""
    header = harness.plan(["a"])
    executor = harness.executor(header, {})
    stop = executor.stop

    def stop_late() -> None:
        harness.store.update_run(header.id, state=RunState.CANCELLED)
        stop()

    executor.stop = stop_late  # type: ignore[method-assign]
    result = harness.complete(header, executor)
    assert (result.run.state, result.run.note, result.exit_code) == (RunState.CANCELLED, "cancelled", 3)


def test_interrupted_run_ends_with_130_and_can_be_resumed(harness: RunHarness) -> None:
    """Ctrl-C ends the run in order: 130, the machinery stopped, everything written, then resume finishes it."""
    header = harness.plan(["a", "b", "c"])
    executor = harness.executor(header, {"b": ["hang"], "c": ["hang"]})

    def press() -> None:
        if executor.made[-1:] == ["c"]:
            signal.raise_signal(signal.SIGINT)

    harness.clock.while_asleep.append(press)
    result = harness.complete(header, executor)
    assert (result.exit_code, result.run.state, executor.stopped) == (130, RunState.INTERRUPTED, 1)
    assert outcomes(result) == {"a": "passed", "b": "cancelled", "c": "cancelled"}

    harness.clock.while_asleep.clear()
    again = take_over(harness.store, header.id, harness.clock())
    second = harness.executor(again, {})
    result = harness.complete(again, second)
    assert (result.exit_code, second.made) == (0, ["b", "c"])
    assert outcomes(result) == {"a": "passed", "b": "passed", "c": "passed"}


def test_second_ctrl_c_does_not_interrupt_the_end(harness: RunHarness) -> None:
    """While the end is written, impatience is ignored, and the old handler is back afterwards."""
    header = harness.plan(["a"])
    executor = harness.executor(header, {})
    before = signal.getsignal(signal.SIGINT)
    stop = executor.stop

    def stop_impatiently() -> None:
        signal.raise_signal(signal.SIGINT)
        stop()

    executor.stop = stop_impatiently  # type: ignore[method-assign]
    assert harness.complete(header, executor).exit_code == 0
    assert signal.getsignal(signal.SIGINT) is before


def test_run_cancelled_while_its_end_is_written_is_cancelled(harness: RunHarness) -> None:
    """Whoever cancels between the last look and the end has the last word."""
    header = harness.plan(["a"])

    class Cancelled(SqliteStore):
        """Somebody else cancels the run just before its end is written."""

        cancelled = False

        def update_run(self, run_id: str, expected: Mapping[str, Any] | None = None, **changes: Any) -> Run:
            if changes.get("finished_at") and not self.cancelled:
                self.cancelled = True
                super().update_run(run_id, state=RunState.CANCELLED, note="cancelled")
            return super().update_run(run_id, expected, **changes)

    store = Cancelled(harness.path)
    try:
        coordinator = Coordinator(
            store, header, harness.executor(header, {}), [], harness.clock, harness.clock.sleep, harness.clock
        )
        assert coordinator.run_to_completion().run.state is RunState.CANCELLED
    finally:
        store.close()
