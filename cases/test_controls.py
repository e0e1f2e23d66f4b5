"""Buttons, check boxes, a drop-down and keys."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as ec
from selenium.webdriver.support.ui import Select

HOURS = (By.ID, "hours")
EXTRAS = (By.ID, "extras")


@pytest.mark.case("tc002")
def test_button_shows_the_hours(driver, base_url, wait):
    """Pressing the button replaces the hint by the opening hours."""
    driver.get(f"{base_url}/hours.html")
    assert driver.find_element(*HOURS).text == "Press the button to see when we are open."
    driver.find_element(By.ID, "show").click()
    wait.until(ec.text_to_be_present_in_element(HOURS, "Open Tuesday to Saturday"))


@pytest.mark.case("tc003")
def test_reset_takes_the_hours_away(driver, base_url, wait):
    """The reset button brings the hint back."""
    driver.get(f"{base_url}/hours.html")
    driver.find_element(By.ID, "show").click()
    wait.until(ec.text_to_be_present_in_element(HOURS, "Open Tuesday"))
    driver.find_element(By.ID, "reset").click()
    wait.until(ec.text_to_be_present_in_element(HOURS, "Press the button"))


@pytest.mark.case("tc004")
def test_check_boxes_fill_the_box(driver, base_url, wait):
    """A box can be ticked and unticked, the text follows, and a disabled one stays as it is."""
    driver.get(f"{base_url}/pickup.html")
    glasses = driver.find_element(By.ID, "glasses")
    manual = driver.find_element(By.ID, "manual")
    delivery = driver.find_element(By.ID, "delivery")
    assert not glasses.is_selected()
    assert manual.is_selected()
    assert not delivery.is_enabled()

    glasses.click()
    wait.until(ec.text_to_be_present_in_element(EXTRAS, "In the box: safety glasses, printed manual."))
    manual.click()
    wait.until(ec.text_to_be_present_in_element(EXTRAS, "In the box: safety glasses."))
    delivery.click()
    assert not delivery.is_selected()
    assert driver.find_element(*EXTRAS).text == "In the box: safety glasses."


@pytest.mark.case("tc005")
def test_drop_down_names_the_address(driver, base_url, wait):
    """Choosing a place shows its address."""
    driver.get(f"{base_url}/pickup.html")
    place = Select(driver.find_element(By.ID, "place"))
    assert place.first_selected_option.text == "Choose a place"
    place.select_by_visible_text("Harbour")
    wait.until(ec.text_to_be_present_in_element((By.ID, "address"), "We meet at Pier 4, container 7."))


@pytest.mark.case("tc007")
def test_keys_are_heard(driver, base_url, wait):
    """The page hears letters as well as keys without a letter."""
    driver.get(f"{base_url}/labels.html")
    keys = driver.find_element(By.ID, "keys")
    for key, name in [("b", "b"), (Keys.ARROW_LEFT, "ArrowLeft"), (Keys.ENTER, "Enter")]:
        keys.send_keys(key)
        wait.until(ec.text_to_be_present_in_element((By.ID, "heard"), name))
    assert keys.get_property("value") == "b"
