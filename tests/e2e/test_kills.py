"""Processes that are killed at the worst moment: nothing is lost, nothing is left behind."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Project
from tests.support.processes import alive, descendants, eventually
from uitest.model import Module, Verdict

FIVE = """
def test_a(): ran("a")
def test_b(): ran("b")
def test_c():
    ran("c")
    wait_for("go")
def test_d(): ran("d")
def test_e(): ran("e")
"""


def five(project: Project) -> None:
    """Five cases, the third of which waits."""
    project.cases(FIVE)
    project.modules(Module("m", tuple(f"test_it::test_{name}" for name in "abcde")))


@pytest.fixture
def killed(project: Project) -> Path:
    """The folder for temporary files of a run whose coordinator was killed during the third of five cases."""
    five(project)
    temporary = project.folder / "temporary"
    temporary.mkdir()
    project.environ["TMPDIR"] = str(temporary)
    running = project.start("run", "--run-id", "r")
    project.wait_until_ran("c")
    family = descendants(running.pid)
    assert len(family) >= 2
    running.kill()
    running.communicate()
    eventually(lambda: not alive(family), "every process of the run is gone")
    assert project.status("r")["state"] == "running"
    project.open_gate()
    return temporary


def left_in(temporary: Path) -> list[str]:
    """What is in a folder for temporary files, besides what pytest itself keeps there."""
    return [path.name for path in temporary.iterdir() if not path.name.startswith("pytest-of-")]


def test_killed_coordinator_leaves_nothing_and_resume_finishes(project: Project, killed: Path) -> None:
    """No process outlives it, and resume finishes the run without repeating what passed."""
    project.run("resume", "r")
    assert sorted(project.ran()) == ["a", "b", "c", "c", "d", "e"]
    status = project.status("r")
    assert (status["state"], status["counts"]) == ("finished", {"passed": 5})
    assert len(project.junit()) == 5
    assert [a.verdict for a in project.rows("r")["test_it::test_c"].attempts] == [Verdict.ERROR, Verdict.PASSED]
    assert left_in(killed) == []


@pytest.mark.slow
def test_next_run_removes_what_a_killed_coordinator_left(project: Project, killed: Path) -> None:
    """Another run, which knows nothing of the first, leaves no folder of either in the one for temporary files."""
    assert left_in(killed)
    project.run("run", "--run-id", "next")
    assert left_in(killed) == []
    assert project.status("r")["state"] == "running"


def test_only_the_case_of_a_killed_worker_is_tried_again(project: Project) -> None:
    """Only the case it was running is tried again, as broken machinery, and nobody waits for its lease."""
    five(project)
    running = project.start("run", "--run-id", "r")
    project.wait_until_ran("c")
    os.kill(project.process_of("c"), signal.SIGKILL)
    project.open_gate()
    project.end(running)
    assert sorted(project.ran()) == ["a", "b", "c", "c", "d", "e"]
    rows = project.rows("r")
    verdicts = {case: [attempt.verdict for attempt in row.attempts] for case, row in rows.items()}
    assert verdicts.pop("test_it::test_c") == [Verdict.ERROR, Verdict.PASSED]
    assert set(map(tuple, verdicts.values())) == {(Verdict.PASSED,)}
    assert rows["test_it::test_c"].attempts[0].error == "the worker died while it ran this case"


@pytest.mark.slow
def test_case_that_ends_its_own_process_has_failed(project: Project) -> None:
    """It has failed, with how its process ended, and is flaky if a retry passes; only a killed worker is an error."""
    project.cases("""
import signal

def times(name):
    ran(name)
    return [line.split()[0] for line in (HERE / "ran.txt").read_text().splitlines()].count(name)

def test_exit(): os._exit(0)
def test_once():
    if times("once") == 1: os._exit(7)
def test_stuck(): sum(range(10**12))  # in C, where no exception can be raised
def test_killed():
    if times("killed") == 1: os.kill(os.getpid(), signal.SIGKILL)
def test_good(): pass
""")
    (project.folder / "cases" / "conftest.py").write_text(
        "from uitest.plugin.timing import timeout\ntimeout.GRACE_S = 0.3\n"
    )
    project.modules(Module("m", tuple(f"test_it::test_{name}" for name in ("exit", "once", "stuck", "killed", "good"))))
    project.run("run", "--run-id", "r", "--retries", "1", "--case-timeout", "1", code=1)
    attempts = {
        case.removeprefix("test_it::test_"): [(attempt.verdict, attempt.error) for attempt in row.attempts]
        for case, row in project.rows("r").items()
    }
    passed = (Verdict.PASSED, None)
    assert attempts.pop("stuck")[0][1].startswith("timed out or aborted: the case's process got SIGABRT")
    assert attempts == {
        "exit": [(Verdict.FAILED, "the case ended its own process with status 0")] * 2,
        "once": [(Verdict.FAILED, "the case ended its own process with status 7"), passed],
        "killed": [(Verdict.ERROR, "the worker died while it ran this case"), passed],
        "good": [passed],
    }
    assert project.status("r")["counts"] == {"passed": 2, "failed": 2, "flaky": 1}


LEASE = {"UITEST_LEASE": "3"}


def test_report_of_a_worker_that_stood_still_counts_if_nobody_took_its_case(project: Project) -> None:
    """For longer than its lease: nobody has taken the case yet when it wakes up, and its report counts."""
    five(project)
    running = project.start("run", "--run-id", "r", environ=LEASE)
    project.wait_until_ran("c")
    worker = project.process_of("c")
    os.kill(worker, signal.SIGSTOP)
    eventually(lambda: (project.rows("r")["test_it::test_c"].lease_until or 0) < time.time(), "its lease is over")
    project.open_gate()
    os.kill(worker, signal.SIGCONT)
    project.end(running)
    assert {name: project.ran().count(name) for name in "abcde"} == dict.fromkeys("abcde", 1)
    assert project.status("r")["counts"] == {"passed": 5}


@pytest.mark.slow
def test_case_of_a_worker_that_never_wakes_up_is_tried_again(project: Project) -> None:
    """Its case is tried again by another one, and the run does not wait for it."""
    five(project)
    running = project.start("run", "--run-id", "r", environ=LEASE)
    project.wait_until_ran("c")
    worker = project.process_of("c")
    os.kill(worker, signal.SIGSTOP)
    eventually(lambda: project.ran().count("c") == 2, "the case runs again")
    project.open_gate()
    project.end(running)
    assert project.process_of("c") != worker
    assert [a.verdict for a in project.rows("r")["test_it::test_c"].attempts] == [Verdict.ERROR, Verdict.PASSED]
    assert project.status("r")["counts"] == {"passed": 5}


def is_silent(project: Project) -> bool:
    """Whether the run's coordinator has given no sign of life for longer than its lease."""
    with project.store() as store:
        return time.time() - (store.run("r").beat_at or 0) > float(LEASE["UITEST_LEASE"])


@pytest.mark.slow
def test_coordinator_that_stood_still_goes_on_if_nobody_took_its_run(project: Project) -> None:
    """For longer than its lease: its workers go on meanwhile, and it ends the run when it wakes up."""
    five(project)
    running = project.start("run", "--run-id", "r", environ=LEASE)
    project.wait_until_ran("c")
    running.send_signal(signal.SIGSTOP)
    project.open_gate()
    project.wait_until_ran("e")
    eventually(lambda: is_silent(project), "it is taken for dead")
    assert project.status("r")["state"] == "running"
    running.send_signal(signal.SIGCONT)
    project.end(running)
    assert project.ran() == list("abcde")
    status = project.status("r")
    assert (status["state"], status["counts"], status["error"]) == ("finished", {"passed": 5}, None)
    assert set(project.junit().values()) == {"passed"}


@pytest.mark.slow
def test_coordinator_that_was_taken_over_ends_itself(project: Project) -> None:
    """Another one takes the run up meanwhile; the first ends itself when it wakes up, and writes nothing."""
    five(project)
    first = project.start("run", "--run-id", "r", environ=LEASE)
    project.wait_until_ran("c")
    first.send_signal(signal.SIGSTOP)
    eventually(lambda: is_silent(project), "it is taken for dead")
    second = project.start("resume", "r")

    def taken() -> bool:
        with project.store() as store:
            return f"/{second.pid}/" in store.run("r").settings["coordinator"]

    eventually(taken, "another has taken the run up")
    first.send_signal(signal.SIGCONT)
    assert "was taken over by another process" in project.end(first, code=3).stderr
    project.open_gate()
    project.end(second)
    status = project.status("r")
    assert (status["state"], status["counts"]) == ("finished", {"passed": 5})


@pytest.mark.slow
@pytest.mark.parametrize(
    "stop",
    [
        pytest.param(signal.SIGINT, id="ctrl-c"),
        pytest.param(signal.SIGTERM, id="container-stopped", marks=pytest.mark.slow),
    ],
)
def test_interrupted_run_ends_its_browsers_and_can_be_resumed(project: Project, stop: signal.Signals) -> None:
    """130, browsers gone, files written, what did not end is told, and resume finishes the run."""
    project.cases("""
def test_a(): ran("a")
def test_b(driver, base_url):
    driver.get(base_url)
    ran("b")
    wait_for("go")
def test_c(): ran("c")
""")
    project.modules(Module("m", tuple(f"test_it::test_{name}" for name in "abc")))
    running = project.start("run", "--run-id", "r")
    project.wait_until_ran("b")
    family = descendants(running.pid)
    names = {Path(f"/proc/{pid}/comm").read_text().strip() for pid, _ in alive(family)}
    assert any("chrom" in name for name in names), names
    running.send_signal(stop)
    output = project.end(running, code=130).stderr
    assert "1 passed, 1 cancelled, 1 not started" in output
    assert "uitest resume r" in output
    eventually(lambda: not alive(family), "every process of the run is gone, browsers included")

    status = project.status("r")
    assert (status["state"], status["note"]) == ("interrupted", "interrupted by its user")
    results = project.junit()
    assert results.pop("test_it::test_a") == "passed"
    assert len(results) == 2
    assert "passed" not in results.values()
    assert "runs/r/" in (project.folder / ".uitest" / "site" / "index.html").read_text()

    project.open_gate()
    project.run("resume", "r")
    assert project.status("r")["counts"] == {"passed": 3}
    assert sorted(project.ran()) == ["a", "b", "b", "c"]


LOSE = """
def test_a():
    ran("a")
    {how}

def test_b():
    ran("b")
    time.sleep(0.5)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [
        "import shutil; shutil.rmtree(HERE.parent / '.uitest')",
        "import sqlite3; db = HERE.parent / '.uitest/uitest.db'; db.unlink(); sqlite3.connect(db).execute('VACUUM')",
    ],
    ids=["deleted", "replaced"],
)
def test_run_whose_database_is_lost_ends_with_exit_code_3(project: Project, how: str) -> None:
    """A case that deletes the run's database ends the run with 3 and a line; the JUnit file is not green."""
    project.cases(LOSE.format(how=how))
    project.modules(Module("m", ("test_it::test_a", "test_it::test_b")))
    message = project.run("run", "--run-id", "r", "--junit", "junit.xml", code=3).stderr.splitlines()[-1]
    assert message.startswith("uitest: the database ")
    assert "was deleted or replaced while it was in use, and its rows are lost" in message
    report = (project.folder / "junit.xml").read_text()
    assert 'name="test_it::test_b"' in report
    assert 'errors="0"' not in report.splitlines()[1]
