from pytest_bdd import given, parsers, scenarios, then, when
from selenium.webdriver.common.by import By

scenarios("features/account.feature")


@given("I am on the account page")
def open_page(driver, base_url):
    driver.get(f"{base_url}/account.html")


@when(parsers.parse('I log in with card "{card}" and PIN "{pin}"'))
def log_in(driver, card, pin):
    driver.find_element(By.ID, "card").send_keys(card)
    driver.find_element(By.ID, "pin").send_keys(pin)
    driver.find_element(By.CSS_SELECTOR, "#login button").click()


@then(parsers.parse('I am greeted as "{name}"'))
def greeted(driver, name):
    assert driver.find_element(By.ID, "who").text == f"Logged in as {name}."


@then(parsers.parse('I see the error "{text}"'))
def error(driver, text):
    assert driver.find_element(By.ID, "login-error").text == text
