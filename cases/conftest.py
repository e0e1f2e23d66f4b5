"""Fixtures and markers of the sample cases."""

import pytest
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "smoke: the few cases that check whether the site is up")


@pytest.fixture
def wait(driver: WebDriver) -> WebDriverWait[WebDriver]:
    """A WebDriverWait of ten seconds."""
    return WebDriverWait(driver, timeout=10)
