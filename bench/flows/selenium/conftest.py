"""Tells each runner what the flows need; uitest finds its browser by itself and keeps its own fixture."""

import importlib.util
import os

import pytest

if importlib.util.find_spec("pytest_selenium"):

    @pytest.fixture
    def chrome_options(chrome_options):
        """The binary and the arguments every runner uses."""
        chrome_options.binary_location = os.environ["BENCH_CHROME"]
        for argument in os.environ["BENCH_ARGUMENTS"].split():
            chrome_options.add_argument(argument)
        return chrome_options


if importlib.util.find_spec("seleniumbase"):

    @pytest.fixture
    def selenium(sb):
        """SeleniumBase's own driver for a case."""
        return sb.driver


if os.environ.get("BENCH_SHARED") == "plain":

    @pytest.fixture(scope="session")
    def driver():
        """Selenium's own Chrome, for all cases of a worker."""
        from selenium import webdriver

        options = webdriver.ChromeOptions()
        options.binary_location = os.environ["BENCH_CHROME"]
        for argument in os.environ["BENCH_ARGUMENTS"].split():
            options.add_argument(argument)
        driver = webdriver.Chrome(options, webdriver.ChromeService(os.environ["UITEST_CHROMEDRIVER"]))
        yield driver
        driver.quit()


if os.environ.get("BENCH_SHARED"):

    @pytest.fixture
    def selenium(driver):
        """The same driver for each case, which takes away what it has left, as suites with one driver do."""
        yield driver
        driver.delete_all_cookies()
        driver.execute_script("localStorage.clear(); sessionStorage.clear()")


if os.environ.get("BENCH_FRESH"):

    @pytest.fixture(scope="session")
    def display():
        """WebKit needs a screen; one for the session, as xvfb-run gives."""
        from uitest.browsers.engines.webkit.servers import Display

        display_ = Display()
        yield display_.name
        display_.stop()

    @pytest.fixture
    def selenium(uitest_browser, request, monkeypatch):
        """A browser of its own for each case, as Selenium starts it."""
        from selenium import webdriver

        from uitest.browsers.process import discovery

        if uitest_browser == "firefox":
            options = webdriver.FirefoxOptions()
            options.binary_location = discovery.firefox()
            options.add_argument("-headless")
            service = webdriver.FirefoxService(discovery.geckodriver(), log_output=os.devnull)
            driver = webdriver.Firefox(options, service)
        else:
            monkeypatch.setenv("DISPLAY", request.getfixturevalue("display"))
            options = webdriver.WebKitGTKOptions()
            options.binary_location = discovery.minibrowser()
            options.add_argument("--automation")
            driver = webdriver.WebKitGTK(options, webdriver.WebKitGTKService(discovery.webkitdriver()))
        driver.set_window_size(1280, 720)
        yield driver
        driver.quit()
