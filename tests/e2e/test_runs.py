"""Whole runs from their words to their pages."""

import json
import os
from xml.etree import ElementTree

from tests.e2e.conftest import Project
from tests.support.processes import eventually
from uitest.model import Module, Verdict, safe_name


def test_green_run_agrees_in_exit_code_junit_pages_and_json(project: Project) -> None:
    """Load, run, look: exit code 0, JUnit, pages and JSON agree, whatever the project's own pytest options are."""
    (project.folder / "pytest.ini").write_text("[pytest]\naddopts = -x\n")
    project.cases("""
def test_a():
    ran("a")
    from uitest.plugin.timing import timeout
    assert timeout.current().left > 60, "no limit for a case that hangs"
@pytest.mark.case("tc-b")
def test_b(base_url): assert base_url.startswith("http://127.0.0.1:")
def test_c(): pytest.skip("not today")
""")
    (project.folder / "cases" / "modules.json").write_text(
        json.dumps({"one": ["test_it::test_a", "tc-b"], "two": ["test_it::test_a", "test_it::test_c"]})
    )
    assert "2 modules with 4 cases" in project.run("modules", "load", "cases/modules.json").stdout
    protected = ("--protected-branches", "main", "--protected-branches", "release/*,hotfix")
    output = project.run("run", "--run-id", "green", "--junit", "out/junit.xml", *protected).stderr
    assert "3 passed, 1 skipped" in output

    status = json.loads(project.run("status", "green", "--json").stdout)
    assert status == project.status("green")
    assert set(status) >= {"run", "state", "url", "counts", "jobs"}
    assert (status["run"], status["state"], status["url"]) == ("green", "finished", project.url)
    assert status["counts"] == {"passed": 3, "skipped": 1}
    assert all(
        set(job)
        == {"module", "case", "browser", "outcome", "attempts", "duration_s", "peak_mb", "error", "group", "quarantine"}
        for job in status["jobs"]
    )
    assert [(job["module"], job["case"]) for job in status["jobs"]] == [
        ("one", "test_it::test_a"), ("one", "tc-b"), ("two", "test_it::test_a"), ("two", "test_it::test_c"),
    ]  # fmt: skip
    assert {job["attempts"] for job in status["jobs"]} == {1}
    assert project.ran() == ["a", "a"]

    suite = ElementTree.parse(project.folder / "out" / "junit.xml").getroot()  # noqa: S314  our own file
    assert len(list(suite.iter("testcase"))) == 4
    assert not list(suite.iter("failure"))
    assert len(list(suite.iter("skipped"))) == 1
    site = project.folder / ".uitest" / "site"
    assert "runs/green/" in (site / "index.html").read_text()
    assert "tc-b" in (site / "runs" / "green" / "index.html").read_text()
    summary = json.loads((site / "index" / "green.json").read_text())
    assert summary["run"]["settings"]["protected_branches"] == "main,release/*,hotfix"


def test_failures_keep_their_files_and_rerun_tries_only_those(project: Project) -> None:
    """In Chrome: pictures and console of what failed are linked; a rerun tries only what was not green."""
    project.cases("""
def test_ok(driver, base_url):
    ran("ok")
    driver.get(base_url)
    assert driver.title == "Shop"

def test_broken(driver, base_url):
    ran("broken")
    driver.get(base_url)
    assert driver.title == "Shop" and (HERE / "mended").exists()

def test_slow():
    ran("slow")
    if not (HERE / "mended").exists():
        time.sleep(600)

def test_flaky():
    ran("flaky")
    assert (HERE / "ran.txt").read_text().count("flaky") > 1
""")
    project.modules(
        Module("odd", ("ghost", "test_it::test_flaky")),
        Module("shop", ("test_it::test_ok", "test_it::test_broken")),
        Module("slow", ("test_it::test_slow",), timeout=0.5),
    )
    output = project.run("run", "--run-id", "r", "--retries", "1", "--browser", "chrome", code=3).stderr
    assert "no case 'ghost'" in output
    rows = project.rows("r")
    assert {job["case"]: job["outcome"] for job in project.status("r")["jobs"]} == {
        "ghost": "error",
        "test_it::test_flaky": "flaky",
        "test_it::test_ok": "passed",
        "test_it::test_broken": "failed",
        "test_it::test_slow": "failed",
    }
    assert rows["test_it::test_slow"].attempts[-1].error == "case timed out after 0.5 s"
    assert [a.verdict for a in rows["test_it::test_flaky"].attempts] == [Verdict.FAILED, Verdict.PASSED]

    site = project.folder / ".uitest" / "site"
    broken = rows["test_it::test_broken"]
    assert len(broken.attempts) == 2
    page = (site / "runs" / "r" / "jobs" / f"{broken.job.key}.js").read_text()
    for name in ("screenshot.png", "console.log", "network.log", "page.html.txt"):
        link = f"artifacts/r/{broken.job.key}/2/{name}"
        assert link in page
        assert (site / link).stat().st_size > 0
    assert "the basket is broken" in (site / "artifacts" / "r" / broken.job.key / "2" / "console.log").read_text()
    assert (site / "artifacts" / "r" / broken.job.key / "2" / "screenshot.png").read_bytes()[1:4] == b"PNG"
    assert project.junit()["test_it::test_broken"] == "failure"

    project.open_gate("mended")
    project.cases("@pytest.mark.case('ghost')\ndef test_ghost(): ran('ghost')\n", "test_new.py")
    before = project.ran()
    project.run("rerun", "r", "--failed")
    assert sorted(project.ran()[len(before) :]) == ["broken", "ghost", "slow"]
    status = project.status("r")
    assert status["counts"] == {"passed": 4, "flaky": 1}
    assert set(project.junit().values()) == {"passed"}
    assert "Nothing to run again" in project.run("rerun", "r", "--failed").stderr


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


def test_files_that_cannot_be_written_at_the_end_are_warnings(project: Project) -> None:
    """Are told as a warning and not named as if they were there; the verdict stands."""
    project.cases("""
def test_a():
    site = Path(".uitest/pages")
    site.rename(".uitest/gone")
    site.touch()
    out = Path("out")
    out.rmdir()
    out.touch()
""")
    project.modules(Module("m", ("test_it::test_a",)))
    (project.folder / "out").mkdir()
    words = ("--site", ".uitest/pages", "--artifacts", ".uitest/artifacts", "--junit", "out/j.xml")
    output = project.run("run", *words).stderr
    assert "SiteReporter stopped working" in output
    assert "JunitReporter stopped working" in output
    assert "Status page" not in output
    assert "JUnit file" not in output


def test_jobs_that_share_a_driver_report_for_themselves(project: Project) -> None:
    """Each reports for itself, with its own pictures; modules do not share, and a retry gets a driver that works."""
    project.cases("""
@pytest.fixture(scope="session")
def member(driver_session, base_url):
    ran("login")
    driver_session.get(base_url)
    driver_session.add_cookie({"name": "member", "value": "ada"})
    return driver_session

def test_one(member):
    assert member.get_cookie("member")

def test_quits(member):
    ran("quits")
    if (HERE / "ran.txt").read_text().count("quits") == 1:
        member.quit()
    assert member.get_cookie("member")

def test_fails(member):
    assert member.get_cookie("member") and not member.title
""")
    names = ("test_it::test_one", "test_it::test_fails")
    project.modules(Module("m", (*names, "test_it::test_quits")), Module("n", names))
    project.run("run", "--run-id", "r", "--browser", "chrome", "--retries", "1", code=1)
    jobs = {(job["module"], job["case"].rpartition("_")[2]): job for job in project.status("r")["jobs"]}
    assert {name for name, job in jobs.items() if job["outcome"] == "failed"} == {("m", "fails"), ("n", "fails")}
    assert {name: jobs[name]["attempts"] for name in (("m", "one"), ("n", "one"), ("m", "quits"))} == {
        ("m", "one"): 1, ("n", "one"): 1, ("m", "quits"): 2,
    }  # fmt: skip
    logins = project.ran().count("login")
    assert logins >= 4, "one for each module, one after the driver was quit, one for the retries"
    with project.store() as store:
        attempts = [attempt for row in store.jobs("r") for attempt in row.attempts if "fails" in row.job.case]
    assert all("screenshot.png" in attempt.artifacts for attempt in attempts)


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
    found = project.run("run", "--run-id", "r", "--headless", "new", *section, code=3)
    assert "Discovered 1 module with 2 cases in cases (the module table is empty)" in found.stdout
    (project.folder / "cases" / "mended").touch()
    (project.folder / "uitest.toml").write_text('headless = "shell"\n[ci]\nlocale = "de"\n')
    project.run("resume", "r", code=1)
    project.run("rerun", "r", "--failed")
    jobs = project.status("r")["jobs"]
    assert [(job["module"], job["case"], job["outcome"]) for job in jobs] == [
        ("test_it", "test_it::test_a", "passed"),
        ("test_it", "test_it::test_b", "passed"),
    ]


def test_settings_of_pytest_that_leave_out_or_forbid_what_a_run_needs(project: Project) -> None:
    """They count for plain pytest: xdist is loaded, and nothing is left out because it passed before."""
    project.cases("def test_a():\n    ran('a')\ndef test_b():\n    ran('b')\n")
    (project.folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\naddopts = -p no:xdist --lf\n")
    failed = project.folder / ".pytest_cache" / "v" / "cache" / "lastfailed"
    failed.parent.mkdir(parents=True)
    failed.write_text('{"cases/test_it.py::test_a[chrome]": true, "cases/test_it.py::test_a": true}')
    found = project.run("run", "--run-id", "r")
    assert "Discovered 1 module with 2 cases" in found.stdout
    assert sorted(project.ran()) == ["a", "b"]
    (project.folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider --strict-config\n")
    project.run("run", "--run-id", "s")


def test_change_is_compared_with_its_base(project: Project) -> None:
    """Terminal, page and comment agree, and a second push to a red branch breaks what the first broke."""
    text = """
def test_ok(): pass
def test_red(): assert False
def test_mended(): assert {mended}
def test_basket(): assert "{branch}" == "main"
"""
    project.cases(text.format(branch="main", mended=False))
    project.modules(
        Module("m", ("test_it::test_ok", "test_it::test_red", "test_it::test_mended", "test_it::test_basket"))
    )
    first = project.run("run", "--against", "main", code=1, environ={"UITEST_BRANCH": "main"}).stderr
    assert "Not compared with a base: there is no earlier finished run of main." in first
    project.cases(text.format(branch="feature", mended=True))
    for push in ("one", "two"):
        words = ("run", "--run-id", push, "--against", "main")
        said = project.run(*words, code=1, environ={"UITEST_BRANCH": "feature"}).stderr
        lines = said[said.index("Broken by this change: 1") :].splitlines()
        assert [line.split(" · ")[0].split() for line in lines[1:6:2]] == [
            ["failed", "m", "/", "test_it::test_basket"],
            ["failed", "m", "/", "test_it::test_red"],
            ["passed", "m", "/", "test_it::test_mended"],
        ]
        found = "1 broken by this change, 1 red on the base too, 1 fixed."
        (sentence,) = (line for line in lines if line.startswith("Compared with main (run "))
        assert sentence.endswith(found)
        view = json.loads((project.folder / ".uitest" / "site" / "runs" / push / "run.json").read_text())
        assert view["compared"] == sentence
        assert [job.get("g") for job in view["jobs"]] == [None, "red_on_base", "fixed", "broken"]
        project.run("report", push, "--markdown", "out/comment.md")
        comment = (project.folder / "out" / "comment.md").read_text()
        assert "### Broken by this change: 1\n" in comment
        assert found in comment
    project.run("report", "two", "--against", "feature", "--markdown", "out/comment.md")
    assert "### Red on the base too: 2\n" in (project.folder / "out" / "comment.md").read_text()
