import pytest

from pages.account_page import AccountPage
from pages.tools_page import ToolsPage


@pytest.fixture
def browser(driver):
    driver.maximize_window()
    driver.implicitly_wait(1)
    return driver


@pytest.fixture
def account_page(browser, base_url):
    return AccountPage(browser, base_url).open()


@pytest.fixture
def tools_page(browser, base_url):
    return ToolsPage(browser, base_url).open()
