"""Sessions with a Selenium, and with a pytest, whose private names are others: cases pass, and warnings say why.

One session for each tool, with all names changed at once: what each single name costs is in tests/unit/compat.
"""

from pathlib import Path

import pytest

from tests.plugin.conftest import Run
from tests.plugin.pages import Pages
from tests.support.renamed import rename

SELENIUM = {
    r"\b_is_remote\b": "_is_afar",
    r"\b_start_bidi\b": "_begin_bidi",
    r"\b_websocket_connection\b": "_bidi_socket",
    r"\bimport time\nfrom collections.abc import Callable, Iterable\n": (
        "import time as clock\nfrom collections.abc import Callable, Iterable\n"
    ),
    r"\btime\.(monotonic|sleep)\(": r"getattr(__import__('time'), '\1')(",
}

PYTEST = {
    rf"\b{name}\b": f"{name}_of_another_version"
    for name in (
        "_anonymous", "_groups", "_inidict", "_fixturemanager", "_arg2scope", "_request", "_fixturedef", "_setupstate",
        "_getinstance", "_global_capturing",
    )
}  # fmt: skip


@pytest.fixture
def packages(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose packages take the place of those that are installed."""
    folder = pytester.path / "packages"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider\n")
    return folder


def warnings_about(result: pytest.RunResult, tool: str) -> set[str]:
    """What the warnings say that is done instead."""
    lines = [line for line in result.outlines + result.errlines if f"{tool} " in line and "does not behave" in line]
    return {line.partition("(")[2].partition(")")[0] for line in lines}


def test_unknown_selenium_serves_each_case_in_a_browser_of_its_own(
    pytester: pytest.Pytester, packages: Path, pages: Pages, run: Run
) -> None:
    """A case loads, uploads, waits and sees no other case's cookies, in a browser of its own."""
    rename("selenium", SELENIUM, packages)
    pytester.makepyfile("""
        import time
        import pytest
        from selenium.webdriver.common.by import By
        from selenium.webdriver.support import wait

        SESSIONS = set()

        @pytest.mark.parametrize("number", [1, 2])
        def test_case(driver, base_url, tmp_path, number):
            driver.get(f"{base_url}/page.html")
            assert driver.get_cookies() == []
            driver.add_cookie({"name": "a", "value": "b"})
            (tmp_path / "file.txt").write_text("words")
            driver.find_element(By.ID, "file").send_keys(str(tmp_path / "file.txt"))
            assert driver.execute_script("return document.getElementById('file').files[0].name") == "file.txt"
            driver.execute_script("setTimeout(() => { document.title = 'Changed' }, 100)")
            wait.WebDriverWait(driver, 5).until(lambda driver: driver.title == "Changed")
            SESSIONS.add(driver.session_id)
            assert len(SESSIONS) == number
            assert not hasattr(wait, "time")
    """)
    result = run("--base-url", pages.url)
    result.assert_outcomes(passed=2, warnings=3)
    assert warnings_about(result, "selenium") == {
        "pauses of WebDriverWait",
        "BiDi connections",
        "where files to upload are",
    }


@pytest.mark.slow
def test_unknown_pytest_runs_the_suite_with_warnings(pytester: pytest.Pytester, packages: Path, run: Run) -> None:
    """Options, shared drivers and methods of a TestCase go on working in one engine."""
    rename("_pytest", PYTEST, packages)
    pytester.makeconftest("""
        def pytest_addoption(parser):
            parser.addoption("--headed", action="store_true")
    """)
    pytester.makepyfile("""
        import unittest
        import pytest

        def test_driver(driver):
            driver.get("data:text/html,<title>one</title>")
            assert driver.title == "one"

        def test_module(driver_module):
            driver_module.get("data:text/html,<title>two</title>")

        def test_module_again(driver_module):
            assert driver_module.title == "two"

        def test_asks(request):
            request.getfixturevalue("driver").get("data:text/html,<title>three</title>")

        class TestMethods(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _open(self, request):
                self.driver = request.getfixturevalue("driver")

            def test_method(self):
                self.driver.get("data:text/html,<title>four</title>")
    """)
    result = run("--headed", "--browser", "chrome", "-v")
    result.assert_outcomes(passed=5)
    assert warnings_about(result, "pytest") == {
        "names of options", "definitions of fixtures", "scopes of parameters", "fixtures of a test",
        "the end of a fixture", "methods of TestCase",
    }  # fmt: skip
