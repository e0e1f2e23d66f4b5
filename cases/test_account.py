"""Logging in and out; every case starts logged out."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as ec

WHO = (By.ID, "who")


def log_in(driver, base_url, card, pin):
    """Open the account page and log in; the caller checks the result."""
    driver.get(f"{base_url}/account.html")
    assert driver.find_element(*WHO).text == "Nobody is logged in."
    driver.find_element(By.ID, "card").send_keys(card)
    driver.find_element(By.ID, "pin").send_keys(pin)
    driver.find_element(By.CSS_SELECTOR, "#login button").click()


@pytest.mark.case("tc012")
def test_login_survives_a_reload(driver, base_url, wait):
    """The cookie and the local storage outlive the page. This case leaves Ada logged in on purpose."""
    log_in(driver, base_url, "1042", "2468")
    wait.until(ec.text_to_be_present_in_element(WHO, "Logged in as Ada."))
    driver.refresh()
    wait.until(ec.text_to_be_present_in_element(WHO, "Logged in as Ada."))
    loans = driver.find_elements(By.CSS_SELECTOR, "#loans li")
    assert [loan.text for loan in loans] == ["Cordless drill", "Spirit level"]
    assert driver.get_cookie("member")["value"] == "Ada"


@pytest.mark.case("tc013")
def test_nobody_is_logged_in_at_first(driver, base_url):
    """Nothing of another case's login is left: no name, no cookie, no storage."""
    driver.get(f"{base_url}/account.html")
    assert driver.find_element(*WHO).text == "Nobody is logged in."
    assert driver.get_cookies() == []
    assert driver.execute_script("return localStorage.length") == 0


@pytest.mark.case("tc014")
def test_log_out_forgets_everything(driver, base_url, wait):
    """A wrong PIN is refused; after logging in and out again nobody is logged in, reload or not."""
    log_in(driver, base_url, "2077", "0000")
    wait.until(ec.text_to_be_present_in_element((By.ID, "login-error"), "do not match"))
    pin = driver.find_element(By.ID, "pin")
    pin.clear()
    pin.send_keys("1357")
    driver.find_element(By.CSS_SELECTOR, "#login button").click()
    wait.until(ec.text_to_be_present_in_element(WHO, "Logged in as Grace."))
    driver.find_element(By.ID, "logout").click()
    wait.until(ec.text_to_be_present_in_element(WHO, "Nobody is logged in."))
    driver.refresh()
    wait.until(ec.text_to_be_present_in_element(WHO, "Nobody is logged in."))
    assert driver.get_cookie("member") is None
