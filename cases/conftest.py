"""What the cases share: one way to wait, and the words for groups of cases."""

import pytest
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "smoke: the few cases that say whether the site is up at all")


@pytest.fixture
def wait(driver: WebDriver) -> WebDriverWait[WebDriver]:
    """Waits up to ten seconds."""
    return WebDriverWait(driver, timeout=10)
