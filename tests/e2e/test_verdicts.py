"""Green means green: what plain pytest calls failed, whichever hook said so, no run calls passed."""

import subprocess
import sys

import pytest

from tests.e2e.conftest import Project
from uitest.model import Module, Verdict

HOOKS = """
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and getattr(item, "soft", None):
        report.outcome, report.longrepr = "failed", "soft: " + "; ".join(item.soft)

class Outer:
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if report.when == "call" and "outer" in item.name:
            report.outcome, report.longrepr = "failed", "said by the outermost wrapper"
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report):
        if report.when == "teardown" and "logged" in report.nodeid:
            report.outcome, report.longrepr = "failed", "said while it was logged"
        result = yield
        if report.when == "call" and "taken_back" in report.nodeid:
            report.outcome = "passed"
        return result

def pytest_sessionstart(session):
    session.config.pluginmanager.register(Outer())

def pytest_runtest_logreport(report):
    if report.when == "call" and "hook_breaks" in report.nodeid:
        raise RuntimeError("the hook is broken")
    if report.when == "call" and "hook_exits" in report.nodeid:
        pytest.exit("enough")
"""

CASES = r"""
import sys

def test_soft(request): request.node.soft = ["a", "b"]
def test_outer(): pass
def test_logged(): pass
def test_taken_back(): assert False, "it failed"
def test_replaced(request):
    request.node.soft = ["c"]
    assert False, "the case's own words"
@pytest.mark.xfail(strict=True, reason="bug 7")
def test_strict(): pass
@pytest.mark.xfail(reason="bug 8")
def test_expected(): assert False, "as ever"
def test_subtests(subtests):
    for n in range(3):
        with subtests.test(n=n): assert n != 1, f"number {n}"
def test_surrogate(): assert "x" == "\ud800", "a lone \ud800 surrogate"
def test_exit(): pytest.exit("the server is gone")
def test_interrupt(): raise KeyboardInterrupt
def test_sys_exit(): sys.exit(3)
@pytest.fixture
def leaves():
    yield
    pytest.exit("while it cleans up")
def test_teardown(leaves): pass
def test_hook_breaks(): pass
def test_hook_exits(): pass
def test_closed(): sys.stdout.close()
def test_closed_for_good():
    for number in (0, 1, 2): os.close(number)
def test_last(): pass
"""

WANTED = {
    "soft": (Verdict.FAILED, "soft: a; b"),
    "outer": (Verdict.FAILED, "said by the outermost wrapper"),
    "logged": (Verdict.FAILED, "said while it was logged (in teardown)"),
    "taken_back": (Verdict.FAILED, "pytest counted a failure that a hook removed from the report"),
    "replaced": (Verdict.FAILED, "soft: c"),
    "strict": (Verdict.FAILED, "[XPASS(strict)] bug 7"),
    "expected": (Verdict.SKIPPED, "bug 8"),
    "subtests": (Verdict.FAILED, "AssertionError: number 1"),
    "surrogate": (Verdict.FAILED, "AssertionError: a lone \\ud800 surrogate"),
    "exit": (Verdict.ERROR, "the case tried to end pytest: pytest.exit: the server is gone"),
    "interrupt": (Verdict.ERROR, "the case tried to end pytest: KeyboardInterrupt"),
    "sys_exit": (Verdict.ERROR, "the case tried to end pytest: SystemExit: 3"),
    "teardown": (Verdict.ERROR, "the case tried to end pytest: pytest.exit: while it cleans up"),
    "hook_breaks": (Verdict.ERROR, "a pytest hook raised RuntimeError: the hook is broken"),
    "hook_exits": (Verdict.ERROR, "a pytest hook raised pytest.exit: enough"),
    "closed": (Verdict.FAILED, "ValueError: I/O operation on closed file"),
    "closed_for_good": (Verdict.PASSED, None),
    "last": (Verdict.PASSED, None),
}


def test_verdict_is_the_outermost_reports_and_a_case_ends_only_itself(project: Project) -> None:
    """The verdict is what the outermost report says, and a case that wants to end pytest ends itself alone."""
    project.cases(CASES)
    (project.folder / "cases" / "conftest.py").write_text(HOOKS)
    project.modules(Module("m", tuple(f"test_it::test_{name}" for name in WANTED)))
    project.run("run", "--run-id", "r", "--workers", "2", code=3)
    rows = project.rows("r")
    attempts = {name: rows[f"test_it::test_{name}"].attempts[-1] for name in WANTED}
    assert {name: (attempt.verdict, attempt.error) for name, attempt in attempts.items()} == WANTED
    assert "number 1" in (attempts["subtests"].detail or "")


EXIT_STATUS = """
def pytest_sessionfinish(session):
    if {where}:
        {what}
"""


CONTROLLER, WORKER = "not hasattr(session.config, 'workerinput')", "hasattr(session.config, 'workerinput')"


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


def test_worker_that_ends_itself_behind_its_last_case_changes_no_case(project: Project) -> None:
    """Its cases keep their results and are not tried again; a bad exit status makes the run red, status 0 does not."""
    project.cases("def test_a(): ran('a')\ndef test_b(): ran('b')\n")
    (project.folder / "cases" / "conftest.py").write_text(UNCONFIGURE)
    project.modules(Module("m", ("test_it::test_a", "test_it::test_b")))
    reason = "a worker's process ended with status 7 outside of its cases: perhaps in a pytest_unconfigure hook"
    for status, code, error in (("7", 3, reason), ("0", 0, None)):
        project.run("run", "--run-id", f"r{status}", environ={"STATUS": status}, code=code)
        found = project.status(f"r{status}")
        assert (found["counts"], found["error"]) == ({"passed": 2}, error)
        assert [row.attempt for row in project.rows(f"r{status}").values()] == [1, 1]
    assert sorted(project.ran()) == ["a", "a", "b", "b"]


def test_last_case_of_an_interrupted_worker_is_reported(project: Project) -> None:
    """Its last case is reported all the same: pytest-xdist gives a worker five seconds, which a busy machine takes."""
    project.cases("def test_a(): ran('a')\n")
    interrupt = EXIT_STATUS.format(where=WORKER, what="_thread.interrupt_main(); time.sleep(60)")
    interrupt = f"import _thread, time\n{interrupt}"  # as execnet does
    (project.folder / "cases" / "conftest.py").write_text(interrupt)
    project.modules(Module("m", ("test_it::test_a",)))
    project.run("run", "--run-id", "r")
    assert project.ran() == ["a"]


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


def test_plain_pytest_is_red_for_the_same_hooks(project: Project) -> None:
    """With pytest alone these hooks and exit statuses are red too: the yardstick."""
    project.cases("def test_outer(): pass\n")
    (project.folder / "cases" / "conftest.py").write_text(HOOKS)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "cases"]
    plain = subprocess.run(words, cwd=project.folder, env=project.environ, check=False, capture_output=True)
    assert plain.returncode == 1
    (project.folder / "cases" / "conftest.py").write_text(EXIT_STATUS.format(where=True, what="session.exitstatus = 1"))
    plain = subprocess.run(words, cwd=project.folder, env=project.environ, check=False, capture_output=True)
    assert plain.returncode == 1


LEFT_OUT = """
def test_here(): pass
def test_elsewhere(): pass
def test_removed(): pass
def test_reported(): pass
def test_dropped(): pass
@pytest.mark.parametrize("text", ["", "b"])
def test_ids(text): assert text in ("", "b")
"""
SKIPPED = """
pytest.skip("not on this system", allow_module_level=True)
def test_a(): pass
@pytest.mark.case("tc-7")
def test_b(): pass
"""
REMOVES = """
collect_ignore = ["test_ignored.py"]

def pytest_collection_modifyitems(config, items):
    deselected = [item for item in items if "reported" in item.name]
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if "removed" not in item.name and item not in deselected]
"""


DROPS = """
def pytest_collection_modifyitems(config, items):
    dropped = [item for item in items if "dropped" in item.name]
    config.hook.pytest_deselected(items=dropped)
    items[:] = [item for item in items if item not in dropped]
"""
"""An installed plugin."""


def test_cases_that_are_left_out_are_skipped_or_name_who_left_them_out(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A module that skips itself is skipped; whoever left another case out is named; an empty parameter is an id."""
    (project.folder / "pytest.ini").write_text("[pytest]\naddopts = -k 'not elsewhere' -p drops\n")
    installed = tmp_path_factory.mktemp("installed")
    (installed / "drops.py").write_text(DROPS)
    project.environ["PYTHONPATH"] = str(installed)
    project.cases(LEFT_OUT)
    project.cases(SKIPPED, "test_skipped.py")
    project.cases("def test_a(): pass\n", "test_ignored.py")
    (project.folder / "cases" / "conftest.py").write_text(REMOVES)
    left_out = ("test_elsewhere", "test_removed", "test_reported", "test_dropped")
    collected = ("test_it::test_here", "test_skipped::test_a", "tc-7", "test_it::test_ids[]", "test_it::test_ids[b]")
    project.modules(
        Module("m", (*(f"test_it::{name}" for name in left_out), "test_ignored::test_a")), Module("n", collected)
    )
    output = project.run("run", "m", "n", "--run-id", "r", "--workers", "2", code=3).stderr
    attempts = {case: row.attempts for case, row in project.rows("r").items()}
    assert {len(tries) for tries in attempts.values()} == {1}, output
    assert {case: (tries[0].verdict, tries[0].error) for case, tries in attempts.items()} == {
        "test_it::test_here": (Verdict.PASSED, None),
        "test_it::test_ids[]": (Verdict.PASSED, None),
        "test_it::test_ids[b]": (Verdict.PASSED, None),
        "test_skipped::test_a": (Verdict.SKIPPED, "not on this system"),
        "tc-7": (Verdict.SKIPPED, "not on this system"),
        "test_it::test_elsewhere": (
            Verdict.ERROR,
            "case 'test_it::test_elsewhere' was deselected by -k not elsewhere; a run takes only what pytest would run",
        ),
        "test_it::test_removed": (
            Verdict.ERROR,
            "case 'test_it::test_removed' was removed by a pytest_collection_modifyitems hook of the package drops or "
            "cases/conftest.py:4, which did not report it as deselected; a run takes only what pytest would run",
        ),
        "test_it::test_dropped": (
            Verdict.ERROR,
            "case 'test_it::test_dropped' was deselected by the package drops; a run takes only what pytest would run",
        ),
        "test_it::test_reported": (
            Verdict.ERROR,
            "case 'test_it::test_reported' was deselected by cases/conftest.py:6; a run takes only what pytest would "
            "run",
        ),
        "test_ignored::test_a": (
            Verdict.ERROR,
            "case 'test_ignored::test_a' was not collected: test_ignored.py is left out by collect_ignore in a "
            "conftest file, --ignore or norecursedirs",
        ),
    }
    project.run("run", "n", "--dry-run")


ENDS = {
    "test_exits.py": "import sys\nsys.exit(3)",
    "test_interrupts.py": "raise KeyboardInterrupt",
    "test_gives_up.py": "pytest.exit('no site')",
    "test_quits.py": "import os\ndef quit():\n    os._exit(0)\nquit()",
    "test_argues.py": "import argparse; argparse.ArgumentParser().parse_args(['--nothing'])",
    "deeper/conftest.py": "import sys; sys.exit(4)",
    "test_folder/conftest.py": "import os; os._exit(1)",  # pytest loads it with that of the folder above
}
"""Files that end pytest when they are imported, behind two other lines."""

END_REASONS = {
    "test_exits": "test_exits.py tries to end pytest when it is imported: SystemExit: 3, at cases/test_exits.py:4: "
    "sys.exit(3)",
    "test_interrupts": "test_interrupts.py tries to end pytest when it is imported: KeyboardInterrupt, "
    "at cases/test_interrupts.py:3: raise KeyboardInterrupt",
    "test_gives_up": "test_gives_up.py tries to end pytest when it is imported: pytest.exit: no site, "
    "at cases/test_gives_up.py:3: pytest.exit('no site')",
    "test_quits": "test_quits.py ends the process that imports it: os._exit(0), at cases/test_quits.py:5",
    "test_argues": "test_argues.py tries to end pytest when it is imported: SystemExit: 2, at cases/test_argues.py:3: "
    "import argparse; argparse.ArgumentParser().parse_args(['--nothing'])",
    "deeper/test_in_deeper": "deeper/conftest.py tries to end pytest when it is imported: SystemExit: 4, "
    "at cases/deeper/conftest.py:3: import sys; sys.exit(4)",
    "test_folder/test_in_test_folder": "test_folder/conftest.py ends the process that imports it: os._exit(1), "
    "at cases/test_folder/conftest.py:3",
}
"""What is said of the cases in these files, behind the name of the case folder."""


@pytest.fixture
def ending(project: Project) -> Project:
    """A project in which one case file is sound and all others end pytest."""
    project.cases("def test_a(): ran('a')\n@pytest.mark.case('tc-1')\ndef test_b(): ran('b')\n")
    for folder in ("deeper", "test_folder"):
        (project.folder / "cases" / folder).mkdir()
        text = f"import pytest\n@pytest.mark.case('{folder}-7')\ndef test_c(): pass\n"
        (project.folder / "cases" / folder / f"test_in_{folder}.py").write_text(text)
    for name, text in ENDS.items():
        text = f"import pytest\n\n{text}\n@pytest.mark.case('{name}-9')\ndef test_c(): pass\n"
        (project.folder / "cases" / name).write_text(text)
    return project


def errors(project: Project, run: str) -> dict[str, list[str | None]]:
    """The errors of the cases that ended in error, behind the name of the case folder."""
    return {
        case: [attempt.error and attempt.error.removeprefix("cases/") for attempt in row.attempts]
        for case, row in project.rows(run).items()
        if row.attempts[-1].verdict is Verdict.ERROR
    }


def test_case_file_that_ends_pytest_costs_only_its_own_cases(ending: Project) -> None:
    """Each of its cases is an error that names file, line and call; all others run, once."""
    ids = [f"{name}::test_c" for name in END_REASONS]
    ending.modules(Module("m", ("test_it::test_a", "tc-1", *ids, "test_exits.py-9", "deeper-7")))
    ending.run("run", "--run-id", "r", "--workers", "2", code=3)
    wanted = {f"{name}::test_c": [reason] for name, reason in END_REASONS.items()}
    marked = {"test_exits.py-9": [END_REASONS["test_exits"]], "deeper-7": [END_REASONS["deeper/test_in_deeper"]]}
    assert errors(ending, "r") == wanted | marked
    assert sorted(ending.ran()) == ["a", "b"]
    assert ending.status("r")["counts"] == {"passed": 2, "error": 9}


def test_case_file_that_ends_pytest_is_a_case_of_its_own_where_cases_are_discovered(ending: Project) -> None:
    """A run is red for it; a dry run names it, and with ``modules sync`` the table stays as it was."""
    ending.run("run", "--run-id", "r", code=3)
    reasons = [
        END_REASONS.get(name.removesuffix(".py"), END_REASONS.get(f"{name[:-12]}/test_in_{name[:-12]}"))
        for name in ENDS
    ]
    assert errors(ending, "r") == {name: [reason] for name, reason in zip(ENDS, reasons, strict=True)}
    assert {row.job.module for row in ending.rows("r").values()} == {"test_it", *(name[:-3] for name in ENDS)}
    assert sorted(ending.ran()) == ["a", "b"]
    message = ending.run("run", "--dry-run", code=2).stderr
    assert all(f"cases/{reason}" in message for reason in reasons)
    assert f"cases/{reasons[0]}" in ending.run("modules", "sync", "--discover", code=2).stderr
    with ending.store() as store:
        assert store.modules() == []
    for name in ENDS:
        (ending.folder / "cases" / name).write_text("")
    ending.run("rerun", "r", "--failed", code=3)
    assert {row.attempts[-1].error for case, row in ending.rows("r").items() if case == "test_exits.py"} == {
        "case 'test_exits.py' stands for a file that ended pytest, and no longer does: start a new run for its cases"
    }


@pytest.mark.parametrize("words", [[], ["-n1", "--max-worker-restart=0"]], ids=["one process", "xdist"])
@pytest.mark.parametrize("name", ["test_exits.py", "test_quits.py"])
def test_plain_pytest_ends_as_without_uitest(project: Project, words: list[str], name: str) -> None:
    """With pytest alone such a file ends it in the same way as without our plugin."""
    (project.folder / "cases").mkdir()
    (project.folder / "cases" / name).write_text(ENDS[name])

    def plain(*more: str) -> tuple[int, bool]:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words, *more, "cases"],
            cwd=project.folder, env=project.environ, check=False, capture_output=True, text=True,
        )  # fmt: skip
        return done.returncode, "SystemExit" in done.stdout + done.stderr

    assert plain() == plain("-p", "no:uitest")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import os; os._exit(0)", "ends the process that imports it: os._exit(0), at cases/conftest.py:1"),
        ("import sys; sys.exit(3)", "tries to end pytest when it is imported: SystemExit: 3, at cases/conftest.py:1"),
        ("raise KeyboardInterrupt", "tries to end pytest when it is imported: KeyboardInterrupt, at cases/conftest"),
        ("import pytest; pytest.exit('x')", "tries to end pytest when it is imported: pytest.exit: x, at cases/conf"),
    ],
)
def test_conftest_file_of_all_cases_that_ends_pytest_is_named(project: Project, text: str, message: str) -> None:
    """It is named, with exit code 2, by a run and by its dry run, also where nothing of it can be caught."""
    project.cases("def test_a(): pass\n")
    (project.folder / "cases" / "conftest.py").write_text(text)
    project.modules(Module("m", ("test_it::test_a",)))
    for words in (("run",), ("run", "--dry-run")):
        assert f"cases/conftest.py {message}" in project.run(*words, code=2).stderr


@pytest.mark.parametrize("folder", ["cases", "cases/deeper", "cases/test_folder"])
def test_broken_conftest_file_is_named(project: Project, folder: str) -> None:
    """Its file, line and error are named, with exit code 2, by a run and by its dry run."""
    project.cases("def test_a(): pass\n")
    (project.folder / folder).mkdir(exist_ok=True)
    (project.folder / folder / "test_more.py").write_text("def test_b(): pass\n")
    (project.folder / folder / "conftest.py").write_text("import os\nimport nothing_of_this_name\n")
    project.modules(Module("m", ("test_it::test_a",)))
    for words in (("run",), ("run", "--dry-run")):
        message = project.run(*words, code=2).stderr.splitlines()[-1]
        assert message == (
            f"uitest: {folder}/conftest.py cannot be loaded: ModuleNotFoundError: No module named "
            f"'nothing_of_this_name', at {folder}/conftest.py:2: import nothing_of_this_name"
        )


def test_run_of_destructive_tests_reminds_of_it(project: Project) -> None:
    """At the start of a run and of a dry run, with the variable that makes an end of it, which then skips them."""
    project.cases("@pytest.mark.nondestructive\ndef test_harmless(): pass\ndef test_deletes(): ran('deletes')\n")
    project.modules(Module("m", ("test_it::test_harmless", "test_it::test_deletes")))
    reminder = "uitest: cases use @pytest.mark.nondestructive, but the tests without it run as well; to skip them, "
    assert project.run("run", "--dry-run").stderr.startswith(reminder)
    assert project.run("run").stderr.startswith(reminder)
    assert project.ran() == ["deletes"]
    guarded = {"SENSITIVE_URL": ".*"}
    assert reminder not in project.run("run", "--run-id", "r", environ=guarded).stderr
    assert project.status("r")["counts"] == {"passed": 1, "skipped": 1}
    assert project.ran() == ["deletes"]
