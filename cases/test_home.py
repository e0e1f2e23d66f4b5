"""The home page and its menu."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as ec


@pytest.mark.smoke
@pytest.mark.case("tc001")
def test_home_page_leads_on(driver, base_url, wait):
    """The title, the headline and the menu are there, and a link of the menu works."""
    driver.get(f"{base_url}/index.html")
    assert driver.title == "Borrowbox: the neighbourhood tool library"
    assert driver.find_element(By.TAG_NAME, "h1").text == "Borrow the drill, keep the shelf"
    links = driver.find_elements(By.CSS_SELECTOR, "nav a")
    assert [link.text for link in links] == [
        "Home",
        "Tools",
        "Photos",
        "Hours",
        "News",
        "Visit",
        "Join",
        "My account",
    ]
    driver.find_element(By.LINK_TEXT, "Tools").click()
    wait.until(ec.title_is("Tools: Borrowbox"))
