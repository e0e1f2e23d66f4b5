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


if os.environ.get("BENCH_FRESH"):

    @pytest.fixture
    def selenium(uitest_browser, uitest_settings):
        """A browser of its own for each case, with the options the warm one has."""
        from uitest import browsers

        driver = browsers.start(uitest_browser, uitest_settings)
        yield driver
        driver.quit()
