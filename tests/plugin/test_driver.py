"""The driver in a case: what it can do, how suites shape its browser, what is kept of a failure."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugin.conftest import Run
from uitest.model import BROWSERS
from uitest.short_text import safe_name

KEPT = Path(".uitest/pytest")


def kept(pytester: pytest.Pytester, nodeid: str) -> set[str]:
    """Names of the files that a test left."""
    folder = pytester.path / KEPT / safe_name(nodeid)
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


@pytest.mark.parametrize("browser", BROWSERS)
def test_driver_clicks_waits_uploads_and_keeps_files_of_failures(
    project: Callable[[str], None], run: Run, pytester: pytest.Pytester, browser: str
) -> None:
    """Cases click, wait, upload and download; failed ones leave their files, a lost browser a warning only."""
    project("driver")
    result = run("--browser", browser, "--case-timeout=30")
    result.assert_outcomes(passed=8 if browser == "webkit" else 9, skipped=1 if browser == "webkit" else 0, failed=2)
    result.stdout.fnmatch_lines(["*test_fails_without_a_browser*", "*warning: no screenshot: *"])
    result.stdout.fnmatch_lines(["*Browser console*", "*boom*"])
    files = {"screenshot.png", "page.html.txt", "console.log", "network.log"}
    assert kept(pytester, f"test_driver.py::test_fails[{browser}]") == files
    assert kept(pytester, f"test_driver.py::test_fails_without_a_browser[{browser}]") <= {"console.log"}


@pytest.mark.parametrize("browser", ["chrome", pytest.param("firefox", marks=pytest.mark.slow)])
def test_bidi_listeners_end_with_the_case(pytester: pytest.Pytester, run: Run, browser: str) -> None:
    """A case can use Selenium's BiDi; what listens for it ends by itself, with the browser."""
    pytester.makepyfile(
        """
        import threading
        import pytest
        from selenium.webdriver.support.wait import WebDriverWait

        @pytest.mark.capabilities(webSocketUrl=True)
        def test_console(driver):
            heard = []
            driver.script.add_console_message_handler(lambda entry: heard.append(entry.text))
            driver.get("data:text/html,<script>console.log('said')</script>")
            WebDriverWait(driver, 10).until(lambda _: heard == ["said"])

        def test_next(driver):
            listening = [thread for thread in threading.enumerate() if "run_socket" in thread.name]
            for thread in listening:
                thread.join(5)
                assert not thread.is_alive()
        """
    )
    run("--browser", browser).assert_outcomes(passed=2)


def test_each_worker_has_a_browser_of_its_own(project: Callable[[str], None], run: Run) -> None:
    """Each xdist worker has a browser of its own, and ``-k`` finds cases by id."""
    project("driver")
    run("-n", "2", "-k", "tc001 or parametrised").assert_outcomes(passed=5)


def test_nearest_mark_or_fixture_shapes_chrome(pytester: pytest.Pytester, run: Run) -> None:
    """Marks, suite-wide fixtures and those of pytest-selenium each shape the browser, the nearest last."""
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def browser_options():
            return {"locale": "de-DE", "window_size": (900, 700)}

        @pytest.fixture
        def chrome_options(chrome_options):
            chrome_options.add_argument("--user-agent=suite")
            return chrome_options

        @pytest.fixture(scope="session")
        def session_capabilities(session_capabilities):
            return {**session_capabilities, "acceptInsecureCerts": True}

        @pytest.fixture
        def capabilities(capabilities):
            return {**capabilities, "pageLoadStrategy": "eager"}
        """
    )
    pytester.makepyfile(
        """
        import pytest

        PHONE = {"deviceMetrics": {"width": 390, "height": 844, "pixelRatio": 3}, "userAgent": "phone"}

        def test_suite(driver):
            assert driver.execute_script("return navigator.language") == "de-DE"
            assert driver.execute_script("return navigator.userAgent") == "suite"
            assert driver.get_window_size() == {"width": 900, "height": 700}
            assert driver.capabilities["acceptInsecureCerts"] is True
            assert driver.capabilities["pageLoadStrategy"] == "eager"

        @pytest.mark.browser_options(window_size="800x600", locale="fr", arguments=["--force-dark-mode"])
        @pytest.mark.capabilities(pageLoadStrategy="none", unhandledPromptBehavior="accept")
        def test_marks(driver):
            assert driver.execute_script("return navigator.language") == "fr"
            assert driver.get_window_size() == {"width": 800, "height": 600}
            assert driver.capabilities["unhandledPromptBehavior"] == "accept"
            driver.switch_to.new_window("window")
            assert driver.execute_script("return navigator.language") == "fr"

        @pytest.mark.browser_options(mobile=PHONE, preferences={"profile.default_zoom_level": 0})
        def test_phone(driver):
            driver.get("data:text/html,<meta name=viewport content='width=device-width'>")
            assert driver.execute_script("return [innerWidth, devicePixelRatio]") == [390, 3]
            driver.get("data:text/html,<meta name=viewport content='width=device-width'>")
            assert driver.execute_script("return matchMedia('(pointer: coarse)').matches")

        @pytest.mark.browser_options(headless="new")
        def test_full_browser(driver):
            own = driver.current_window_handle
            driver.switch_to.new_window("tab")
            assert len(driver.window_handles) == 2
            assert driver.get_window_size() == {"width": 900, "height": 700}

        @pytest.mark.browser_options(windowsize="800x600")
        def test_wrong_mark(driver):
            pass
        """
    )
    result = run("--case-timeout=30")
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines(["*browser_options has no windowsize; it takes arguments, *"])


@pytest.mark.parametrize("browser", ["firefox", "webkit"])
def test_marks_and_fixtures_shape_firefox_and_webkit(pytester: pytest.Pytester, run: Run, browser: str) -> None:
    """Firefox and WebKit take a described phone and options fixtures, Firefox a language as well."""
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def firefox_options(firefox_options):
            firefox_options.set_preference("general.appversion.override", "suite")
            return firefox_options
        """
    )
    pytester.makepyfile(
        """
        import pytest

        LOCALE = REPLACED
        PHONE = {"deviceMetrics": {"width": 500, "height": 600}, "userAgent": "phone"}

        @pytest.mark.browser_options(mobile=PHONE, **({"locale": "fr-FR"} if LOCALE else {}))
        def test_phone(driver, uitest_browser):
            if LOCALE:
                assert driver.execute_script("return navigator.language").lower() == "fr-fr"
            assert driver.execute_script("return navigator.userAgent") == "phone"
            assert driver.execute_script("return outerWidth") == 500
            if uitest_browser == "firefox":
                assert driver.execute_script("return navigator.appVersion") == "suite"

        @pytest.mark.browser_options(mobile="Pixel 7")
        def test_device_name(driver):
            pass
        """.replace("REPLACED", str(browser == "firefox"))
    )
    result = run("--browser", browser, "--case-timeout=30")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*mobile='Pixel 7' is a name of Chrome's*"])


def test_pages_have_motion_unless_the_suite_turns_it_off(pytester: pytest.Pytester, run: Run) -> None:
    """That Firefox's own frame keeps still is nothing to its pages, unless a suite asks for pages without motion."""
    pytester.makepyfile(
        """
        import pytest

        STILL = "return matchMedia('(prefers-reduced-motion: reduce)').matches"

        def test_moves(driver):
            assert not driver.execute_script(STILL)

        @pytest.mark.browser_options(preferences={"ui.prefersReducedMotion": 1})
        def test_still(driver):
            assert driver.execute_script(STILL)
        """
    )
    run("--browser", "firefox", "--case-timeout=30").assert_outcomes(passed=2)


def test_webkit_takes_installed_locales_only(pytester: pytest.Pytester, run: Run) -> None:
    """WebKit's language is that of a system locale; one that is not installed is said to be missing."""
    pytester.makepyfile(
        "def test_language(driver): assert driver.execute_script('return navigator.language').lower() == 'fr-fr'"
    )
    result = run("--browser", "webkit", "--locale", "fr-FR", "--case-timeout=30")
    if "fr_FR.utf8" in subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout.split():
        result.assert_outcomes(passed=1)
    else:
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*needs the system locale fr_FR.UTF-8, which is not installed*"])


def test_screenshot_option_decides_which_cases_keep_one(pytester: pytest.Pytester, run: Run) -> None:
    """``--screenshot on`` keeps one of each case, ``off`` none; source and console are kept of failures only."""
    pytester.makepyfile(
        test_it="""
        def test_passes(driver):
            driver.execute_script("console.error('of another case')")

        def test_fails(driver):
            driver.execute_script("console.error('mine')")
            assert False

        def test_setup_fails(driver, request):
            assert driver.title == ""
        """
    )
    names = ["test_it.py::test_passes[chrome]", "test_it.py::test_fails[chrome]"]
    result = run("--screenshot", "on")
    result.assert_outcomes(passed=2, failed=1)
    assert [kept(pytester, name) for name in names] == [
        {"screenshot.png"},
        {"screenshot.png", "page.html.txt", "console.log", "network.log"},
    ]
    log = (pytester.path / KEPT / safe_name(names[1]) / "console.log").read_text()
    assert "mine" in log
    assert "another case" not in log
    run("--screenshot", "off", "--artifacts", "elsewhere").assert_outcomes(passed=2, failed=1)
    folder = pytester.path / "elsewhere" / safe_name(names[1])
    assert {path.name for path in folder.iterdir()} == {"page.html.txt", "console.log", "network.log"}


def test_files_that_cannot_be_kept_are_a_warning(pytester: pytest.Pytester, run: Run) -> None:
    """A folder for files that cannot be written is a warning and changes no verdict."""
    (pytester.path / "file").touch()
    pytester.makepyfile("def test_fails(driver): assert False, 'the real reason'")
    result = run("--artifacts", "file")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the real reason*", "*warning: the files could not be written to file/*"])


@pytest.mark.parametrize("browser", ["chrome", pytest.param("firefox", marks=pytest.mark.slow)])
def test_download_folder_of_the_suite_is_used(pytester: pytest.Pytester, run: Run, pages: object, browser: str) -> None:
    """A download folder that a suite sets in its own options is used as with plain Selenium."""
    pytester.makepyfile(
        """
        import os
        import pytest
        from selenium.webdriver.common.by import By
        from selenium.webdriver.support.wait import WebDriverWait

        @pytest.fixture
        def chrome_options(chrome_options, tmp_path):
            chrome_options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path)})
            return chrome_options

        @pytest.fixture
        def firefox_options(firefox_options, tmp_path):
            firefox_options.set_preference("browser.download.folderList", 2)
            firefox_options.set_preference("browser.download.dir", str(tmp_path))
            return firefox_options

        def test_download(driver, tmp_path):
            driver.get(os.environ["PAGES"] + "/page.html")
            driver.find_element(By.ID, "download").click()
            WebDriverWait(driver, 10).until(lambda _: (tmp_path / "data.bin").exists())
        """
    )
    run("--browser", browser, "--case-timeout=30").assert_outcomes(passed=1)
