"""Six small flows in Selenium; uitest and pytest-selenium run this file as it is.

Waits look every 50 ms, not Selenium's 500: the peer shall not lose by a default that one line changes.
"""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as ec
from selenium.webdriver.support.ui import Select, WebDriverWait


@pytest.fixture
def wait(selenium):
    return WebDriverWait(selenium, timeout=10, poll_frequency=0.05)


def test_home_page_leads_on(selenium, base_url, wait):
    selenium.get(f"{base_url}/index.html")
    assert selenium.title == "Borrowbox: the neighbourhood tool library"
    assert selenium.find_element(By.TAG_NAME, "h1").text == "Borrow the drill, keep the shelf"
    links = selenium.find_elements(By.CSS_SELECTOR, "nav a")
    assert [link.text for link in links][:3] == ["Home", "Tools", "Photos"]
    selenium.find_element(By.LINK_TEXT, "Tools").click()
    wait.until(ec.title_is("Tools: Borrowbox"))


def test_button_shows_the_hours(selenium, base_url, wait):
    selenium.get(f"{base_url}/hours.html")
    assert selenium.find_element(By.ID, "hours").text == "Press the button to see when we are open."
    selenium.find_element(By.ID, "show").click()
    wait.until(ec.text_to_be_present_in_element((By.ID, "hours"), "Open Tuesday to Saturday"))


def test_check_boxes_fill_the_box(selenium, base_url, wait):
    selenium.get(f"{base_url}/pickup.html")
    glasses = selenium.find_element(By.ID, "glasses")
    manual = selenium.find_element(By.ID, "manual")
    assert not glasses.is_selected()
    assert manual.is_selected()
    glasses.click()
    manual.click()
    wait.until(ec.text_to_be_present_in_element((By.ID, "extras"), "In the box: safety glasses."))
    assert glasses.is_selected()


def test_drop_down_names_the_address(selenium, base_url, wait):
    selenium.get(f"{base_url}/pickup.html")
    Select(selenium.find_element(By.ID, "place")).select_by_visible_text("Harbour")
    wait.until(ec.text_to_be_present_in_element((By.ID, "address"), "We meet at Pier 4, container 7."))


def test_notice_arrives_late(selenium, base_url, wait):
    selenium.get(f"{base_url}/news.html")
    wait.until(ec.text_to_be_present_in_element((By.ID, "notice"), "The apple picker is back"))


def test_login_survives_a_reload(selenium, base_url, wait):
    selenium.get(f"{base_url}/account.html")
    assert selenium.find_element(By.ID, "who").text == "Nobody is logged in."
    selenium.find_element(By.ID, "card").send_keys("1042")
    selenium.find_element(By.ID, "pin").send_keys("2468")
    selenium.find_element(By.CSS_SELECTOR, "#login button").click()
    wait.until(ec.text_to_be_present_in_element((By.ID, "who"), "Logged in as Ada."))
    selenium.refresh()
    wait.until(ec.text_to_be_present_in_element((By.ID, "who"), "Logged in as Ada."))
    loans = selenium.find_elements(By.CSS_SELECTOR, "#loans li")
    assert [loan.text for loan in loans] == ["Cordless drill", "Spirit level"]
