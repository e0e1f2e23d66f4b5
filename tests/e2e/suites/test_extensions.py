"""A run whose store, files, executor and reporter are those of other packages."""

import json
from zipfile import ZipFile

from tests.e2e.conftest import Project
from tests.support.extensions import EXAMPLES, install
from uitest import extensions

CASES = """
def test_passes():
    assert os.environ["UITEST_EXAMPLE"] == "plain"

def test_fails_once():
    ran("fails")
    assert len((HERE / "ran.txt").read_text().splitlines()) == 2, "long " * 5000
"""

WORDS = ("--executor", "plain", "--reporter", "lines", "--artifacts", "zip://kept/all.zip")
STORE = ("--store", "pickle:kept/store.pickle")


def test_run_with_an_extension_of_each_kind(project: Project) -> None:
    """Every attempt is made, kept, reported and announced; ``status`` reads the store again."""
    project.cases(CASES)
    (project.folder / "modules.json").write_text(
        json.dumps({"m": ["test_it::test_passes", "test_it::test_fails_once"]})
    )
    attempts = project.folder / "attempts.txt"
    environ = {"PYTHONPATH": str(EXAMPLES), "ATTEMPTS_FILE": str(attempts)}
    project.run("modules", "load", "modules.json", *STORE, environ=environ)
    project.run("run", "--run-id", "r", "--retries", "1", *STORE, *WORDS, environ=environ)
    status = json.loads(project.run("status", "r", "--json", *STORE, environ=environ).stdout)
    assert status["counts"] == {"passed": 1, "flaky": 1}
    assert (project.folder / "lines.txt").read_text().splitlines() == [
        "r test_it::test_passes passed",
        "r test_it::test_fails_once passed",
    ]
    assert sorted(line.rpartition(" ")[0] for line in attempts.read_text().splitlines()) == [
        "r m test_it::test_fails_once chrome 1 failed",
        "r m test_it::test_fails_once chrome 2 passed",
        "r m test_it::test_passes chrome 1 passed",
    ]
    with ZipFile(project.folder / "kept" / "all.zip") as archive:
        assert [name.rpartition("/")[2] for name in archive.namelist()] == ["detail.txt"]


def test_broken_extension_leaves_a_run_that_can_be_resumed(project: Project) -> None:
    """One line and exit code 2; nothing was run."""
    project.cases("def test_a(): pass")
    (project.folder / "modules.json").write_text(json.dumps({"m": ["test_it::test_a"]}))
    project.run("modules", "load", "modules.json")
    place = project.folder / "installed"
    install(place, "broken_one", extensions.REPORTERS, "bad = broken_one:make", "def make(): raise OSError('no paper')")
    environ = {"PYTHONPATH": str(place)}
    ended = project.run("run", "--run-id", "r", "--reporter", "bad", environ=environ, code=2)
    assert ended.stderr == "uitest: uitest.reporters: 'bad' of broken_one 1.0 is broken: OSError: no paper\n"
    (place / "broken_one.py").write_text(
        "class make:\n    def update(self, *_): pass\n    def finish(self, *_): print('told')\n"
    )
    assert "told" in project.run("resume", "r", environ=environ).stdout


def test_hook_that_breaks_is_a_warning_of_the_attempt(project: Project) -> None:
    """And changes no verdict."""
    project.cases("def test_a(): pass")
    (project.folder / "cases" / "conftest.py").write_text(
        "def pytest_uitest_attempt_finished(attempt): raise ValueError(f'no {attempt.verdict}')\n"
    )
    (project.folder / "modules.json").write_text(json.dumps({"m": ["test_it::test_a"]}))
    project.run("modules", "load", "modules.json")
    project.run("run", "--run-id", "r")
    (attempt,) = project.rows("r")["test_it::test_a"].attempts
    assert attempt.verdict == "passed"
    assert attempt.warnings == ("the hook pytest_uitest_attempt_finished raised ValueError: no passed",)
