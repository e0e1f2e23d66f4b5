"""Runs that end before all of their cases have: by a limit, a request, or a broken file."""

import os

import pytest

from tests.e2e.conftest import Project
from tests.support.processes import eventually
from uitest.model import Module


def test_case_timeout_and_fail_on_flaky_work_with_a_closed_terminal(project: Project) -> None:
    """--case-timeout stops a case, --fail-on-flaky reddens a run, and a closed terminal changes neither."""
    project.cases("""
def test_hangs():
    ran("hangs")
    if project_is_young():
        time.sleep(600)

def project_is_young():
    return (HERE / "ran.txt").read_text().count("hangs") == 1
""")
    project.modules(Module("m", ("test_it::test_hangs",)))
    reader, writer = os.pipe()
    os.close(reader)
    try:
        words = ("run", "--run-id", "r", "--case-timeout", "0.5", "--retries", "1", "--fail-on-flaky")
        project.end(project.start(*words, stderr=writer), code=1)
    finally:
        os.close(writer)
    assert project.status("r")["counts"] == {"flaky": 1}
    assert project.rows("r")["test_it::test_hangs"].attempts[0].error == "case timed out after 0.5 s"
    assert "runs/r/" in (project.folder / ".uitest" / "site" / "index.html").read_text()


@pytest.mark.slow
def test_max_failures_stops_the_run_and_resume_goes_on(project: Project) -> None:
    """The run stops at the limit and says so; resume goes on where it stopped."""
    project.cases("""
def test_bad():
    ran("bad")
    assert False

def test_next():
    ran("next")
    wait_for("go")

def test_last(): ran("last")
""")
    project.modules(Module("m", tuple(f"test_it::test_{name}" for name in ("bad", "next", "last"))))
    output = project.run("run", "--run-id", "r", "--max-failures", "1", code=3).stderr
    assert "stopped after 1 failures" in output
    assert "uitest resume r" in output
    assert "last" not in project.ran()
    status = project.status("r")
    assert status["state"] == "interrupted"
    assert status["counts"]["failed"] == 1
    assert "running" not in status["counts"]
    project.open_gate()
    project.run("resume", "r", code=1)
    assert project.status("r")["counts"] == {"passed": 2, "failed": 1}
    assert (project.ran().count("bad"), project.ran().count("last")) == (1, 1)


def test_run_that_takes_too_long_ends_with_exit_code_3(project: Project) -> None:
    """A run that takes too long ends with 3 and tells what is missing."""
    project.cases("def test_waits():\n    wait_for('never')\n")
    project.modules(Module("m", ("test_it::test_waits",)))
    assert "stopped after --timeout 2 s" in project.run("run", "--run-id", "r", "--timeout", "2", code=3).stderr
    status = project.status("r")
    assert (status["state"], status["note"]) == ("interrupted", "stopped after --timeout 2 s")
    assert set(status["counts"]) <= {"cancelled", "not_started"}
    assert project.junit()["test_it::test_waits"] != "passed"


def test_cancel_from_another_process_ends_the_run(project: Project) -> None:
    """The coordinator ends the run within a look; cancelling twice is a mistake."""
    project.cases("""
def test_a(): ran("a")
def test_b():
    ran("b")
    wait_for("never")
def test_c(): ran("c")
""")
    project.modules(Module("m", tuple(f"test_it::test_{name}" for name in "abc")))
    running = project.start("run", "--run-id", "r")
    project.wait_until_ran("b")
    refused = project.run("resume", "r", code=2).stderr
    assert "uitest cancel r" in refused
    assert "is already in the store" in project.run("run", "--run-id", "r", code=2).stderr
    project.run("cancel", "r")
    project.end(running, code=3)
    status = project.status("r")
    assert (status["state"], status["counts"]) == ("cancelled", {"passed": 1, "cancelled": 2})
    assert project.ran() == ["a", "b"]
    assert "over (cancelled)" in project.run("cancel", "r", code=2).stderr


@pytest.mark.slow
def test_broken_case_files_end_the_run_which_can_be_resumed(project: Project) -> None:
    """A file that cannot be imported, and two cases with one id: one line, exit code 2, and the run can go on."""
    project.cases("def test_a(): ran('a')\n")
    project.cases("import nothing_of_this_name\n", "test_broken.py")
    project.modules(Module("m", ("test_it::test_a",)))
    lines = project.run("run", "--run-id", "r", code=2).stderr.splitlines()
    assert lines[-1].startswith("uitest: ")
    assert "test_broken.py" in lines[-1]
    assert "nothing_of_this_name" in lines[-1]
    assert project.status("r")["counts"] == {"not_started": 1}

    project.cases(
        "@pytest.mark.case('twin')\ndef test_x(): pass\n@pytest.mark.case('twin')\ndef test_y(): pass\n",
        "test_broken.py",
    )
    lines = project.run("resume", "r", code=2).stderr.splitlines()
    assert lines[-1].startswith("uitest: case id 'twin' names two tests")
    assert "test_x" in lines[-1]
    assert "test_y" in lines[-1]

    (project.folder / "cases" / "test_broken.py").unlink()
    project.run("resume", "r")
    assert project.ran() == ["a"]
    eventually(lambda: project.status("r")["state"] == "finished", "the run has ended")
