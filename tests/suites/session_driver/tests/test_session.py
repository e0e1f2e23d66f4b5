from selenium.webdriver.common.by import By


def test_login_is_done_once(browser, member, base_url):
    browser.get(f"{base_url}/account.html")
    assert browser.find_element(By.ID, "who").text == f"Logged in as {member}."


def test_login_is_still_there(browser, member, base_url):
    browser.get(f"{base_url}/account.html")
    assert [item.text for item in browser.find_elements(By.CSS_SELECTOR, "#loans li")] == [
        "Cordless drill",
        "Spirit level",
    ]


def test_wrong_title(browser, base_url):
    browser.get(f"{base_url}/tools.html")
    assert browser.title == "Shop"
