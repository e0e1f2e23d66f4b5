"""A page inside the page, and a page in another window."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as ec


@pytest.mark.case("tc017")
def test_map_knows_the_bus(driver, base_url, wait):
    """The map is a frame: go in, ask, come out again."""
    driver.get(f"{base_url}/visit.html")
    wait.until(ec.frame_to_be_available_and_switch_to_it((By.ID, "map")))
    driver.find_element(By.ID, "bus").click()
    wait.until(ec.text_to_be_present_in_element((By.ID, "route"), "Take bus 12 to Mill Lane."))
    driver.switch_to.default_content()
    assert driver.find_element(By.TAG_NAME, "h1").text == "Visit us"


@pytest.mark.case("tc018")
def test_rules_open_in_a_new_window(driver, base_url, wait):
    """The link opens a second window; the first one is still there when it is closed."""
    driver.get(f"{base_url}/visit.html")
    first = driver.current_window_handle
    before = driver.window_handles
    driver.find_element(By.ID, "rules").click()
    wait.until(ec.new_window_is_opened(before))
    (new,) = set(driver.window_handles) - set(before)
    driver.switch_to.window(new)
    wait.until(ec.title_is("House rules: Borrowbox"))
    driver.close()
    driver.switch_to.window(first)
    assert driver.title == "Visit: Borrowbox"
