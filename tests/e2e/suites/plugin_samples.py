"""A small project for each plugin that ``docs/plugins.md`` names, and what becomes of its cases."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.plugins import DJANGO


@dataclass(frozen=True)
class Sample:
    """A project for one plugin and what becomes of its cases."""

    needs: str
    """Pinned packages; what this environment has already is not named."""
    cases: str
    run: Mapping[str, str]
    """Outcome of each test in a run."""
    plain: Mapping[str, str] = field(default_factory=dict)
    """What plain pytest says differently: passed, failed or skipped."""
    options: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    code: int = 1
    ends_plain_pytest: bool = False
    """Whether plain pytest's process ends in the middle, so that it writes no report."""
    check: Callable[[Path], None] = lambda _folder: None
    """Looks at what the run has left in the project's folder."""


def has_html_report(folder: Path) -> None:
    """The controller's report has every case."""
    text = (folder / "report.html").read_text()
    assert "test_good" in text
    assert "test_bad" in text


def has_allure_results(folder: Path) -> None:
    """Each case has a result of its own."""
    results = [json.loads(path.read_text()) for path in (folder / "allure").glob("*-result.json")]
    in_the_run = {result["status"]: result for result in results if "[m.chrome]" in result["name"]}
    assert set(in_the_run) == {"passed", "failed"}
    assert [step["name"] for step in in_the_run["passed"]["steps"]] == ["a step"]


GOOD_AND_BAD = "def test_good(): pass\ndef test_bad(): assert False\n"

SAMPLES = {
    "pytest-timeout": Sample(
        "pytest-timeout==2.4.0",
        """
@pytest.mark.timeout(0.3)
def test_marked(): time.sleep(60)
@pytest.mark.timeout(1)
def test_marked_with_driver(driver): time.sleep(60)
@pytest.mark.timeout(0.3, func_only=True)
def test_function_only(): time.sleep(60)
@pytest.mark.timeout(60)
def test_ours_is_nearer(driver): time.sleep(60)
def test_quick(driver): assert driver.title == ""
""",
        {
            "marked": "failed",
            "marked_with_driver": "failed",
            "function_only": "failed",
            "ours_is_nearer": "failed",
            "quick": "passed",
        },
        options="--uitest-case-timeout=2",
    ),
    "pytest-timeout-thread": Sample(
        "pytest-timeout==2.4.0",
        """
@pytest.mark.timeout(0.5, method="thread")
def test_hangs(): time.sleep(60)
@pytest.mark.timeout(60, method="thread")
def test_quick(): pass
""",
        {"hangs": "failed", "quick": "passed"},
        ends_plain_pytest=True,
    ),
    "faulthandler_timeout": Sample(
        "",
        """
def test_dumps():
    for _ in range(200):
        if "most recent call first" in (HERE.parent / "dump.txt").read_text(): return
        time.sleep(0.05)
    assert False, "nothing was dumped"
""",
        {"dumps": "passed"},
        files={
            "cases/conftest.py": """
import os
from _pytest.faulthandler import fault_handler_stderr_fd_key

def pytest_sessionstart(session):
    file = os.open("dump.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    session.config.stash[fault_handler_stderr_fd_key] = file
"""
        },
        options="-o faulthandler_timeout=0.1",
        code=0,
    ),
    "pytest-rerunfailures": Sample(
        "pytest-rerunfailures==16.7",
        """
@pytest.mark.flaky(reruns=2)
def test_unsteady(driver, base_url):
    ran("unsteady")
    driver.get(base_url)
    assert driver.get_cookies() == [], "a try sees what the one before it left"
    driver.add_cookie({"name": "left", "value": "1"})
    assert (HERE / "ran.txt").read_text().count("unsteady") > 1, "the first time"
@pytest.mark.flaky(reruns=1)
def test_bad():
    ran("bad")
    assert False, "every time"
def test_good(): pass
""",
        {"unsteady": "flaky", "bad": "failed", "good": "passed"},
        plain={"unsteady": "passed"},
    ),
    "pytest-check": Sample(
        "pytest-check==3.0.3",
        """
from pytest_check import check
def test_bad():
    check.equal(1, 2)
    check.equal(3, 4)
def test_good(): check.equal(1, 1)
""",
        {"bad": "failed", "good": "passed"},
    ),
    "pytest-subtests": Sample(
        "pytest-subtests==0.15.0",
        """
def test_bad(subtests):
    for n in range(3):
        with subtests.test(n=n): assert n != 1
def test_good(subtests):
    with subtests.test("one"): pass
""",
        {"bad": "failed", "good": "passed"},
    ),
    "pytest-bdd": Sample(
        "",  # this environment has it, for a suite of tests/suites
        """
from pytest_bdd import scenarios, given, then, parsers
scenarios("sums.feature")
@given(parsers.parse("the number {n:d}"), target_fixture="number")
def number(n): return n
@then(parsers.parse("it is {n:d}"))
def it_is(number, n): assert number == n
""",
        {"right": "passed", "wrong": "failed"},
        files={
            "cases/sums.feature": "Feature: Sums\n  Scenario: right\n    Given the number 1\n    Then it is 1\n"
            "  Scenario: wrong\n    Given the number 1\n    Then it is 2\n"
        },
    ),
    "pytest-django": Sample(
        DJANGO,
        """
from django.contrib.sites.models import Site
@pytest.mark.django_db
def test_good(): assert Site.objects.create(domain="a.example", name="a").pk
@pytest.mark.django_db
def test_isolated(): assert not Site.objects.filter(name="a").exists()
def test_bad(): Site.objects.count()
""",
        {"good": "passed", "isolated": "passed", "bad": "failed"},
        files={
            "shop_settings.py": "INSTALLED_APPS = ['django.contrib.sites']\nSECRET_KEY = 'x'\n"
            "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}\n"
        },
        options="--ds=shop_settings -o pythonpath=.",
    ),
    "pytest-asyncio": Sample(
        "pytest-asyncio==1.5.0",
        """
import asyncio
@pytest.mark.asyncio
async def test_good(driver, base_url):
    await asyncio.to_thread(driver.get, base_url)
    assert driver.title == "Shop"
@pytest.mark.asyncio
async def test_bad():
    await asyncio.sleep(0)
    assert False
@pytest.mark.asyncio
async def test_hangs(driver): await asyncio.sleep(60)
""",
        {"good": "passed", "bad": "failed", "hangs": "failed"},
        options="--uitest-case-timeout=3",
    ),
    "pytest-html": Sample(
        "pytest-html==4.2.0 pytest-metadata==3.1.1",
        GOOD_AND_BAD,
        {"good": "passed", "bad": "failed"},
        options="--html=report.html --self-contained-html",
        check=has_html_report,
    ),
    "allure-pytest": Sample(
        "allure-pytest==2.16.2 allure-python-commons==2.16.2",
        "import allure\n" + GOOD_AND_BAD.replace("pass\n", "\n    with allure.step('a step'): pass\n"),
        {"good": "passed", "bad": "failed"},
        options="--alluredir=allure",
        check=has_allure_results,
    ),
    "pytest-dependency": Sample(
        "pytest-dependency==0.6.1",
        """
@pytest.mark.dependency
def test_first(): ran("first")
@pytest.mark.dependency(depends=["test_first"])
def test_second(): ran("second")
@pytest.mark.dependency
def test_bad(): assert False
@pytest.mark.dependency(depends=["test_not_here"])
def test_alone(): ran("alone")
""",
        {"first": "passed", "second": "passed", "bad": "failed", "alone": "passed"},
        plain={"alone": "skipped"},
    ),
    "pytest-playwright": Sample(
        "pytest-playwright==0.10.0 playwright==1.65.2 greenlet==3.5.6 pyee==13.0.0 python-slugify==9.2.0 "
        "text-unidecode==1.3",
        """
def test_good(driver, base_url):
    driver.get(base_url)
    assert driver.title == "Shop"
def test_bad(driver): assert driver.title == "Shop"
def test_beside(browser_name, uitest_browser): assert browser_name == "chromium" and uitest_browser == "chrome"
def test_page(page, base_url):
    page.goto(base_url)
    assert page.title() == "Shop"
def test_both(page, driver, base_url):
    page.goto(base_url)
    assert (page.title(), driver.title) == ("Shop", "")
def test_bad_page(page): assert page.title() == "Shop"
""",
        {
            "good": "passed",
            "bad": "failed",
            "beside[chromium]": "passed",
            "page[chromium]": "passed",
            "both[chromium]": "passed",
            "bad_page[chromium]": "failed",
        },
        # Playwright's own browsers are downloads; it drives this machine's Chromium as well.
        files={
            "cases/conftest.py": """
import shutil
import pytest

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    return {**browser_type_launch_args, "executable_path": found, "args": ["--no-sandbox"]}
"""
        },
    ),
    "pytest-cov": Sample(
        "pytest-cov==7.1.0 coverage==7.17.5",
        "def test_good(): pass\ndef never():\n    x = 1\n    return x\n",
        {"good": "passed"},
        options="--cov=cases --cov-fail-under=99",
        code=3,  # plain pytest: 1
    ),
}
