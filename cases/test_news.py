"""Content that arrives after the page has loaded."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as ec


@pytest.mark.case("tc010")
def test_notice_arrives_late(driver, base_url, wait):
    """The notice takes a moment: wait for its text, not for a number of seconds."""
    driver.get(f"{base_url}/news.html")
    wait.until(ec.text_to_be_present_in_element((By.ID, "notice"), "The apple picker is back"))


@pytest.mark.case("tc011")
def test_shelf_is_fetched(driver, base_url, wait):
    """The list of tools comes from the server when somebody asks for it."""
    driver.get(f"{base_url}/news.html")
    assert driver.find_elements(By.CSS_SELECTOR, "#stock li") == []
    driver.find_element(By.ID, "check").click()
    items = wait.until(ec.visibility_of_all_elements_located((By.CSS_SELECTOR, "#stock li")))
    assert [item.text for item in items] == ["Cordless drill: 3", "Step ladder: 1", "Sewing machine: 2"]
