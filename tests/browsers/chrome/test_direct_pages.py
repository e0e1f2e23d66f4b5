"""Navigation, dialogs, frames and windows without chromedriver are what they are with it.

Pages that chromedriver has never seen are in ``test_unattended``.
"""

import pytest
from selenium.common.exceptions import (
    InvalidArgumentException,
    NoAlertPresentException,
    StaleElementReferenceException,
    TimeoutException,
    UnexpectedAlertPresentException,
    WebDriverException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.command import Command
from selenium.webdriver.support.ui import WebDriverWait

from tests.browsers.chrome.sides import counting, directly, show
from tests.plugin.pages import Pages
from uitest.browsers.sessions.case_driver import CaseDriver


def test_dialog_of_a_click_is_left_to_the_case_or_dismissed(driver: CaseDriver) -> None:
    """A click that opens a dialog returns; the dialog is there for the case, or is dismissed as WebDriver says."""
    show(driver, "<button id=ask onclick='document.title = confirm(\"Sure?\")'>ask</button>")
    button = driver.find_element(By.ID, "ask")
    with directly(driver):
        button.click()
    assert driver.switch_to.alert.text == "Sure?"
    driver.switch_to.alert.accept()
    with directly(driver):
        assert driver.title == "true"
        button.click()
    with pytest.raises(UnexpectedAlertPresentException):
        _ = driver.title
    with pytest.raises(NoAlertPresentException):
        _ = driver.switch_to.alert
    assert driver.title == "false"


def test_frames_are_forwarded_and_new_windows_are_direct(driver: CaseDriver, pages: Pages) -> None:
    """In a frame chromedriver answers; in a new window we do again."""
    driver.get(f"{pages.url}/page.html")
    driver.execute_script(
        "document.body.insertAdjacentHTML('beforeend', '<iframe id=inside srcdoc=\"<p id=p>in</p>\"></iframe>')"
    )
    driver.switch_to.frame("inside")
    with counting(driver) as forwarded:
        assert WebDriverWait(driver, 10).until(lambda driver: driver.find_element(By.ID, "p")).text == "in"
    assert forwarded
    driver.switch_to.default_content()
    with directly(driver):
        assert driver.find_element(By.ID, "words").text == "Hello"
    first = driver.current_window_handle
    driver.find_element(By.ID, "popup").click()
    WebDriverWait(driver, 10).until(lambda driver: len(driver.window_handles) == 2)
    driver.switch_to.window(next(handle for handle in driver.window_handles if handle != first))
    WebDriverWait(driver, 10).until(lambda driver: driver.title == "Page")
    driver.forward_to_driver(Command.GET_TITLE, {})  # until the whole page is loaded, chromedriver answers
    with directly(driver):
        driver.find_element(By.ID, "button").click()
        assert driver.find_element(By.ID, "button").text == "pressed"
    driver.close()
    driver.switch_to.window(first)
    with directly(driver):
        assert driver.find_element(By.ID, "button").text == "press"


@pytest.mark.parametrize(
    "way",
    [
        "<a id=go href='{}'>go</a>",
        "<form action='{}'><button id=go>go</button></form>",
        "<button id=go onclick='location.href = \"{}\"'>go</button>",
        "<button id=go onclick='location.replace(\"{}\")'>go</button>",
        "<form action='{}'><input id=x><button id=go onclick='this.form.submit()' type=button>go</button></form>",
    ],
)
def test_click_waits_for_the_page_it_leads_to(driver: CaseDriver, slow_page: str, way: str) -> None:
    """The command after a click sees the next page, however slow that is: as with chromedriver."""
    driver.get(f"{slow_page}/quick")
    driver.execute_script("document.body.innerHTML = arguments[0]", way.format(f"{slow_page}/slow"))
    go = driver.find_element(By.ID, "go")
    go.click()
    assert driver.find_element(By.TAG_NAME, "h1").text == "slow"
    assert driver.title == "slow"
    assert driver.current_url.rstrip("?").endswith("/slow")
    with pytest.raises(StaleElementReferenceException):
        _ = go.text


@pytest.mark.parametrize(
    ("address", "error"),
    [("http://127.0.0.1:45999/", WebDriverException), ("shop.example", InvalidArgumentException)],
)
def test_address_that_does_not_open_raises_chromedrivers_error(
    driver: CaseDriver, address: str, error: type[Exception]
) -> None:
    """An address that does not open fails as it does with chromedriver."""
    with pytest.raises(error):
        driver.get(address)


def test_own_page_load_timeout_is_kept(driver: CaseDriver, slow_page: str) -> None:
    """A case that sets a limit for loading gets chromedriver's."""
    driver.set_page_load_timeout(0.2)
    with pytest.raises(TimeoutException):
        driver.get(f"{slow_page}/slow")
