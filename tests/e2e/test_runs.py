"""Whole runs from their words to their pages."""

import json
from xml.etree import ElementTree

import pytest

from tests.e2e.conftest import Project
from uitest.model import Module, Verdict


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
    assert {"screenshot.png" in attempt.artifacts for attempt in attempts} == {True}


@pytest.mark.slow
def test_settings_of_pytest_that_leave_out_or_forbid_what_a_run_needs(project: Project) -> None:
    """They count for plain pytest: xdist is loaded, and nothing is left out because it passed before."""
    project.cases("def test_a():\n    ran('a')\ndef test_b():\n    ran('b')\n")
    (project.folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\naddopts = -p no:xdist --lf\n")
    failed = project.folder / ".pytest_cache" / "v" / "cache" / "lastfailed"
    failed.parent.mkdir(parents=True)
    failed.write_text('{"cases/test_it.py::test_a[chrome]": true, "cases/test_it.py::test_a": true}')
    result = project.run("run", "--run-id", "r")
    assert "Discovered 1 module with 2 cases" in result.stderr
    assert sorted(project.ran()) == ["a", "b"]
    (project.folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider --strict-config\n")
    project.run("run", "--run-id", "s")


@pytest.mark.slow
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
        stderr = project.run(*words, code=1, environ={"UITEST_BRANCH": "feature"}).stderr
        lines = stderr[stderr.index("Broken by this change: 1") :].splitlines()
        assert [line.split(" · ")[0].split() for line in lines[1:6:2]] == [
            ["failed", "m", "/", "test_it::test_basket"],
            ["failed", "m", "/", "test_it::test_red"],
            ["passed", "m", "/", "test_it::test_mended"],
        ]
        counts = "1 broken by this change, 1 red on the base too, 1 fixed."
        (sentence,) = (line for line in lines if line.startswith("Compared with main (run "))
        assert sentence.endswith(counts)
        view = json.loads((project.folder / ".uitest" / "site" / "runs" / push / "run.json").read_text())
        assert view["compared"] == sentence
        assert [job.get("g") for job in view["jobs"]] == [None, "red_on_base", "fixed", "broken"]
        project.run("report", push, "--markdown", "out/comment.md")
        comment = (project.folder / "out" / "comment.md").read_text()
        assert "### Broken by this change: 1\n" in comment
        assert counts in comment
    project.run("report", "two", "--against", "feature", "--markdown", "out/comment.md")
    assert "### Red on the base too: 2\n" in (project.folder / "out" / "comment.md").read_text()
