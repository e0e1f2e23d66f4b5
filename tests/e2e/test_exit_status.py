"""Exit statuses of pytest's sessions and processes that no case explains."""

import pytest

from tests.e2e.conftest import Project
from uitest.model import Module

EXIT_STATUS = """
def pytest_sessionfinish(session):
    if {where}:
        {what}
"""

CONTROLLER, WORKER = "not hasattr(session.config, 'workerinput')", "hasattr(session.config, 'workerinput')"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "what", "reason"),
    [
        (CONTROLLER, "session.exitstatus = 1", "pytest ended with exit status 1, which no case explains"),
        (WORKER, "session.exitstatus = 1", "pytest ended with exit status 1, which no case explains"),
        (CONTROLLER, "session.exitstatus = 4", "pytest ended with exit status 4, which no case explains"),
        (WORKER, "session.exitstatus = 3", "pytest ended with exit status 3, which no case explains"),
        (CONTROLLER, "1 / 0", "a pytest_sessionfinish hook raised ZeroDivisionError: division by zero"),
        (WORKER, "raise SystemExit(7)", "pytest ended with exit status 7, which no case explains"),
        (WORKER, "raise KeyboardInterrupt", "a pytest_sessionfinish hook raised KeyboardInterrupt"),
    ],
    ids=["controller", "worker", "controller's 4", "worker's 3", "controller raises", "worker exits", "interrupt"],
)
def test_unexplained_exit_status_makes_the_run_red(project: Project, where: str, what: str, reason: str) -> None:
    """The run is red with that reason, everywhere and for good, though every case passed."""
    project.cases("def test_a(): ran('a')\n")
    (project.folder / "cases" / "conftest.py").write_text(EXIT_STATUS.format(where=where, what=what))
    project.modules(Module("m", ("test_it::test_a",)))
    output = project.run("run", "--run-id", "r", code=3).stderr
    assert reason in " ".join(output.split())
    status = project.status("r")
    assert (status["counts"], status["state"]) == ({"passed": 1}, "finished")
    assert reason in status["error"]
    assert project.ran() == ["a"]
    assert project.junit() == {"nothing broke outside of the cases": "error", "test_it::test_a": "passed"}
    assert "Failed outside of its cases" in (project.folder / ".uitest/site/runs/r/run.json").read_text()
    if what == "session.exitstatus = 1":
        assert "start a new run" in project.run("rerun", "r", "--failed", code=3).stderr


def test_pytest_that_breaks_after_its_session_makes_the_run_red(project: Project) -> None:
    """Python's own exit status 1 is not taken for that of a failed case."""
    project.cases("def test_a(): ran('a')\n")
    (project.folder / "cases" / "conftest.py").write_text(
        "import pytest\n@pytest.hookimpl(trylast=True)\ndef pytest_unconfigure(config):\n"
        "    if not hasattr(config, 'workerinput'): raise RuntimeError('late')\n"
    )
    project.modules(Module("m", ("test_it::test_a",)))
    assert "pytest stopped with exit code 1: RuntimeError: late" in project.run("run", code=3).stderr


UNCONFIGURE = """
import os, pytest

@pytest.hookimpl(wrapper=True)
def pytest_unconfigure(config):
    if hasattr(config, "workerinput"):
        os._exit(int(os.environ["STATUS"]))
    return (yield)
"""


@pytest.mark.slow
def test_worker_that_ends_itself_behind_its_last_case_changes_no_case(project: Project) -> None:
    """Its cases keep their results and are not tried again; a bad exit status makes the run red, status 0 does not."""
    project.cases("def test_a(): ran('a')\ndef test_b(): ran('b')\n")
    (project.folder / "cases" / "conftest.py").write_text(UNCONFIGURE)
    project.modules(Module("m", ("test_it::test_a", "test_it::test_b")))
    reason = "a worker's process ended with status 7 outside of its cases: perhaps in a pytest_unconfigure hook"
    for status, code, error in (("7", 3, reason), ("0", 0, None)):
        project.run("run", "--run-id", f"r{status}", environ={"STATUS": status}, code=code)
        run = project.status(f"r{status}")
        assert (run["counts"], run["error"]) == ({"passed": 2}, error)
        assert [row.attempt for row in project.rows(f"r{status}").values()] == [1, 1]
    assert sorted(project.ran()) == ["a", "a", "b", "b"]


@pytest.mark.slow
def test_last_case_of_an_interrupted_worker_is_reported(project: Project) -> None:
    """Its last case is reported all the same: pytest-xdist gives a worker five seconds, which a busy machine takes."""
    project.cases("def test_a(): ran('a')\n")
    interrupt = EXIT_STATUS.format(where=WORKER, what="_thread.interrupt_main(); time.sleep(60)")
    interrupt = f"import _thread, time\n{interrupt}"  # as execnet does
    (project.folder / "cases" / "conftest.py").write_text(interrupt)
    project.modules(Module("m", ("test_it::test_a",)))
    project.run("run", "--run-id", "r")
    assert project.ran() == ["a"]


@pytest.mark.slow
def test_exit_status_of_a_hook_makes_the_run_red_though_the_retry_passes(project: Project) -> None:
    """A hook's own status is told apart from the case's 1, so a retry that passes does not make the run green."""
    project.cases("def test_a():\n    ran('a')\n    assert (HERE / 'ran.txt').read_text().count('a') > 1\n")
    only_first = EXIT_STATUS.format(where=WORKER + " and session.testsfailed", what="session.exitstatus = 42")
    (project.folder / "cases" / "conftest.py").write_text(only_first)
    project.modules(Module("m", ("test_it::test_a",)))
    project.run("run", "--run-id", "r", "--retries", "1", code=3)
    status = project.status("r")
    assert status["counts"] == {"flaky": 1}
    assert "exit status 42" in status["error"]


def test_exit_status_of_a_failed_case_does_not_make_the_run_red(project: Project) -> None:
    """A failed case makes pytest exit with 1 by itself; its retry passes, so the run is not blamed."""
    project.cases("def test_a():\n    ran('a')\n    assert (HERE / 'ran.txt').read_text().count('a') > 1\n")
    project.modules(Module("m", ("test_it::test_a",)))
    project.run("run", "--run-id", "r", "--retries", "1")
    assert project.status("r")["counts"] == {"flaky": 1}
