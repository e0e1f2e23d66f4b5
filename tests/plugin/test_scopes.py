"""Drivers that tests share, and further drivers in one test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugin.conftest import PROJECTS, Run
from tests.plugin.test_driver import kept
from uitest.model import BROWSERS

pytestmark = pytest.mark.slow

FILES = {"screenshot.png", "page.html.txt", "console.log", "network.log"}


@pytest.mark.parametrize("browser", BROWSERS)
def test_shared_driver_lives_as_long_as_its_scope(
    project: Callable[[str], None], pytester: pytest.Pytester, run: Run, browser: str
) -> None:
    """A driver lives as long as its scope, out of the others' reach; one that broke is replaced, with its fixtures."""
    project("scopes")
    (pytester.path / "broken.py").write_text((PROJECTS / "broken.py").read_text())
    result = run("--browser", browser, "--case-timeout=4", "--tracing=retain-on-failure", "-p", "no:randomly")
    result.assert_outcomes(passed=11, failed=4, errors=1)
    result.stdout.fnmatch_lines(["*driver_module is kept for a module: @pytest.mark.browser_options on a part of it*"])
    files = kept(pytester, f"test_scopes.py::test_fails[{browser}]")
    assert files - {"console.log"} == FILES - {"console.log"} | {"trace.html"}
    assert kept(pytester, f"test_scopes.py::test_after_hang[{browser}]") == set()


def test_shared_drivers_of_two_engines_follow_each_other(
    project: Callable[[str], None], pytester: pytest.Pytester, run: Run
) -> None:
    """With several engines each scope has a driver of each, one after the other."""
    project("scopes")
    (pytester.path / "broken.py").write_text((PROJECTS / "broken.py").read_text())
    result = run("--browser", "chrome,firefox", "-k", "begins or goes_on or apart", "-v")
    result.assert_outcomes(passed=14, deselected=18)
    engines = [line.partition("[")[2].partition("]")[0] for line in result.outlines if "test_session" in line]
    assert engines == ["chrome", "chrome", "firefox", "firefox"]


@pytest.mark.parametrize("scope", ["class", "module", "session"])
def test_driver_scope_option_widens_driver_and_selenium(pytester: pytest.Pytester, run: Run, scope: str) -> None:
    """One option widens ``driver`` itself, and ``selenium`` with it."""
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.fixture(scope="{scope}")
        def page(driver, selenium):
            assert driver is selenium
            driver.get("data:text/html,<title>once</title>")
            return driver

        class TestOne:
            def test_first(self, page):
                assert page.title == "once"
                page.execute_script("document.title = 'again'")

            def test_second(self, page, driver, downloads):
                assert page is driver
                assert downloads.is_dir()
                assert page.title == "again"

        class TestTwo:
            def test_third(self, page):
                assert page.title == ("once" if "{scope}" == "class" else "again")
        """
    )
    run("--driver-scope", scope).assert_outcomes(passed=3)


def test_each_worker_has_a_shared_driver_of_its_own(pytester: pytest.Pytester, run: Run) -> None:
    """Each xdist worker has a shared driver of its own."""
    pytester.makepyfile(
        """
        import time
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_one(driver_session, number, worker_id):
            seen = driver_session.get_cookies
            driver_session.get("data:text/html,<title>page</title>")
            assert driver_session.title == "page"
            assert len(driver_session.window_handles) == 1
        """
    )
    run("-n", "2").assert_outcomes(passed=4)


def test_suite_may_have_driver_fixtures_of_its_own(pytester: pytest.Pytester, run: Run) -> None:
    """A suite may have fixtures called driver of its own, in any scope, on top of ours or without."""
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def driver(driver_session):
            driver_session.implicitly_wait(1)
            return driver_session

        @pytest.fixture(scope="session")
        def selenium():
            return "not a driver at all"
        """
    )
    pytester.makepyfile(
        """
        def test_ours(driver): assert driver.timeouts.implicit_wait == 1

        def test_theirs(selenium): assert selenium == "not a driver at all"
        """
    )
    run().assert_outcomes(passed=2)


@pytest.mark.parametrize("browser", BROWSERS)
def test_factory_drivers_are_separate_and_captured_when_the_test_fails(
    pytester: pytest.Pytester, run: Run, browser: str
) -> None:
    """Further drivers in one test, of any engine, know nothing of each other and are captured when it fails."""
    other = "webkit" if browser != "webkit" else "chrome"
    pytester.makepyfile(
        test_factory=f"""
        import os
        import pytest

        PAGE = os.environ["PAGES"] + "/page.html"

        def test_three(driver, driver_factory):
            drivers = [driver, driver_factory(), driver_factory({other!r}, window_size=(500, 600))]
            for number, one in enumerate(drivers):
                one.get(PAGE)
                one.add_cookie({{"name": "number", "value": str(number)}})
            assert [one.get_cookie("number")["value"] for one in drivers] == ["0", "1", "2"]
            assert drivers[2].execute_script("return outerWidth") == 500
            drivers[1].execute_script("console.error('boom')")
            pytest.fail("fails on purpose")

        def test_without_driver(driver_factory):
            one = driver_factory()
            one.get(PAGE)
            assert one.get_cookies() == []

        def test_unknown(driver_factory): driver_factory("netscape")
        """
    )
    result = run("--browser", browser)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["browser 2: *boom*", "*unknown browser 'netscape'; choose from chrome*"])
    files = kept(pytester, f"test_factory.py::test_three[{browser}]")
    pictures = {"screenshot.png", "screenshot-2.png", "screenshot-3.png"}
    assert pictures | {"page.html.txt", "page-2.html.txt", "page-3.html.txt", "console-2.log"} <= files


PASSES_WITHOUT = "def test_it(): pass\n"


@pytest.mark.parametrize("words", [("--help",), ("--markers",), ("--fixtures", "-q"), ("plain",), ("--collect-only",)])
def test_no_browser_starts_when_no_test_uses_one(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, run: Run, words: tuple[str, ...]
) -> None:
    """A browser that a variable names is started for tests that use it, not for anything else that pytest does."""
    started = pytester.path / "started"
    chrome = Path(pytester.path / "chrome")
    chrome.write_text(f"#!/bin/sh\ntouch {started}\nexit 1\n")
    chrome.chmod(0o755)
    monkeypatch.setenv("UITEST_CHROME", str(chrome))
    monkeypatch.setenv("UITEST_BROWSER", "chrome")
    pytester.mkdir("plain").joinpath("test_plain.py").write_text(PASSES_WITHOUT)
    pytester.mkdir("ui").joinpath("test_ui.py").write_text("def test_it(driver): pass\n")
    assert run(*words).ret == 0
    assert not started.exists()
    run("ui")
    assert started.exists(), "the program that stands for Chrome would have been noticed"


def test_repeated_test_begins_anew(pytester: pytest.Pytester, run: Run) -> None:
    """Where another plugin repeats a test, its second try has nothing of the driver that the first one had."""
    pytester.makeconftest(
        """
        import pytest
        from _pytest.runner import runtestprotocol

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            for number in range(2):
                item.number = number
                item._initrequest()
                runtestprotocol(item, nextitem=nextitem)
            return True
        """
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture(autouse=True)
        def _breaks(request):
            assert request.node.number == 0, "the second try fails before it has a driver"

        def test_it(driver): driver.get("data:text/html,<title>page</title>")
        """
    )
    result = run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.no_fnmatch_line("*warning: *")
    assert kept(pytester, "test_repeated_test_begins_anew.py::test_it[chrome]") == set()
