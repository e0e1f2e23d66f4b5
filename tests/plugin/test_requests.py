"""Tests that pytest does not parametrise by itself, and tests that ask for their driver while they run."""

import json
import sys
from collections.abc import Callable

import pytest

from tests.plugin.conftest import Run
from tests.support.inner_pytest import FEW_PLUGINS, WITH_BDD

FEATURE = """
Feature: a shop
  Scenario: title
    Given a page
    Then it has a title
"""

ENGINES = """
import pytest

@pytest.fixture
def uitest_engines(pytestconfig):
    def note(who, engine):
        with (pytestconfig.rootpath / "engines").open("a") as file:
            print(who, engine, file=file)
    return note
"""

IDS = [
    "test_requests::Autouse::test_parts",
    "test_requests::Autouse::test_title",
    "test_requests::Marked::test_marked",
    "test_requests::Plain::test_plain",
    "test_requests::Requested::test_requested",
    "test_requests::RequestedInSetUp::test_requested",
    "test_requests::test_at_run_time",
    "test_requests::test_through_a_fixture",
    "test_requests::test_through_a_function",
    "test_requests::test_title",
    "test_requests::test_without",
]


@pytest.fixture
def suite(project: Callable[[str], None], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project with its feature file."""
    monkeypatch.setenv("PYTEST_ADDOPTS", f"{FEW_PLUGINS} {WITH_BDD}")
    project("requests")
    pytester.makeconftest(ENGINES)
    (pytester.path / "requests.feature").write_text(FEATURE)


@pytest.mark.usefixtures("suite")
def test_tests_run_whichever_way_they_request_a_driver(run: Run) -> None:
    """Each test runs, whichever way it comes by its driver."""
    run("--browser", "webkit").assert_outcomes(passed=11)


@pytest.mark.slow
@pytest.mark.usefixtures("suite")
def test_tests_that_request_a_driver_run_once_in_each_engine(pytester: pytest.Pytester, run: Run) -> None:
    """Each test that uses a browser runs once in each engine, the others once; one engine can be selected."""
    result = run("--browser", "chrome,firefox", "-k", "not through_a_fixture and not parts")
    result.assert_outcomes(passed=2 + 2 * 7, deselected=4)
    assert sorted((pytester.path / "engines").read_text().splitlines()) == [
        "TestCase chrome",
        "TestCase firefox",
        "function chrome",
        "function firefox",
    ]
    # In this process, which is faster: what is only collected starts no browser and sets no limit.
    name = "test_requests.py::Autouse::test_title"
    listed = pytester.runpytest_inprocess("--browser", "chrome,firefox", "--collect-only", "-q", f"{name}[firefox]")
    assert [line for line in listed.outlines if "::" in line] == [f"{name}[firefox]"]
    listed = pytester.runpytest_inprocess("--browser", "chrome,firefox", "--collect-only", "-q", name)
    assert [line for line in listed.outlines if "::" in line] == [f"{name}[chrome]", f"{name}[firefox]"]


def test_computed_fixture_name_needs_a_mark_with_several_engines(pytester: pytest.Pytester) -> None:
    """A name that is computed while the test runs is no obstacle with one engine, and with two says what to do."""
    pytester.makepyfile("def test_it(request): request.getfixturevalue('_'.join(['uitest', 'browser']))")
    # In this process, which is faster: the test asks for the engine's name alone, and no browser is started.
    pytester.runpytest_inprocess("--browser", "webkit").assert_outcomes(passed=1)
    result = pytester.runpytest_inprocess("--browser", "chrome,webkit")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*collected for each of chrome, webkit: mark it with *usefixtures('uitest_browser')"])


@pytest.mark.usefixtures("suite")
def test_listed_cases_are_complete(pytester: pytest.Pytester) -> None:
    """What lists the cases for modules knows them all, once."""
    out = pytester.path / "cases.json"
    pytester.run(sys.executable, "-m", "uitest.plugin.collection.list_cases", str(pytester.path), str(out))
    cases = json.loads(out.read_text())
    assert cases["problems"] == []
    assert sorted(cases["accepted"]) == IDS
