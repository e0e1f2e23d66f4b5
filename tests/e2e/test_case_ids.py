"""Cases with ids of every kind are planned, found and run by the same ids."""

import json

import pytest

from tests.e2e.conftest import Project
from uitest.model import Module
from uitest.short_text import safe_name

NASTY = (
    "-",
    "#",
    "a/b",
    "../..",
    "two words",
    'say "x"',
    "it's",
    "[/red] :heart:",
    "<b>&amp;",
    "🎈 ✓",
    "x" * 300,
    "%2e$HOME",
)


@pytest.mark.slow
def test_run_passes_with_ids_of_every_kind(project: Project) -> None:
    """Ids are free text: the run passes, each job has its own page, and nothing is written elsewhere."""
    cases = "\n".join(f"@pytest.mark.case({text!r})\ndef test_{n}(): ran({n!r})\n" for n, text in enumerate(NASTY))
    project.cases(cases)
    run_id = 'run: "#1" [/x] / 🎈 -'
    project.modules(*(Module(f"{text}"[:299] + "!", (text,)) for text in NASTY), Module("all", NASTY))
    words = ("run", "--run-id", run_id, "--workers", "2")
    output = project.run(*words).stderr
    assert f"{2 * len(NASTY)} passed" in output
    status = project.status(run_id)
    assert {job["case"] for job in status["jobs"]} == set(NASTY)
    assert status["counts"] == {"passed": 2 * len(NASTY)}
    site = project.folder / ".uitest" / "site" / "runs" / safe_name(run_id)
    with project.store() as store:
        keys = [row.job.key for row in store.jobs(run_id)]
    assert [job["k"] for job in json.loads((site / "run.json").read_text())["jobs"]] == keys
    assert sorted(path.name for path in project.folder.iterdir()) == [".uitest", "cases"]
    assert set(project.junit()) == set(NASTY)


@pytest.mark.slow
def test_dry_run_sync_and_run_know_a_case_by_the_same_ids(project: Project) -> None:
    """Dry run, sync and run know a case by the same ids: two files of one name, a TestCase, a request at run time."""
    (project.folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\npythonpath = cases\n")
    project.cases("""
import unittest

class Shop(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _driver(self, request):
        self.driver, self.engine = request.getfixturevalue("driver"), request.getfixturevalue("uitest_browser")

    def test_pay(self):
        ran(f"TestCase-{self.engine}")
        assert self.driver.window_handles

def test_request(request):
    ran(f"request-{request.getfixturevalue('uitest_browser')}")
""")
    for folder in ("one", "two"):
        (project.folder / "cases" / folder).mkdir()
        project.cases(f"def test_pay(): ran('{folder}')\n", f"{folder}/test_shop.py")
    project.cases("def test_go(): ran('go')\n", "two/test_go.py")
    pay = ["one/test_shop::test_pay", "two/test_shop::test_pay"]
    rest = ["test_it::Shop::test_pay", "test_it::test_request"]

    file = project.folder / "cases" / "modules.json"
    file.write_text(json.dumps({"m": ["test_shop::test_pay"]}))
    unclear = f"'test_shop::test_pay' names 2 tests; use the id of one of them: {', '.join(pay)}"
    assert unclear in project.run("modules", "sync", code=2).stderr
    project.run("modules", "load", str(file))
    assert unclear in project.run("run", "--dry-run", code=2).stderr
    assert unclear in project.run("run", "--run-id", "unclear", code=2).stderr

    file.write_text(json.dumps({"m": [*pay, *rest, "two/test_go::test_go"]}))
    assert "In no module" not in project.run("modules", "sync").stdout
    assert "no such case" not in project.run("run", "--dry-run").stdout
    project.run("run", "--run-id", "r", "--browser", "chrome,webkit")
    assert sorted(project.ran()) == sorted(
        ["one", "two", "go"] * 2
        + [f"{who}-{engine}" for who in ("TestCase", "request") for engine in ("chrome", "webkit")]
    )


def test_project_without_a_module_table(project: Project) -> None:
    """A configuration file and case files are enough: run, and resume and rerun with the run's own section.

    Workers obey the run, not the file.
    """
    project.cases(
        "def test_a(uitest_settings):\n    ran('a')\n    assert uitest_settings.headless == 'new'\n"
        "    assert uitest_settings.locale == 'de' and (HERE / 'mended').exists()\n"
        "def test_b():\n    ran('b')\n    wait_for('mended')\n"
    )
    (project.folder / "uitest.toml").write_text(
        'headless = "shell"\nmax-failures = 1\nlocale = "fr"\n[ci]\nlocale = "de"\n'
    )
    section = ("--section", "ci")
    result = project.run("run", "--run-id", "r", "--headless", "new", *section, code=3)
    assert "Discovered 1 module with 2 cases in cases (the module table is empty)" in result.stderr
    (project.folder / "cases" / "mended").touch()
    (project.folder / "uitest.toml").write_text('headless = "shell"\n[ci]\nlocale = "de"\n')
    project.run("resume", "r", code=1)
    project.run("rerun", "r", "--failed")
    jobs = project.status("r")["jobs"]
    assert [(job["module"], job["case"], job["outcome"]) for job in jobs] == [
        ("test_it", "test_it::test_a", "passed"),
        ("test_it", "test_it::test_b", "passed"),
    ]
