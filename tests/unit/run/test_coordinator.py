"""The loop that sees a run through, against the real embedded store and a scripted executor."""

import itertools
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import NOW, make_attempt
from tests.support.properties import quick
from tests.support.run_harness import RunHarness, outcomes, verdicts
from tests.support.scripted import LEASE_S, SlowStore
from uitest.jobs.outcome import ERROR_BUDGET, count, exit_code, fold
from uitest.model import Job, Past, RunState, Verdict
from uitest.run.coordinator import take_over
from uitest.storage.stores.sqlite import SqliteStore


def test_run_with_only_passes_is_green(harness: RunHarness) -> None:
    """Every job is tried once and the run ends green, with its end and counts written down."""
    result = harness.run({"a": [], "b": [], "c": ["skipped"]})
    assert (result.exit_code, outcomes(result)) == (0, {"a": "passed", "b": "passed", "c": "skipped"})
    written = harness.store.run(result.run.id)
    assert (written.state, written.counts) == (RunState.FINISHED, {"passed": 2, "skipped": 1})
    assert written.finished_at is not None
    assert result.problems == ()


def test_failure_without_retries_is_exit_code_1(harness: RunHarness) -> None:
    """One failed case is one attempt and exit code 1; the others are not touched."""
    result = harness.run({"a": ["failed"], "b": []})
    assert (result.exit_code, outcomes(result)) == (1, {"a": "failed", "b": "passed"})
    assert [row.attempt for row in result.rows] == [1, 1]


def test_pass_after_a_failure_is_flaky(harness: RunHarness) -> None:
    """A pass after a failure is flaky: green, unless the user wants it red."""
    assert harness.run({"a": ["failed", "passed"]}, retries=1).exit_code == 0
    result = harness.run({"a": ["failed", "passed"]}, retries=1, fail_on_flaky=True)
    assert (result.exit_code, outcomes(result)) == (1, {"a": "flaky"})


def test_failing_case_gets_its_retries_and_no_more(harness: RunHarness) -> None:
    """A case that keeps failing gets its retries and not one more."""
    result = harness.run({"a": ["failed"] * 9}, retries=2)
    assert (result.exit_code, result.rows[0].attempt) == (1, 3)


@pytest.mark.parametrize("word", ["error", "die"])
def test_errors_have_their_own_retries(harness: RunHarness, word: str) -> None:
    """Broken machinery is tried again without --retries, and a pass afterwards is no flake."""
    result = harness.run({"a": [word] * ERROR_BUDGET, "b": [word] * 9})
    assert (result.exit_code, outcomes(result)) == (3, {"a": "passed", "b": "error"})
    assert [row.attempt for row in result.rows] == [ERROR_BUDGET + 1] * 2


def test_dead_worker_costs_only_its_case(harness: RunHarness) -> None:
    """The attempt of a worker that is gone is an error at once, without waiting for the lease."""
    result = harness.run({"a": [], "b": ["die"], "c": []})
    a, b, c = result.rows
    assert [verdicts(row) for row in (a, c)] == [[Verdict.PASSED]] * 2
    assert verdicts(b) == [Verdict.ERROR, Verdict.PASSED]
    assert b.attempts[0].error == "the worker died while it ran this case"
    assert harness.clock.now - NOW < LEASE_S


def test_silent_worker_is_lost_when_its_lease_ends(harness: RunHarness) -> None:
    """A worker on another machine may still be at work until its lease is over; then the case is tried again."""
    result = harness.run({"a": ["lost"]})
    assert (result.exit_code, outcomes(result), result.rows[0].attempt) == (0, {"a": "passed"}, 2)
    assert harness.clock.now - NOW >= LEASE_S


def test_job_that_nobody_reports_is_lost(harness: RunHarness) -> None:
    """Silence is never green."""
    result = harness.run({"a": ["lost"] * 9, "b": []})
    assert (result.exit_code, outcomes(result)) == (3, {"a": "lost", "b": "passed"})


def test_late_report_changes_no_outcome(harness: RunHarness) -> None:
    """Once a run has ended, what it told is what stays."""
    result = harness.run({"a": ["lost"] * 9})
    [row] = result.rows
    assert (outcomes(result), verdicts(row)[-1], row.owner) == ({"a": "lost"}, Verdict.LOST, None)
    late = make_attempt(row.attempt, f"a/{row.attempt}")
    harness.store.finish(result.run.id, row.job.key, late)
    assert harness.store.jobs(result.run.id) == list(result.rows)


def test_durations_and_failures_are_remembered(harness: RunHarness) -> None:
    """Of attempts that passed or failed; a job that did not end green is marked."""
    scripts = {
        "ok": [],
        "bad": ["failed"] * 2,
        "error": ["error"] * 3,
        "flaky": ["failed", "passed"],
        "skip": ["skipped"],
    }
    key = {case: Job("m", case, "chrome").key for case in scripts}
    harness.store.remember({key[case]: Past(7.0, True) for case in ("error", "skip")})
    harness.run(scripts, retries=1)
    past = harness.store.past(key.values())
    assert {case: past[key[case]] for case in scripts} == {
        "ok": Past(0.1, False),
        "bad": Past(0.1, True),
        "error": Past(7.0, True),
        "flaky": Past(0.1, False),
        "skip": Past(7.0, False),
    }


def test_rerun_remembers_only_what_it_tried(harness: RunHarness) -> None:
    """What passed before may have been overtaken by a later run."""
    header = harness.plan(["kept", "tried"])
    harness.complete(header, harness.executor(header, {"tried": ["failed"]}))
    keys = [Job("m", case, "chrome").key for case in ("kept", "tried")]
    harness.store.remember({key: Past(9.0, True) for key in keys})
    again = take_over(harness.store, header.id, harness.clock(), layer=1)
    harness.complete(again, harness.executor(again, {}))
    assert harness.store.past(keys) == {keys[0]: Past(9.0, True), keys[1]: Past(0.1, False)}


WORDS = ["passed", "failed", "skipped", "error", "die", "lost"]


def expected(script: Sequence[str], retries: int) -> str:
    """What a job must come to: written again from the rules, without looking at the code."""
    failures = errors = 0
    for word in [*script, "passed"]:
        if word == "passed":
            return "flaky" if failures else "passed"
        if word == "skipped":
            return "skipped"
        if word == "failed":
            failures += 1
            if failures > retries:
                return "failed"
        else:
            errors += 1
            if errors > ERROR_BUDGET:
                return "lost" if word == "lost" else "error"
    raise AssertionError("a script ends with a pass")


@quick
@given(
    scripts=st.lists(st.lists(st.sampled_from(WORDS), max_size=6), min_size=1, max_size=5),
    retries=st.integers(0, 3),
    flaky_is_red=st.booleans(),
    is_slow=st.booleans(),
)
def test_every_job_ends_exactly_once(
    scripts: list[list[str]], retries: int, flaky_is_red: bool, is_slow: bool, store: SqliteStore, path: Path
) -> None:
    """Whatever passes, fails, breaks, dies or falls silent: each job has the outcome that the rules give it."""
    harness = RunHarness(store, path)
    by_case = {f"c{n}": script for n, script in enumerate(scripts)}
    with closing(SlowStore(path, harness.clock, 0.3)) as slow:
        harness.store = slow if is_slow else store
        result = harness.run(by_case, retries=retries, fail_on_flaky=flaky_is_red)
    ends = outcomes(result)
    assert ends == {case: expected(script, retries) for case, script in by_case.items()}
    counts = count(fold(row, result.run, harness.clock()) for row in result.rows)
    assert result.exit_code == exit_code(counts, len(scripts), fail_on_flaky=flaky_is_red)
    assert result.run.counts == counts
    assert all(len({a.number for a in row.attempts}) == len(row.attempts) for row in result.rows)


@quick
@given(
    scripts=st.lists(st.lists(st.sampled_from([*WORDS, "hang"]), max_size=4), min_size=1, max_size=5),
    stop_at=st.integers(0, 12),
    how=st.sampled_from(["interrupt", "cancel"]),
)
def test_stop_at_any_moment_loses_nothing(
    scripts: list[list[str]], stop_at: int, how: str, store: SqliteStore, path: Path
) -> None:
    """Stopped anywhere and resumed, a run ends with one outcome for each job, and no pass is run again."""
    harness = RunHarness(store, path)
    by_case = {f"c{n}": script for n, script in enumerate(scripts)}
    header = harness.plan(list(by_case), timeout=1_000)
    naps = itertools.count()

    def stop() -> None:
        if next(naps) == stop_at:
            if how == "cancel":
                store.update_run(header.id, state=RunState.CANCELLED)
            else:
                raise KeyboardInterrupt

    harness.clock.while_asleep.append(stop)
    first = harness.complete(header, harness.executor(header, by_case))
    green = {case for case, outcome in outcomes(first).items() if outcome in ("passed", "flaky", "skipped")}
    assert first.exit_code != 0 or len(green) == len(by_case)
    harness.clock.while_asleep.clear()
    again = take_over(store, header.id, harness.clock())
    executor = harness.executor(again, {})
    result = harness.complete(again, executor)
    assert not green & set(executor.made)
    assert result.run.state is RunState.FINISHED
    assert set(outcomes(result).values()) <= {"passed", "flaky", "skipped", "failed", "error", "lost"}
