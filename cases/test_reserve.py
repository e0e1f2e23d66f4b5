"""Dialogs of the page and of the browser."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as ec
from selenium.webdriver.support.ui import Select

RESERVATION = (By.ID, "reservation")
DESK = (By.ID, "desk")


@pytest.mark.case("tc015")
def test_dialog_reserves_a_day(driver, base_url, wait):
    """The dialog opens over the page; cancelling changes nothing, confirming reserves the day."""
    driver.get(f"{base_url}/reserve.html")
    dialog = driver.find_element(By.ID, "dialog")
    assert not dialog.is_displayed()

    driver.find_element(By.ID, "open").click()
    wait.until(ec.element_to_be_clickable((By.ID, "cancel"))).click()
    wait.until(ec.invisibility_of_element(dialog))
    assert driver.find_element(*RESERVATION).text == "Nothing reserved."

    driver.find_element(By.ID, "open").click()
    wait.until(ec.visibility_of(dialog))
    Select(driver.find_element(By.ID, "day")).select_by_visible_text("Saturday")
    driver.find_element(By.ID, "confirm").click()
    wait.until(ec.text_to_be_present_in_element(RESERVATION, "Reserved for Saturday."))


@pytest.mark.case("tc016")
def test_browser_dialogs_are_answered(driver, base_url, wait):
    """An alert, a confirmation refused and accepted, and a prompt with an answer typed in."""
    driver.get(f"{base_url}/reserve.html")

    driver.find_element(By.ID, "ring").click()
    alert = wait.until(ec.alert_is_present())
    assert alert.text == "Coming!"
    alert.accept()
    wait.until(ec.text_to_be_present_in_element(DESK, "Somebody came."))

    driver.find_element(By.ID, "return").click()
    wait.until(ec.alert_is_present()).dismiss()
    wait.until(ec.text_to_be_present_in_element(DESK, "You kept your tools."))

    driver.find_element(By.ID, "return").click()
    wait.until(ec.alert_is_present()).accept()
    wait.until(ec.text_to_be_present_in_element(DESK, "Everything is back."))

    driver.find_element(By.ID, "rename").click()
    prompt = wait.until(ec.alert_is_present())
    prompt.send_keys("Pandora")
    prompt.accept()
    wait.until(ec.text_to_be_present_in_element(DESK, "Your box is called Pandora."))
