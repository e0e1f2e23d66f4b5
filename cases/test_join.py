"""A form with validation."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as ec


@pytest.mark.case("tc008")
def test_form_says_what_is_missing(driver, base_url, wait):
    """Each wrong field gets its own message, and the first one gets the cursor."""
    driver.get(f"{base_url}/join.html")
    driver.find_element(By.ID, "email").send_keys("ada at example")
    driver.find_element(By.CSS_SELECTOR, "#join button").click()
    wait.until(ec.text_to_be_present_in_element((By.ID, "name-error"), "Please tell us your name."))
    assert driver.find_element(By.ID, "email-error").text.startswith("Please give an email address")
    assert driver.find_element(By.ID, "rules-error").text.startswith("Please agree")
    assert driver.switch_to.active_element.get_attribute("id") == "name"


@pytest.mark.case("tc009")
def test_complete_form_makes_a_member(driver, base_url, wait, tmp_path):
    """With everything filled in, and a photo, the form gives way to a welcome."""
    photo = tmp_path / "ada.png"
    photo.write_bytes(b"a picture, as far as the form can tell")
    driver.get(f"{base_url}/join.html")
    driver.find_element(By.ID, "name").send_keys("Ada")
    driver.find_element(By.ID, "email").send_keys("ada@example.org")
    driver.find_element(By.ID, "photo").send_keys(str(photo))
    driver.find_element(By.ID, "rules").click()
    driver.find_element(By.CSS_SELECTOR, "#join button").click()
    welcome = wait.until(ec.visibility_of_element_located((By.ID, "welcome")))
    assert welcome.text == "Welcome, Ada! Your card is waiting at the desk, with your photo ada.png."
    assert not driver.find_element(By.ID, "join").is_displayed()
