"""The function's handler, in processes of its own: attempts, deadlines, and what it leaves behind."""

import json
from pathlib import Path
from typing import Any

import pytest

from lambda_runner.init_phase import InitPhase
from tests.lambda_runner.conftest import Function
from tests.support.builders import make_run
from uitest.executors.attempt import Task
from uitest.model import Job, RunState, Verdict

MIXED = """
import pytest
seen = []
def test_pass(): seen.append(1); assert len(seen) == 1, "another invocation was here before"
def test_fail(): assert 1 == 2
def test_skip(): pytest.skip("not today")
"""


def verdicts(answer: dict[str, Any]) -> list[str | None]:
    """What the invocation says its attempts came to."""
    return [attempt["verdict"] for attempt in answer["attempts"]]


def test_attempts_are_made_and_reported(function: Function) -> None:
    """Several cases in one invocation: each has its row, its verdict and its part of the billed time."""
    function.cases(MIXED)
    answer = function.invoke(function.event(function.plan("test_pass", "test_fail", "test_skip")))
    assert (verdicts(answer), answer["problem"]) == (["passed", "failed", "skipped"], None)
    attempts = [row.attempts[0] for row in function.rows().values()]
    assert [attempt.verdict.value for attempt in attempts] == verdicts(answer)
    assert len({attempt.owner for attempt in attempts}) == 1
    assert attempts[0].owner.startswith("lambda:")
    billed = [attempt.billed_s or 0 for attempt in attempts]
    assert all(billed)
    assert sum(billed) <= answer["billed_s"]
    assert all(20 < (attempt.peak_mb or 0) < 2048 for attempt in attempts)
    assert {attempt.memory_mb for attempt in attempts} == {answer["memory_mb"]} == {2048}


@pytest.mark.slow
def test_init_phase_is_billed_with_the_first_attempt(function: Function) -> None:
    """The time that an environment took to start is a part of what its first attempt was billed, once."""
    function.cases("def test_a(): pass\ndef test_b(): pass\n")
    first, second = function.plan("test_a", "test_b")
    (function.folder / "old").mkdir()
    (function.folder / "old" / "sitecustomize.py").write_text("""
import time
def clock_gettime(clock, real=time.clock_gettime):
    return real(clock) + (1_000 if clock == time.CLOCK_BOOTTIME else 0)
time.clock_gettime = clock_gettime
""")
    environment = function.start(PYTHONPATH=f"{function.folder / 'old'}:{Path(__file__).parents[2]}")
    for task in (first, second):
        function.answer(environment, function.event([task]))
    billed = {case: row.attempts[0].billed_s or 0.0 for case, row in function.rows().items()}
    assert billed["test_a"] > 1_000 > billed["test_b"]
    assert InitPhase.ending_now().take() > 0


@pytest.mark.slow
def test_invocation_finds_no_state_of_the_one_before(function: Function) -> None:
    """Module state of case files does not survive; processes and files stay as they were."""
    function.cases(MIXED.replace("def test_fail", "def test_again(): test_pass()\ndef test_fail"))
    first, second = function.plan("test_pass", "test_again")
    environment = function.start()
    answers = [function.answer(environment, function.event([task])) for task in (first, second)]
    assert [verdicts(answer) for answer in answers] == [["passed"], ["passed"]]
    assert [(answer["children"], answer["files"]) for answer in answers] == [(0, 0)] * 2


def test_second_delivery_makes_no_attempt(function: Function) -> None:
    """The second one makes no attempt, and says so."""
    function.cases(MIXED)
    event = function.event(function.plan("test_pass"))
    environment = function.start()
    assert [verdicts(function.answer(environment, event)) for _ in range(2)] == [["passed"], [None]]
    assert function.rows()["test_pass"].attempt == 1


def test_stopped_run_begins_no_case(function: Function) -> None:
    """No case begins any more."""
    function.cases(MIXED)
    event = function.event(function.plan("test_pass"))
    environment = function.start()
    for state in (RunState.CANCELLED, RunState.INTERRUPTED):
        function.store.update_run("r", state=state)
        assert verdicts(function.answer(environment, event)) == [None], state
    assert function.rows()["test_pass"].attempt == 0


def test_deadline_fails_the_running_case_and_leaves_the_others(function: Function) -> None:
    """The case that runs then has timed out, the next ones are left to another invocation."""
    function.cases("import time\ndef test_slow(): time.sleep(60)\ndef test_next(): pass\n")
    answer = function.invoke(function.event(function.plan("test_slow", "test_next")), seconds=10)
    assert verdicts(answer) == ["failed", None]
    assert answer["lasted_s"] < 10
    rows = function.rows()
    # By its own limit, or on a busy machine by the function's, which ends soon after.
    assert (rows["test_slow"].attempts[0].error or "").startswith("case timed out")
    assert rows["test_next"].attempt == 0


@pytest.mark.slow
def test_case_that_no_signal_stops_is_killed_at_the_deadline(function: Function) -> None:
    """Killed in time, with its children, and reported as timed out."""
    function.cases("""
import signal, subprocess, time
def test_stuck():
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    time.sleep(600)
""")
    answer = function.invoke(function.event(function.plan("test_stuck")), seconds=10)
    assert verdicts(answer) == ["failed"]
    assert answer["lasted_s"] < 10
    assert (answer["children"], answer["files"]) == (0, 0)
    assert function.rows()["test_stuck"].attempts[0].error == "case timed out: the function's time was over"


def test_case_that_ends_its_process_has_failed(function: Function) -> None:
    """It has failed, whatever the exit code pretends; what follows it is not taken for run."""
    function.cases("""
import os, pytest
@pytest.mark.parametrize("code", [0, 1, 3, 4])
def test_exit(code): os._exit(code)
def test_next(): pass
""")
    environment = function.start()
    for code in (0, 1, 3, 4):
        run = f"r{code}"
        event = function.event(function.plan(f"test_exit[{code}]", "test_next", run=run), run=run)
        answer = function.answer(environment, event)
        assert verdicts(answer) == ["failed", None], code
        assert answer["problem"] == f"the case ended its own process with status {code}"
        rows = function.rows(run)
        assert rows[f"test_exit[{code}]"].owner is rows["test_next"].owner is None
        assert not any(attempt.final for row in rows.values() for attempt in row.attempts)


@pytest.mark.slow
def test_session_that_ends_badly_makes_the_run_red(function: Function) -> None:
    """Its cases passed, but the run is red with that reason."""
    function.cases("def test_pass(): pass\n")
    environment = function.start()
    hooks = {
        "def pytest_sessionfinish(session): session.exitstatus = 3": "pytest ended with exit status 3",
        "def pytest_sessionfinish(): 1 / 0": "a pytest_sessionfinish hook raised ZeroDivisionError",
        "@pytest.hookimpl(trylast=True)\ndef pytest_unconfigure(): 1 / 0": "pytest stopped with exit code 70",
        "import os\n@pytest.hookimpl(wrapper=True)\ndef pytest_unconfigure():\n    os._exit(1)\n    yield": (
            "pytest stopped with exit code 1"
        ),
    }
    for number, (hook, reason) in enumerate(hooks.items()):
        (function.folder / "cases" / "conftest.py").write_text(f"import pytest\n{hook}\n")
        run = f"r{number}"
        event = function.event(function.plan("test_pass", run=run), run=run)
        assert verdicts(function.answer(environment, event)) == ["passed"], hook
        assert reason in (function.store.run(run).error or "")


def test_case_files_that_cannot_be_imported_are_final_errors(function: Function) -> None:
    """Final errors that name the file; an event without tasks says the same and touches nothing."""
    function.cases("import nothing_of_that_name\n")
    tasks = function.plan("test_a", "test_b")
    environment = function.start()
    probe = function.answer(environment, function.event([]))
    assert "test_it.py cannot be collected: ModuleNotFoundError" in probe["problem"]
    assert [row.attempt for row in function.rows().values()] == [0, 0]
    assert verdicts(function.answer(environment, function.event(tasks))) == ["error", "error"]
    for row in function.rows().values():
        [attempt] = row.attempts
        assert (attempt.verdict, attempt.final) == (Verdict.ERROR, True)
        assert "nothing_of_that_name" in (attempt.error or "")


@pytest.mark.slow
def test_case_file_that_ends_the_process_costs_only_its_own_cases(function: Function) -> None:
    """Its cases are final errors, the others run, and an event without tasks finds no problem."""
    function.cases(MIXED)
    (function.folder / "cases" / "test_ends.py").write_text("import os\nos._exit(0)\n")
    environment = function.start()
    jobs = [Job("m", "test_ends::test_a", "chrome"), Job("m", "test_it::test_pass", "chrome")]
    function.store.create_run(make_run("r", planned=2), jobs)
    assert function.answer(environment, function.event([]))["problem"] is None
    answer = function.answer(environment, function.event([Task(job, 1) for job in jobs]))
    assert (verdicts(answer), answer["problem"]) == (["error", "passed"], None)
    [attempt] = function.rows()["test_ends::test_a"].attempts
    assert attempt.final
    assert attempt.error == "cases/test_ends.py ends the process that imports it: os._exit(0), at cases/test_ends.py:2"


def test_conftest_file_that_ends_the_process_is_named(function: Function) -> None:
    """It is named, though it has left no word."""
    function.cases(MIXED)
    (function.folder / "cases" / "conftest.py").write_text("import os; os._exit(0)")
    function.plan("test_pass")
    assert function.invoke(function.event([]))["problem"].startswith("cases/conftest.py ends the process")


def test_event_without_tasks_reports_no_problem(function: Function) -> None:
    """No problem, no attempts."""
    function.cases(MIXED)
    function.plan("test_pass")
    answer = function.invoke(function.event([]))
    assert (answer["problem"], answer["attempts"]) == (None, [])


@pytest.mark.slow
def test_case_ids_are_only_looked_up(function: Function) -> None:
    """Whatever an event calls a case, it is compared with the ids of collected ones."""
    function.cases(MIXED)
    cases = ("../x", "-p nothing", "test_it.py", "$(touch pwned)", "--collect-only")
    answer = function.invoke(function.event(function.plan(*cases)))
    assert verdicts(answer) == ["error"] * len(cases)
    assert all(row.attempts[0].final for row in function.rows().values())
    assert len(function.rows()) == len(cases)
    assert not list(function.folder.rglob("pwned"))


def test_bad_event_is_answered_with_the_reason(function: Function) -> None:
    """The answer says what is wrong with it, and the environment lives on."""
    environment = function.start()
    for event, message in (({}, "not from uitest"), ({"uitest": 2}, "version 2"), ({"uitest": 1}, "KeyError: 'url'")):
        assert message in function.answer(environment, json.dumps(event).encode())["error"]


@pytest.mark.parametrize("engine", ["chrome", pytest.param("firefox", marks=pytest.mark.slow), "webkit"])
def test_browsers_of_an_invocation_leave_nothing(function: Function, engine: str) -> None:
    """Each invocation has a browser of its own; its processes and files are gone with it."""
    function.cases("""
def test_a(driver):
    driver.get("data:text/html,<title>Shop</title>")
    assert driver.title == "Shop"
def test_b(driver): test_a(driver)
""")
    tasks = [Task(Job("m", f"test_it::{name}", engine), 1) for name in ("test_a", "test_b")]
    function.store.create_run(make_run("r", planned=2), [task.job for task in tasks])
    environment = function.start()
    for task in tasks:
        answer = function.answer(environment, function.event([task]))
        assert (verdicts(answer), answer["children"], answer["files"]) == (["passed"], 0, 0)
    assert {row.attempts[0].browser_version is None for row in function.rows().values()} == {False}


def test_log_is_lines_of_json(function: Function, tmp_path: Path) -> None:
    """With run, job and attempt, from the session's fork too; what pytest prints is in a line of its own."""
    function.cases("def test_leak(): assert 'hunter2-is' == 1, 'https://me:passw0rd@host'\n")
    event = json.loads(function.event(function.plan("test_leak")))
    event["options"]["mask"] = "SHOP_PASSWORD"
    file = tmp_path / "log.txt"
    environment = function.start(UITEST_LOG=f"info:{file}", SHOP_PASSWORD="hunter2-is")
    assert verdicts(function.answer(environment, json.dumps(event).encode())) == ["failed"]
    text = file.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    claimed = next(line for line in lines if line["message"] == "claimed")
    assert (claimed["run"], claimed["attempt"]) == ("r", 1)
    assert claimed["job"] == "m/test_it::test_leak/chrome"
    printed = next(line for line in lines if line["message"] == "what pytest printed")
    assert "1 failed" in printed["output"]
    assert printed["process"] != claimed["process"]
    assert lines[-1]["attempts"][0]["verdict"] == "failed"
    assert "hunter2" not in text
    assert "passw0rd" not in text


def test_log_level_that_does_not_exist_costs_no_invocation(
    function: Function, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is told in the log, on standard error."""
    function.cases(MIXED)
    environment = function.start(UITEST_LOG="loud")
    assert verdicts(function.answer(environment, function.event(function.plan("test_pass")))) == ["passed"]
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    assert any(line["level"] == "warning" and "UITEST_LOG='loud'" in line["message"] for line in lines)
