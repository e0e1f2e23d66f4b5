"""One browser for the whole session, as the suite always had it; only ``webdriver.Chrome()`` is gone."""

import pytest
from selenium.webdriver.common.by import By


@pytest.fixture(scope="session")
def browser(driver_session):
    driver_session.implicitly_wait(5)
    return driver_session


@pytest.fixture(scope="session")
def member(browser, base_url):
    browser.get(f"{base_url}/account.html")
    browser.find_element(By.ID, "card").send_keys("1042")
    browser.find_element(By.ID, "pin").send_keys("2468")
    browser.find_element(By.CSS_SELECTOR, "#login button").click()
    return "Ada"


@pytest.fixture(scope="class")
def page(request, driver_class, base_url):
    request.cls.driver = driver_class
    request.cls.base_url = base_url
