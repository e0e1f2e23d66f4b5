"""Suites as other teams write them run unchanged: plain pytest and ``uitest run`` come to the same verdicts."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Project
from tests.support.inner_pytest import WITH_BDD
from tests.support.plugins import DJANGO, installed, verdicts
from uitest.plugin.collection.case_discovery import collect_cases
from uitest.reporting.web_server import SiteServer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]

ENGINES = ("chrome", "firefox", "webkit")

VERDICTS = {
    "unittest_style": {
        "LoginTest::test_member_logs_in": "passed",
        "LoginTest::test_wrong_pins_are_refused": "passed",
        "LoginTest::test_fails_in_a_subtest": "failed",
        "LoginTest::test_cleanup_runs": "passed",
        "LoginTest::test_card_is_scanned": "skipped",
        "LoginTest::test_pin_is_remembered": "skipped",
        "ToolsTest::test_six_tools": "passed",
        "AskedForTest::test_title": "passed",
    },
    "page_objects": {
        "TestMembers::test_log_in[ada]": "passed",
        "TestMembers::test_log_in[grace]": "passed",
        "TestMembers::test_nobody": "passed",
        "TestMembers::test_wrong_locator": "failed",
        "test_sorting[mouse]": "passed",
        "test_sorting[keyboard]": "passed",
        "test_cheapest": "passed",
        "test_opens": "passed",  # two of them, in two files of one name
    },
    "bdd": {
        "test_ada_logs_in": "passed",
        "test_wrong_pins_are_refused[1042-0000]": "passed",
        "test_wrong_pins_are_refused[2077-2468]": "passed",
        "test_a_promise_that_is_not_kept": "failed",
    },
    "session_driver": {
        "test_login_is_done_once": "passed",
        "test_login_is_still_there": "passed",
        "test_wrong_title": "failed",
        "TestSteps::test_a_join_page_opens": "passed",
        "TestSteps::test_b_nobody_is_logged_in": "passed",
    },
    "pytest_selenium_style": {
        "test_title": "passed",
        "test_numbers[1]": "passed",
        "test_numbers[2]": "passed",
        "test_footer_link": "skipped",
        "test_session_is_known": "passed",
        "test_destructive": "failed",
    },
    "django_site": {
        "ToolShedTest::test_tools_are_listed": "passed",
        "ToolShedTest::test_a_tool_is_added": "passed",
        "ToolShedTest::test_a_tool_that_is_not_there": "failed",
        "test_empty_shed": "passed",
        "test_sorted_by_name": "passed",
    },
}
"""What each test of a suite comes to, in every engine; xfail counts as skipped, as it does for pytest."""


@pytest.fixture(scope="session")
def sample_site() -> Iterator[str]:
    """The address of the sample site."""
    with SiteServer(ROOT / "cases" / "site") as server:
        yield server.url


def names(case: str) -> str:
    """A case id without its file."""
    return case.partition("::")[2]


def by_pytest(project: Project, suite: Path) -> dict[tuple[str, str], str]:
    """Each test and engine with what plain pytest says of it; the engine of a test without a browser is empty."""
    report = project.folder / "pytest.xml"
    browsers = [f"--browser={engine}" for engine in ENGINES]
    subprocess.run(
        [sys.executable, "-m", "pytest", f"--base-url={project.url}", *browsers, f"--junitxml={report}", "-n2"],
        cwd=suite, env=project.environ, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    return {_split(name): word for name, word in verdicts(report)}


def _split(name: str) -> tuple[str, str]:
    """``test_x[ada-chrome]`` as ``("test_x[ada]", "chrome")``."""
    for engine in ENGINES:
        if name.endswith(f"[{engine}]"):
            return name.removesuffix(f"[{engine}]"), engine
        if name.endswith(f"-{engine}]"):
            return name.removesuffix(f"-{engine}]") + "]", engine
    return name, ""


@pytest.mark.parametrize("name", VERDICTS)
def test_suite_comes_to_the_same_verdicts(
    project: Project, sample_site: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """pytest, a run without a module table and modules sync know the same tests, and judge them alike."""
    expected = VERDICTS[name]
    suite = project.folder / "suite"
    shutil.copytree(ROOT / "tests" / "suites" / name, suite)
    project.environ["UITEST_URL"] = project.url = sample_site

    if name == "django_site":
        project.environ["PYTHONPATH"] = str(installed(DJANGO))
        monkeypatch.setenv("PYTHONPATH", project.environ["PYTHONPATH"])  # for collect_cases

    if name == "bdd":
        project.environ["PYTEST_ADDOPTS"] += f" {WITH_BDD}"

    words = by_pytest(project, suite)
    for test, verdict in expected.items():
        plain = test.rpartition("::")[2]
        engines = {engine: word for (case, engine), word in words.items() if case == plain}
        assert engines == dict.fromkeys(engines, verdict), (test, engines)
        assert set(engines) in ({*ENGINES}, {""}), test

    cases = collect_cases(str(suite)).unused(())
    assert {*map(names, cases)} == {*expected}
    browser = ("--browser", ",".join(ENGINES), "--cases", "suite")
    stderr = project.run("run", "--run-id", "all", "--workers", "2", *browser, code=1).stderr
    assert f"with {len(cases)} cases in suite" in stderr
    project.run("modules", "sync", "--discover", "--cases", "suite")
    project.run("run", "--dry-run", *browser)
    with project.store() as store:
        assert sorted(case for module in store.modules() for case in module.cases) == cases
    outcomes = {(job["case"], job["browser"]): job["outcome"] for job in project.status("all")["jobs"]}
    assert outcomes == {(case, engine): expected[names(case)] for case in cases for engine in ENGINES}
