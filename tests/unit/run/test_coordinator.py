"""The loop that sees a run through, against the real embedded store and a scripted executor."""

import errno
import itertools
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import NOW, make_attempt, make_run
from tests.support.properties import quick
from tests.support.scripted import LEASE_S, Clock, ScriptedExecutor
from uitest.config import LEASE_S as STALE_S
from uitest.errors import ExecutorError, RowsLost, StoreError, TakenUp, UnknownRun, UsageError
from uitest.executors.attempt import Task, worker_id
from uitest.jobs.outcome import ERROR_BUDGET, count, exit_code, fold
from uitest.model import Job, JobRow, Past, Run, RunState, Verdict
from uitest.run.coordinator import Coordinator, take_over
from uitest.run.finalize import Result
from uitest.run.reporters import Reporter
from uitest.storage.stores.sqlite import SqliteStore

DEAD_PROCESS = worker_id().rpartition("/")[0] + "/0"
"""An owner on this host whose process id belongs to somebody else by now."""

LINGERING = Task(Job("m", "whatever was submitted last", "chrome"), 1)
"""In the books of machinery that is about to end."""


@dataclass
class Stage:
    """A store with room for many runs, and a way to see one through."""

    store: SqliteStore
    path: Path
    clock: Clock = field(default_factory=Clock)

    def plan(self, cases: Sequence[str], **settings: Any) -> Run:
        """A run of these cases, written down."""
        header = make_run(next(NAMES), planned=len(cases), settings=settings)
        self.store.create_run(header, [Job("m", case, "chrome") for case in cases])
        return header

    def executor(self, header: Run, scripts: Mapping[str, Sequence[str]]) -> ScriptedExecutor:
        """What makes this run's attempts."""
        executor = ScriptedExecutor(self.store, header.id, self.clock, scripts)
        executor.layer = header.layer
        return executor

    def see(self, header: Run, executor: ScriptedExecutor, *reporters: Reporter) -> Result:
        """Run it."""
        return Coordinator(
            self.store, header, executor, reporters, self.clock, self.clock.sleep, self.clock
        ).run_to_completion()

    def run(self, scripts: Mapping[str, Sequence[str]], **settings: Any) -> Result:
        """All of it at once."""
        header = self.plan(list(scripts), **settings)
        return self.see(header, self.executor(header, scripts))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store's file."""
    return tmp_path_factory.mktemp("store") / "uitest.db"


@pytest.fixture(scope="module")
def store(path: Path) -> Iterator[SqliteStore]:
    """One for all tests of this file, each with runs of its own."""
    store = SqliteStore(path)
    yield store
    store.close()


NAMES = map(str, itertools.count())


@pytest.fixture
def stage(store: SqliteStore, path: Path) -> Stage:
    """One for a test."""
    return Stage(store, path)


def outcomes(result: Result) -> dict[str, str]:
    """Case ids and what became of them."""
    now = result.run.finished_at or NOW
    return {row.job.case: fold(row, result.run, now).value for row in result.rows}


def verdicts(row: JobRow) -> list[Verdict]:
    """What the finished attempts of a job came to."""
    return [attempt.verdict for attempt in row.attempts]


def test_run_with_only_passes_is_green(stage: Stage) -> None:
    """Every job is tried once and the run ends green, with its end and counts written down."""
    result = stage.run({"a": [], "b": [], "c": ["skipped"]})
    assert (result.exit_code, outcomes(result)) == (0, {"a": "passed", "b": "passed", "c": "skipped"})
    written = stage.store.run(result.run.id)
    assert (written.state, written.counts) == (RunState.FINISHED, {"passed": 2, "skipped": 1})
    assert written.finished_at is not None
    assert result.problems == ()


def test_failure_without_retries_is_exit_code_1(stage: Stage) -> None:
    """One failed case is one attempt and exit code 1; the others are not touched."""
    result = stage.run({"a": ["failed"], "b": []})
    assert (result.exit_code, outcomes(result)) == (1, {"a": "failed", "b": "passed"})
    assert [row.attempt for row in result.rows] == [1, 1]


def test_pass_after_a_failure_is_flaky(stage: Stage) -> None:
    """A pass after a failure is flaky: green, unless the user wants it red."""
    assert stage.run({"a": ["failed", "passed"]}, retries=1).exit_code == 0
    result = stage.run({"a": ["failed", "passed"]}, retries=1, fail_on_flaky=True)
    assert (result.exit_code, outcomes(result)) == (1, {"a": "flaky"})


def test_failing_case_gets_its_retries_and_no_more(stage: Stage) -> None:
    """A case that keeps failing gets its retries and not one more."""
    result = stage.run({"a": ["failed"] * 9}, retries=2)
    assert (result.exit_code, result.rows[0].attempt) == (1, 3)


@pytest.mark.parametrize("word", ["error", "die"])
def test_errors_have_a_budget_of_their_own(stage: Stage, word: str) -> None:
    """Broken machinery is tried again without --retries, and a pass afterwards is no flake."""
    result = stage.run({"a": [word] * ERROR_BUDGET, "b": [word] * 9})
    assert (result.exit_code, outcomes(result)) == (3, {"a": "passed", "b": "error"})
    assert [row.attempt for row in result.rows] == [ERROR_BUDGET + 1] * 2


def test_a_dead_worker_costs_its_case_alone(stage: Stage) -> None:
    """The attempt of a worker that is gone is an error at once, without waiting for the lease."""
    result = stage.run({"a": [], "b": ["die"], "c": []})
    a, b, c = result.rows
    assert [verdicts(row) for row in (a, c)] == [[Verdict.PASSED]] * 2
    assert verdicts(b) == [Verdict.ERROR, Verdict.PASSED]
    assert b.attempts[0].error == "the worker died while it ran this case"
    assert stage.clock.now - NOW < LEASE_S


def test_a_silent_worker_is_lost_when_its_lease_ends(stage: Stage) -> None:
    """A worker on another machine may still be at work until its lease is over; then the case is tried again."""
    result = stage.run({"a": ["lost"]})
    assert (result.exit_code, outcomes(result), result.rows[0].attempt) == (0, {"a": "passed"}, 2)
    assert stage.clock.now - NOW >= LEASE_S


def test_a_job_nobody_ever_reports_is_lost(stage: Stage) -> None:
    """Silence is never green."""
    result = stage.run({"a": ["lost"] * 9, "b": []})
    assert (result.exit_code, outcomes(result)) == (3, {"a": "lost", "b": "passed"})


def test_a_late_report_changes_no_outcome(stage: Stage) -> None:
    """Once a run has ended, what it told is what stays."""
    result = stage.run({"a": ["lost"] * 9})
    [row] = result.rows
    assert (outcomes(result), verdicts(row)[-1], row.owner) == ({"a": "lost"}, Verdict.LOST, None)
    late = make_attempt(row.attempt, f"a/{row.attempt}")
    stage.store.finish(result.run.id, row.job.key, late)
    assert stage.store.jobs(result.run.id) == list(result.rows)


def test_max_failures_stops_the_run_with_a_note(stage: Stage) -> None:
    """After so many failures nothing new is tried; the run says why and can be taken up again."""
    scripts = {"a": ["failed"], "b": ["hang"], "c": []}
    result = stage.run(scripts, max_failures=1)
    assert result.exit_code == 3
    assert result.run.state is RunState.INTERRUPTED
    assert result.run.note == "stopped after 1 failures (--max-failures 1)"
    assert outcomes(result)["a"] == "failed"
    assert outcomes(result)["c"] in ("not_started", "cancelled")


def test_max_failures_waits_for_retries(stage: Stage) -> None:
    """A failure that may still turn out flaky does not stop the run."""
    result = stage.run({"a": ["failed"], "b": []}, max_failures=1, retries=1)
    assert (result.exit_code, outcomes(result)) == (0, {"a": "flaky", "b": "passed"})


def test_a_limit_met_by_the_last_job_is_an_ordinary_end(stage: Stage) -> None:
    """When nothing is left to stop, the run has finished."""
    header = stage.plan(["a", "b"], max_failures=1)
    executor = stage.executor(header, {"b": ["failed"]})
    poll_attempts, lingering = executor.poll_attempts, iter([{LINGERING}] * 5)
    executor.poll_attempts = lambda *looked: poll_attempts(*looked) or next(lingering, ())  # type: ignore[method-assign]
    result = stage.see(header, executor)
    assert (result.exit_code, result.run.state, result.run.note) == (1, RunState.FINISHED, None)


def test_resume_after_max_failures_goes_on(stage: Stage) -> None:
    """The failures of before do not stop the run a second time."""
    header = stage.plan(["a", "b", "c"], max_failures=1)
    first = stage.see(header, stage.executor(header, {"a": ["failed"], "b": ["hang"]}))
    assert first.run.state is RunState.INTERRUPTED
    again = take_over(stage.store, header.id, stage.clock())
    result = stage.see(again, stage.executor(again, {}))
    assert (result.exit_code, outcomes(result)) == (1, {"a": "failed", "b": "passed", "c": "passed"})
    assert result.run.state is RunState.FINISHED


def test_run_timeout_stops_the_run(stage: Stage) -> None:
    """The whole run stops after --timeout; what ran then is cancelled and told."""
    result = stage.run({"a": [], "b": ["hang"]}, timeout=2)
    assert (result.exit_code, result.run.note) == (3, "stopped after --timeout 2 s")
    assert outcomes(result) == {"a": "passed", "b": "cancelled"}
    assert result.rows[1].attempts[0].error == "stopped after --timeout 2 s"


@pytest.mark.parametrize(
    ("step", "word", "note"),
    [(-3600.0, "hang", "stopped after --timeout 2 s"), (1_000_000.0, "passed", None)],
    ids=["back", "forward"],
)
def test_run_timeout_ignores_a_clock_that_is_set(stage: Stage, step: float, word: str, note: str | None) -> None:
    """--timeout is a duration: whoever sets the clock meanwhile neither prolongs the run nor ends it."""
    header = stage.plan(["a", "b"], timeout=2)
    executor = stage.executor(header, {"a": [word], "b": [word]})
    stopwatch = Clock()

    def set_clock() -> None:
        stage.clock.now += step

    stopwatch.while_asleep.append(set_clock)
    result = Coordinator(stage.store, header, executor, [], stage.clock, stopwatch.sleep, stopwatch).run_to_completion()
    assert result.run.note == note


def test_run_ends_though_its_executor_does_not(stage: Stage) -> None:
    """Once every outcome is known the run ends, though a fixture of the suite hangs at its end."""
    header = stage.plan(["a"])
    executor = stage.executor(header, {})
    poll_attempts = executor.poll_attempts
    executor.poll_attempts = lambda *looked: poll_attempts(*looked) or {LINGERING}  # type: ignore[method-assign]
    result = stage.see(header, executor)
    assert (result.exit_code, result.run.state, executor.stopped) == (0, RunState.FINISHED, 1)


def test_cancelled_run_ends_and_keeps_its_passes(stage: Stage) -> None:
    """A run that is cancelled from elsewhere ends within a look; nothing that passed is forgotten."""
    header = stage.plan(["a", "b", "c"])
    executor = stage.executor(header, {"b": ["hang"], "c": ["hang"]})

    def cancel() -> None:
        if executor.made[-1:] == ["c"]:
            stage.store.update_run(header.id, state=RunState.CANCELLED)

    stage.clock.while_asleep.append(cancel)
    result = stage.see(header, executor)
    assert (result.exit_code, result.run.state, result.run.note) == (3, RunState.CANCELLED, "cancelled")
    assert outcomes(result) == {"a": "passed", "b": "cancelled", "c": "cancelled"}
    assert executor.stopped


def test_a_run_cancelled_while_it_ends_says_so(stage: Stage) -> None:
    """The end that is written never turns a cancelled run into a finished one."""
    header = stage.plan(["a"])
    executor = stage.executor(header, {})
    stop = executor.stop

    def stop_late() -> None:
        stage.store.update_run(header.id, state=RunState.CANCELLED)
        stop()

    executor.stop = stop_late  # type: ignore[method-assign]
    result = stage.see(header, executor)
    assert (result.run.state, result.run.note, result.exit_code) == (RunState.CANCELLED, "cancelled", 3)


def test_interrupted_run_ends_with_130_and_can_be_resumed(stage: Stage) -> None:
    """Ctrl-C ends the run in order: 130, the machinery stopped, everything written, then resume finishes it."""
    header = stage.plan(["a", "b", "c"])
    executor = stage.executor(header, {"b": ["hang"], "c": ["hang"]})

    def press() -> None:
        if executor.made[-1:] == ["c"]:
            signal.raise_signal(signal.SIGINT)

    stage.clock.while_asleep.append(press)
    result = stage.see(header, executor)
    assert (result.exit_code, result.run.state, executor.stopped) == (130, RunState.INTERRUPTED, 1)
    assert outcomes(result) == {"a": "passed", "b": "cancelled", "c": "cancelled"}

    stage.clock.while_asleep.clear()
    again = take_over(stage.store, header.id, stage.clock())
    second = stage.executor(again, {})
    result = stage.see(again, second)
    assert (result.exit_code, second.made) == (0, ["b", "c"])
    assert outcomes(result) == {"a": "passed", "b": "passed", "c": "passed"}


def test_a_second_ctrl_c_does_not_spoil_the_end(stage: Stage) -> None:
    """While the end is written, impatience is ignored, and the old handler is back afterwards."""
    header = stage.plan(["a"])
    executor = stage.executor(header, {})
    before = signal.getsignal(signal.SIGINT)
    stop = executor.stop

    def stop_impatiently() -> None:
        signal.raise_signal(signal.SIGINT)
        stop()

    executor.stop = stop_impatiently  # type: ignore[method-assign]
    assert stage.see(header, executor).exit_code == 0
    assert signal.getsignal(signal.SIGINT) is before


def test_vanished_tasks_end_the_run_with_an_error(stage: Stage) -> None:
    """Tasks that vanish end the run with an error, not never; what was reported stays."""
    header = stage.plan(["a", "b"])
    executor = stage.executor(header, {"b": ["ignore"] * 99})
    with pytest.raises(ExecutorError, match="makes no attempts"):
        stage.see(header, executor)
    ended = stage.store.run(header.id)
    assert (ended.state, executor.stopped) == (RunState.INTERRUPTED, 1)
    assert ended.note is not None
    assert [row.attempt for row in stage.store.jobs(header.id)] == [1, 0]


def test_a_task_dropped_once_is_submitted_again(stage: Stage) -> None:
    """One lost dispatch costs nothing but time."""
    result = stage.run({"a": ["ignore"], "b": []})
    assert (result.exit_code, [row.attempt for row in result.rows]) == (0, [1, 1])


def test_nothing_is_submitted_twice_while_it_waits(stage: Stage) -> None:
    """A job in the executor's queue is not handed over again at each look."""
    header = stage.plan(["a", "b", "c", "d"], retries=1)
    executor = stage.executor(header, {"a": ["failed"]})
    stage.see(header, executor)
    handed = [task for tasks in executor.submissions for task in tasks]
    assert sorted(handed) == [("a", 1), ("a", 2), ("b", 1), ("c", 1), ("d", 1)]


def test_broken_executor_interrupts_the_run_with_its_reason(stage: Stage) -> None:
    """Its reason reaches the user, the run is marked and can be resumed."""
    header = stage.plan(["a"])
    executor = stage.executor(header, {})

    def broken(tasks: Sequence[Task]) -> None:
        raise UsageError("test_a.py cannot be collected")

    executor.submit = broken  # type: ignore[method-assign]
    with pytest.raises(UsageError, match="cannot be collected"):
        stage.see(header, executor)
    ended = stage.store.run(header.id)
    assert (ended.state, ended.note) == (RunState.INTERRUPTED, "test_a.py cannot be collected")
    assert take_over(stage.store, header.id, stage.clock()).state is RunState.RUNNING


def test_a_store_that_breaks_stops_the_machinery(stage: Stage) -> None:
    """Without a store there is nothing to coordinate: no process is left behind."""
    header = stage.plan(["a", "b"])
    executor = stage.executor(header, {"a": ["hang"]})

    class Broken(SqliteStore):
        """Fails once the first attempt is under way."""

        def jobs(self, run_id: str) -> list[JobRow]:
            if executor.made:
                raise StoreError("the disk is full")
            return super().jobs(run_id)

    store = Broken(stage.path)
    try:
        with pytest.raises(ExecutorError, match="disk is full"):
            Coordinator(store, header, executor, [], stage.clock, stage.clock.sleep, stage.clock).run_to_completion()
    finally:
        store.close()
    assert executor.stopped


class Recorder:
    """A reporter that remembers, and breaks where told."""

    def __init__(self, breaks: Callable[[str], bool] = lambda _when: False) -> None:
        self.heard: list[str] = []
        self._breaks = breaks

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Remember."""
        self._hear("update")

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Remember."""
        self._hear(f"finish {run.state}")

    def _hear(self, what: str) -> None:
        self.heard.append(what)
        if self._breaks(what):
            raise RuntimeError("no room")


def test_reporters_hear_everything(stage: Stage) -> None:
    """They are told as the run goes on, and its end exactly once."""
    header, recorder = stage.plan(["a", "b"]), Recorder()
    stage.see(header, stage.executor(header, {}), recorder)
    assert recorder.heard[-1] == "finish finished"
    assert recorder.heard.count("update") == len(recorder.heard) - 1 > 1


def test_a_broken_reporter_never_hides_a_verdict(stage: Stage) -> None:
    """It is told about at the end; the other reporters and the exit code are as without it."""
    header, broken, sound = stage.plan(["a", "b"]), Recorder(lambda _: True), Recorder()
    result = stage.see(header, stage.executor(header, {"b": ["failed"]}), broken, sound)
    assert (result.exit_code, outcomes(result)) == (1, {"a": "passed", "b": "failed"})
    assert result.problems == ("Recorder stopped working: RuntimeError: no room",)
    assert sound.heard[-1] == "finish finished"
    assert result.unfinished == {"Recorder"}


def test_a_reporter_that_broke_on_the_way_still_gets_the_end(stage: Stage) -> None:
    """A moment without network must not cost the final pages; in between it is left alone."""
    header, shaky = stage.plan(["a", "b"]), Recorder(lambda when: when == "update")
    result = stage.see(header, stage.executor(header, {}), shaky)
    assert shaky.heard == ["update", "finish finished"]
    assert not result.unfinished
    assert len(result.problems) == 1


def test_durations_are_remembered(stage: Stage) -> None:
    """Of attempts that passed or failed; a job that did not end green is marked."""
    scripts = {
        "ok": [],
        "bad": ["failed"] * 2,
        "error": ["error"] * 3,
        "flaky": ["failed", "passed"],
        "skip": ["skipped"],
    }
    key = {case: Job("m", case, "chrome").key for case in scripts}
    stage.store.remember({key[case]: Past(7.0, True) for case in ("error", "skip")})
    stage.run(scripts, retries=1)
    past = stage.store.past(key.values())
    assert {case: past[key[case]] for case in scripts} == {
        "ok": Past(0.1, False),
        "bad": Past(0.1, True),
        "error": Past(7.0, True),
        "flaky": Past(0.1, False),
        "skip": Past(7.0, False),
    }


def test_rerun_remembers_only_what_it_tried(stage: Stage) -> None:
    """What passed before may have been overtaken by a later run."""
    header = stage.plan(["kept", "tried"])
    stage.see(header, stage.executor(header, {"tried": ["failed"]}))
    keys = [Job("m", case, "chrome").key for case in ("kept", "tried")]
    stage.store.remember({key: Past(9.0, True) for key in keys})
    again = take_over(stage.store, header.id, stage.clock(), layer=1)
    stage.see(again, stage.executor(again, {}))
    assert stage.store.past(keys) == {keys[0]: Past(9.0, True), keys[1]: Past(0.1, False)}


def test_a_store_that_cannot_remember_never_hides_a_verdict(stage: Stage) -> None:
    """It is told like a broken reporter; exit code, counts and pages are as ever."""

    class Forgetful(SqliteStore):
        """Has no room left."""

        def remember(self, past: Mapping[str, Past]) -> None:
            raise StoreError("no room")

    header, recorder = stage.plan(["a"]), Recorder()
    store = Forgetful(stage.path)
    try:
        executor = stage.executor(header, {"a": ["failed"]})
        result = Coordinator(
            store, header, executor, [recorder], stage.clock, stage.clock.sleep, stage.clock
        ).run_to_completion()
    finally:
        store.close()
    assert (result.exit_code, outcomes(result)) == (1, {"a": "failed"})
    assert result.problems == ("durations were not saved for later runs: StoreError: no room",)
    assert recorder.heard[-1] == "finish finished"


def test_resume_keeps_what_a_dead_coordinator_left(stage: Stage) -> None:
    """Only what did not end is tried; the worker that died with its coordinator is an error that is tried again."""
    header = stage.plan(["a", "b", "c"], coordinator=DEAD_PROCESS)
    stage.store.update_run(header.id, beat_at=NOW)
    for case, word in (("a", "passed"), ("b", "hang")):
        key = Job("m", case, "chrome").key
        owner = DEAD_PROCESS if word == "hang" else "w"
        assert stage.store.claim(header.id, key, 1, owner, NOW, LEASE_S)
        if word == "passed":
            assert stage.store.finish(header.id, key, make_attempt(owner=owner))
    again = take_over(stage.store, header.id, NOW + 1)
    executor = stage.executor(again, {})
    executor.dead.add(DEAD_PROCESS)
    result = stage.see(again, executor)
    assert (result.exit_code, sorted(executor.made)) == (0, ["b", "c"])
    assert [verdicts(row) for row in result.rows] == [
        [Verdict.PASSED],
        [Verdict.ERROR, Verdict.PASSED],
        [Verdict.PASSED],
    ]


def test_take_over_refuses_a_live_coordinator(stage: Stage) -> None:
    """Two coordinators for one run are a user's mistake that is told, and what to do instead."""
    header = stage.plan(["a"], coordinator=worker_id())
    stage.store.update_run(header.id, beat_at=NOW)
    with pytest.raises(UsageError, match="uitest cancel"):
        take_over(stage.store, header.id, NOW + 5)
    assert stage.store.run(header.id).beat_at == NOW


def test_take_over_after_a_long_silence(stage: Stage) -> None:
    """A coordinator on another machine is taken for dead when it has been silent for long."""
    header = stage.plan(["a"], coordinator="elsewhere/1/1")
    stage.store.update_run(header.id, beat_at=NOW)
    with pytest.raises(UsageError):
        take_over(stage.store, header.id, NOW + STALE_S - 1)
    taken = take_over(stage.store, header.id, NOW + STALE_S)
    assert (taken.state, taken.settings["coordinator"]) == (RunState.RUNNING, worker_id())


def test_take_over_waits_for_a_cancelled_run_to_end(stage: Stage) -> None:
    """Until its coordinator has ended it, a cancelled run is still somebody's."""
    header = stage.plan(["a"], coordinator=worker_id())
    stage.store.update_run(header.id, beat_at=NOW, state=RunState.CANCELLED)
    with pytest.raises(UsageError):
        take_over(stage.store, header.id, NOW + 1)
    stage.store.update_run(header.id, finished_at=NOW + 1)
    assert take_over(stage.store, header.id, NOW + 2).state is RunState.RUNNING


def test_take_over_needs_a_whole_plan(stage: Stage) -> None:
    """A run whose plan was never written whole cannot be resumed: nobody knows what is missing."""
    header = stage.plan(["a"])
    stage.store.update_run(header.id, state=RunState.PLANNING)
    with pytest.raises(UsageError, match="start a new one"):
        take_over(stage.store, header.id, NOW)
    with pytest.raises(UnknownRun):
        take_over(stage.store, "never", NOW)


def test_rerun_keeps_what_passed(stage: Stage) -> None:
    """A new layer tries what was not green, with fresh budgets, and leaves the rest alone."""
    header = stage.plan(["a", "b", "c", "d"], retries=1)
    scripts = {"b": ["failed"] * 2, "c": ["error"] * 3, "d": ["failed", "passed"]}
    first = stage.see(header, stage.executor(header, scripts))
    assert outcomes(first) == {"a": "passed", "b": "failed", "c": "error", "d": "flaky"}
    again = take_over(stage.store, header.id, stage.clock(), layer=1)
    executor = stage.executor(again, {"b": ["failed"]})
    result = stage.see(again, executor)
    assert sorted(executor.made) == ["b", "b", "c"]
    assert outcomes(result) == {"a": "passed", "b": "flaky", "c": "passed", "d": "flaky"}
    assert result.exit_code == 0
    assert [row.attempt for row in result.rows] == [1, 4, 4, 2]


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
)
def test_every_job_ends_exactly_once(
    scripts: list[list[str]], retries: int, flaky_is_red: bool, store: SqliteStore, path: Path
) -> None:
    """Whatever passes, fails, breaks, dies or falls silent: each job has the outcome that the rules give it."""
    stage = Stage(store, path)
    by_case = {f"c{n}": script for n, script in enumerate(scripts)}
    result = stage.run(by_case, retries=retries, fail_on_flaky=flaky_is_red)
    ends = outcomes(result)
    assert ends == {case: expected(script, retries) for case, script in by_case.items()}
    counts = count(fold(row, result.run, stage.clock()) for row in result.rows)
    assert result.exit_code == exit_code(counts, len(scripts), fail_on_flaky=flaky_is_red)
    assert result.run.counts == counts
    assert all(len({a.number for a in row.attempts}) == len(row.attempts) for row in result.rows)


@quick
@given(
    scripts=st.lists(st.lists(st.sampled_from([*WORDS, "hang"]), max_size=4), min_size=1, max_size=5),
    stop_at=st.integers(0, 12),
    how=st.sampled_from(["interrupt", "cancel"]),
)
def test_a_stop_at_any_moment_loses_nothing(
    scripts: list[list[str]], stop_at: int, how: str, store: SqliteStore, path: Path
) -> None:
    """Stopped anywhere and resumed, a run ends with one outcome for each job, and no pass is run again."""
    stage = Stage(store, path)
    by_case = {f"c{n}": script for n, script in enumerate(scripts)}
    header = stage.plan(list(by_case), timeout=1_000)
    naps = itertools.count()

    def stop() -> None:
        if next(naps) == stop_at:
            if how == "cancel":
                store.update_run(header.id, state=RunState.CANCELLED)
            else:
                raise KeyboardInterrupt

    stage.clock.while_asleep.append(stop)
    first = stage.see(header, stage.executor(header, by_case))
    green = {case for case, outcome in outcomes(first).items() if outcome in ("passed", "flaky", "skipped")}
    assert first.exit_code != 0 or len(green) == len(by_case)
    stage.clock.while_asleep.clear()
    again = take_over(store, header.id, stage.clock())
    executor = stage.executor(again, {})
    result = stage.see(again, executor)
    assert not green & set(executor.made)
    assert result.run.state is RunState.FINISHED
    assert set(outcomes(result).values()) <= {"passed", "flaky", "skipped", "failed", "error", "lost"}


def test_a_machine_that_fails_stops_the_machinery(stage: Stage) -> None:
    """A full disk while work is handed out: the run is interrupted, no process is left, and exit code 3 says why."""
    header = stage.plan(["a"])
    executor = stage.executor(header, {})

    def full(_tasks: Sequence[Task]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    executor.submit = full  # type: ignore[method-assign]
    with pytest.raises(ExecutorError, match="No space left on device; after fixing that, continue with: uitest resume"):
        stage.see(header, executor)
    assert executor.stopped
    assert stage.store.run(header.id).state is RunState.INTERRUPTED


def test_run_taken_over_by_another_is_left_alone(stage: Stage) -> None:
    """A coordinator that stood still ends its machinery and writes nothing."""
    header = stage.plan(["a", "b"], coordinator="first")
    executor = stage.executor(header, {"b": ["hang"]})
    stage.store.update_run(header.id, settings={**header.settings, "coordinator": "second"}, note="theirs")
    before = stage.store.run(header.id)
    with pytest.raises(TakenUp, match="taken over by another process"):
        stage.see(header, executor)
    assert executor.stopped
    assert stage.store.run(header.id) == before


def test_second_of_two_who_take_over_is_refused(stage: Stage) -> None:
    """Both have read the same header: the second is refused."""
    header = stage.plan(["a"])
    stage.store.update_run(header.id, state=RunState.INTERRUPTED, finished_at=NOW, beat_at=NOW)
    read = stage.store.run(header.id)

    class Late(SqliteStore):
        """Reads the header before the other one writes."""

        def run(self, run_id: str) -> Run:
            return read

    late = Late(stage.path)
    try:
        assert take_over(stage.store, header.id, NOW + 1).state is RunState.RUNNING
        with pytest.raises(UsageError, match="at the same moment"):
            take_over(late, header.id, NOW + 2)
    finally:
        late.close()
    assert stage.store.run(header.id).beat_at == NOW + 1


def test_run_cancelled_while_its_end_is_written_is_cancelled(stage: Stage) -> None:
    """Whoever cancels between the last look and the end has the last word."""
    header = stage.plan(["a"])

    class Cancelled(SqliteStore):
        """Somebody else cancels the run just before its end is written."""

        cancelled = False

        def update_run(self, run_id: str, expected: Mapping[str, Any] | None = None, **changes: Any) -> Run:
            if changes.get("finished_at") and not self.cancelled:
                self.cancelled = True
                super().update_run(run_id, state=RunState.CANCELLED, note="cancelled")
            return super().update_run(run_id, expected, **changes)

    store = Cancelled(stage.path)
    try:
        coordinator = Coordinator(
            store, header, stage.executor(header, {}), [], stage.clock, stage.clock.sleep, stage.clock
        )
        assert coordinator.run_to_completion().run.state is RunState.CANCELLED
    finally:
        store.close()


def test_run_is_red_when_a_row_vanishes(stage: Stage) -> None:
    """A job whose row is deleted while the run goes on makes it red, with a line that says so; the others end."""
    header = stage.plan(["a", "b"])

    def delete() -> None:
        with closing(sqlite3.connect(stage.path)) as database, database:
            database.execute("DELETE FROM jobs WHERE run = ? AND \"case\" = 'b'", (header.id,))

    stage.clock.while_asleep.append(delete)
    result = stage.see(header, stage.executor(header, {}))
    assert result.exit_code == 3
    assert result.run.error == "1 of 2 planned jobs are missing from the store"
    assert outcomes(result) == {"a": "passed"}


def test_vanished_run_ends_with_exit_code_3(stage: Stage) -> None:
    """A run that is deleted while it goes on ends with exit code 3 and a report of what was known."""
    header = stage.plan(["a", "b"])
    recorder, executor = Recorder(), stage.executor(header, {"a": ["hang"]})
    stage.clock.while_asleep.append(lambda: stage.store.delete_run(header.id))
    with pytest.raises(RowsLost, match="was deleted while it ran") as raised:
        stage.see(header, executor, recorder)
    assert raised.value.exit_code == 3
    assert executor.stopped
    assert recorder.heard[-1] == "finish interrupted"
