"""Green means green: what plain pytest calls failed, whichever hook said so, no run calls passed."""

import subprocess
import sys

import pytest

from tests.e2e.conftest import Project
from tests.e2e.test_exit_status import EXIT_STATUS
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


@pytest.mark.slow
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


@pytest.mark.slow
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
