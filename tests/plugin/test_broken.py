"""Browsers that die, cases that hang, and sessions that are killed: what becomes of them and of the next case."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from tests.plugin.conftest import Run, Session
from uitest.browsers import start
from uitest.model import BROWSERS

pytestmark = pytest.mark.slow

VERDICTS = """
import os
import pytest
from uitest.plugin.worker.reports import REPORTS, Reports
from uitest.plugin.worker.verdict import judge

HANGS = ("test_busy", "test_silent", "test_swallows_the_limit")

running = []

def pytest_runtest_logreport(report):
    running[-1].add(report)

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    item.stash[REPORTS] = Reports(item.session)
    running.append(item.stash[REPORTS])
    # What does not hang has all the time that a busy machine may need.
    os.environ["UITEST_CASE_TIMEOUT"] = os.environ["HANGS_FOR"] if item.originalname in HANGS else "60"
    result = yield
    judgement = judge(item.stash[REPORTS].phases())
    item.config.get_terminal_writer().line(f"\\nverdict {item.originalname} {judgement.verdict}: {judgement.error}")
    return result
"""


@pytest.mark.parametrize("browser", BROWSERS)
def test_dead_browser_is_an_error_and_hanging_case_fails_in_time(
    project: Callable[[str], None],
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    run: Run,
    browser: str,
) -> None:
    """A dead browser is an error, a hanging case fails in time, and each next case gets a browser that works."""
    project("broken")
    pytester.makeconftest(VERDICTS)
    only = {
        "chrome": "not page_killed",
        "firefox": "not page_killed and not swallows",
        "webkit": "not swallows",
    }[browser]  # no browser takes part in test_swallows_the_limit
    seconds = 3 if browser == "firefox" else 2
    monkeypatch.setenv("HANGS_FOR", str(seconds))
    result = run("--browser", browser, "-k", only)
    judgements = {line.split()[1]: line.split(maxsplit=2)[2] for line in result.outlines if line.startswith("verdict ")}
    assert judgements.pop("test_killed").startswith("error: ")
    if browser == "webkit":
        assert judgements.pop("test_page_killed").startswith("error: ")
    assert judgements.pop("test_after").startswith("passed: ")
    hung = {"test_busy", "test_silent"} | ({"test_swallows_the_limit"} if browser == "chrome" else set())
    assert judgements == dict.fromkeys(hung, f"failed: case timed out after {seconds} s")


def test_hanging_teardown_is_stopped(pytester: pytest.Pytester, run: Run) -> None:
    """A fixture that hangs while it cleans up is stopped as well, and the session goes on."""
    pytester.makepyfile(
        """
        import time
        import pytest

        @pytest.fixture
        def slow(driver):
            yield
            time.sleep(600)

        def test_hangs_afterwards(slow): pass

        def test_next(driver): assert driver.window_handles
        """
    )
    result = run("--case-timeout=1")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*case timed out after 1 s*"])


def test_test_without_a_browser_has_no_limit(pytester: pytest.Pytester, run: Run) -> None:
    """Tests without a browser never have a limit."""
    pytester.makepyfile("def test_slow(): __import__('time').sleep(1)")
    run("--case-timeout=0.2").assert_outcomes(passed=1)


def test_killed_pytest_leaves_no_process_and_no_folder(
    pytester: pytest.Pytester, session: Session, pages: object
) -> None:
    """``kill -9`` of pytest takes every browser, driver, display and temporary folder with it."""
    pytester.makepyfile(
        """
        import os, pathlib, time

        def test_waits(driver, uitest_browser):
            driver.get(os.environ["PAGES"] + "/page.html")
            if uitest_browser == "webkit":
                print("ready", flush=True)
                time.sleep(600)
        """
    )
    command = [sys.executable, "-m", "pytest", "-s", "-q", "--browser", "chrome,firefox,webkit"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pytest_process:
        assert pytest_process.stdout is not None
        assert any("ready" in line for line in pytest_process.stdout)
        alive = " ".join(session.processes())
        assert all(name in alive for name in ("chromedriver", "geckodriver", "WebKitWebDriver", "Xvfb"))
        os.kill(pytest_process.pid, signal.SIGKILL)
    assert session.left() == []


@pytest.fixture
def grid() -> Iterator[WebDriver]:
    """A browser whose driver takes further sessions, as a grid does."""
    driver = start("chrome")
    yield driver
    driver.quit()


def test_grid_has_a_session_for_each_case_and_ends_hanging_ones(
    grid: WebDriver, pytester: pytest.Pytester, run: Run, pages: object
) -> None:
    """With ``--grid`` each case has a session there, and one that hangs is ended there."""
    pytester.makepyfile(
        """
        import os, time
        import pytest
        from uitest.browsers.process import discovery

        @pytest.fixture
        def chrome_options(chrome_options):
            chrome_options.binary_location = discovery.chrome("shell")
            chrome_options.add_argument("--no-sandbox")
            return chrome_options

        def test_one(driver):
            driver.get(os.environ["PAGES"] + "/page.html")
            driver.add_cookie({"name": "left", "value": "1"})

        def test_hangs(driver):
            time.sleep(600)

        def test_two(driver):
            driver.get(os.environ["PAGES"] + "/page.html")
            assert driver.get_cookies() == []
        """
    )
    url = grid.command_executor.client_config.remote_server_addr
    run("--grid", url, "--case-timeout=2").assert_outcomes(passed=2, failed=1)
    assert len(session_ids(url)) == 1


def session_ids(url: str) -> list[str]:
    """Sessions that a chromedriver has open."""
    with urllib.request.urlopen(f"{url}/sessions", timeout=10) as answer:  # noqa: S310
        return [session["id"] for session in json.load(answer)["value"]]


NO_BROWSER = """
import pytest

@pytest.fixture
def {browser}_options({browser}_options):
    {browser}_options.binary_location = {binary!r}
    return {browser}_options

def test_it(driver): pass
"""


# Not WebKit: its driver does not notice that its browser ended, so the case would wait for two minutes.
@pytest.mark.parametrize("browser", ["chrome", "firefox"])
def test_browser_that_does_not_start_is_an_error_with_its_log(
    pytester: pytest.Pytester, run: Run, browser: str
) -> None:
    """The reason is in the error, and all that driver and browser said is kept in a file."""
    binary = pytester.path / "browser"
    binary.write_text("#!/bin/sh\necho loading >&2; echo 'libnothing.so is missing' >&2; exit 127\n")
    binary.chmod(0o755)
    pytester.makepyfile(NO_BROWSER.format(browser=browser, binary=str(binary)))
    result = run("--browser", browser)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [f"E  *BrowserError: {browser} does not start: *(libnothing.so is missing); see: uitest doctor*", "driver: *"]
    )
    (log,) = pytester.path.glob(".uitest/pytest/*/driver.log")
    assert "loading\nlibnothing.so is missing\n" in log.read_text()
