"""Pages that chromedriver has not been shown yet: what it would see to is seen to, and it comes in time."""

import pytest
from selenium.common.exceptions import (
    NoSuchElementException,
    NoSuchWindowException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.command import Command
from selenium.webdriver.support.ui import WebDriverWait

from tests.browsers.chrome.sides import counting, directly, show
from uitest.browsers.sessions.case_driver import CaseDriver

LEAVE = "<input id=field><script>onbeforeunload = event => event.preventDefault()</script>"


def test_pages_open_without_chromedriver_until_it_is_needed(driver: CaseDriver, slow_page: str) -> None:
    """Pages are opened and waited for until there is something to ask chromedriver; then it does."""
    with directly(driver):
        driver.get(f"{slow_page}/slow")
        assert driver.title == "slow"
        driver.get(f"{slow_page}/quick")
        assert driver.find_element(By.TAG_NAME, "h1").text == "quick"
        old = driver.find_element(By.TAG_NAME, "h1")
        driver.get(f"{slow_page}/quick#below")
        assert old.text == "quick"
        driver.refresh()
        with pytest.raises(AssertionError):  # the element is another page's: chromedriver's to say
            _ = old.text
        assert driver.current_url == f"{slow_page}/quick#below"
    assert not driver.is_shown
    with pytest.raises(StaleElementReferenceException):
        _ = old.text
    assert driver.is_shown
    with counting(driver) as forwarded:
        driver.get(f"{slow_page}/slow")
        driver.refresh()
    assert driver.title == "slow"
    assert forwarded == [Command.GET, Command.REFRESH]


def test_page_that_goes_on(driver: CaseDriver, slow_page: str) -> None:
    """A page that sends the browser elsewhere while it loads is not where the waiting ends."""
    with directly(driver):
        driver.get(f"{slow_page}/hop")
        assert driver.title == "slow"


@pytest.mark.parametrize(
    "way",
    [
        "<a id=go href='{}'>go</a>",
        "<form action='{}'><button id=go>go</button></form>",
        "<button id=go onclick='location.href = \"{}\"'>go</button>",
        "<form action='{}'><input id=x><button id=go onclick='this.form.submit()' type=button>go</button></form>",
        "<select onchange='location.href = \"{}\"'><option>1<option id=go>2</select>",
        "<a id=go href='javascript:location.href = \"{}\"'>go</a>",
        "<form action='{}'><button id=go onclick='f = form; setTimeout(() => f.remove())'>go</button></form>",
    ],
)
@pytest.mark.parametrize("asks", [False, True])
def test_command_after_a_click_sees_the_page_it_leads_to(
    driver: CaseDriver, slow_page: str, way: str, asks: bool
) -> None:
    """The command after a click sees the next page, however slow that is, also if the page asks whether to leave."""
    with directly(driver):
        show(driver, (LEAVE if asks else "") + way.format(f"{slow_page}/slow"))
        if asks:
            driver.find_element(By.ID, "field").send_keys("x")
        driver.find_element(By.ID, "go").click()
        assert driver.find_element(By.TAG_NAME, "h1").text == "slow"
        assert driver.current_url.rstrip("?").endswith("/slow")


@pytest.mark.parametrize(
    "way",
    [
        "<a id=go href='javascript:document.title = \"stays\"; undefined'>go</a>",
        "<a id=go href='{}/file' onclick='document.title = \"stays\"'>go</a>",
        "<a id=go href='mailto:a@example.com' onclick='document.title = \"stays\"'>go</a>",
        "<a id=go href='#there' onclick='document.title = \"stays\"'>go</a>",
    ],
)
def test_click_that_leads_to_no_page_leaves_the_page(driver: CaseDriver, slow_page: str, way: str) -> None:
    """Scripts, files and mail in place of an address: the page stays, and nobody waits until it is certain to."""
    with directly(driver):
        show(driver, way.format(slow_page))
        driver.find_element(By.ID, "go").click()
        assert driver.title == "stays"


def test_page_that_leaves_by_itself(driver: CaseDriver, slow_page: str) -> None:
    """A command that comes while the next page loads waits for it."""
    with directly(driver):
        show(driver, f"<p id=old>old<script>setTimeout(() => location.href = '{slow_page}/slow', 100)</script>")
        WebDriverWait(driver, 10, poll_frequency=0.01).until(lambda driver: driver.title == "slow")
        assert driver.find_element(By.TAG_NAME, "h1").text == "slow"


@pytest.mark.parametrize("attended", [False, True])
def test_pages_that_ask_whether_to_stay_are_left(driver: CaseDriver, slow_page: str, attended: bool) -> None:
    """By another address and by the same: nobody is asked, as WebDriver says."""
    if attended:
        driver.show_to_driver()
    for leave, title in ((driver.refresh, "A  title"), (lambda: driver.get(f"{slow_page}/quick"), "quick")):
        show(driver, LEAVE)
        driver.find_element(By.ID, "field").send_keys("x")
        leave()
        assert driver.title.split() == title.split()
    assert driver.is_shown == attended
    show(driver, LEAVE)
    driver.find_element(By.ID, "field").send_keys("x")
    with pytest.raises(WebDriverException, match="ERR_CONNECTION_REFUSED"):
        driver.get("http://127.0.0.1:45999/")


def test_implicit_wait_set_before_chromedriver_sees_the_page_holds(driver: CaseDriver) -> None:
    """chromedriver keeps to a limit that was set before it saw the page."""
    driver.implicitly_wait(5)
    late = "setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<i id=late>x</i>'), 300)"
    with directly(driver):
        show(driver, f"<p id=soon><script>{late}</script>")
        driver.find_element(By.ID, "soon")
    assert driver.find_element(By.ID, "late").text == "x"
    driver.implicitly_wait(0)
    with pytest.raises(NoSuchElementException):
        driver.find_element(By.ID, "never")


POPUP = (
    '<button id=open onclick=\'popup = window.open("about:blank"); popup.document.title = "popup"\'>open</button>'
    "<button id=shut onclick='setTimeout(() => popup.close(), 300)'>shut</button>"
    "<button id=ask onclick='document.title = confirm(\"Sure?\")'>ask</button>"
)


def test_windows_are_listed_oldest_first_without_chromedriver(driver: CaseDriver) -> None:
    """Windows are opened, listed, oldest first, switched to and known when they are gone, without chromedriver."""
    with directly(driver):
        show(driver, POPUP)
        first = driver.current_window_handle
        for count in (2, 3):
            driver.find_element(By.ID, "open").click()
            WebDriverWait(driver, 10).until(lambda driver, count=count: len(driver.window_handles) == count)
        assert driver.window_handles[0] == first
        for popup in driver.window_handles[1:]:
            driver.switch_to.window(popup)
            assert (driver.current_window_handle, driver.title) == (popup, "popup")
        driver.switch_to.new_window("tab")
        assert driver.window_handles[:3] == [first, *driver.window_handles[1:3]]
        assert driver.current_window_handle == driver.window_handles[3]
        driver.switch_to.window(first)
        driver.find_element(By.ID, "shut").click()
        driver.switch_to.window(driver.window_handles[2])
        WebDriverWait(driver, 10).until(lambda driver: len(driver.window_handles) == 3)
    for ask in (lambda: driver.title, lambda: driver.current_window_handle, lambda: driver.execute_script("return 1")):
        with pytest.raises(NoSuchWindowException):
            ask()
    driver.switch_to.window(first)
    assert driver.execute_script("return document.title").split() == ["A", "title"]
    assert driver.title.split() == ["A", "title"]


def test_dialog_in_another_window(driver: CaseDriver) -> None:
    """It stays while the case is elsewhere, with chromedriver or without."""
    show(driver, POPUP)
    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    second = driver.current_window_handle
    driver.switch_to.window(first)
    driver.find_element(By.ID, "ask").click()
    driver.switch_to.window(second)
    driver.get("data:text/html,<title>new</title>")
    assert driver.title == "new"
    driver.switch_to.window(first)
    driver.switch_to.alert.accept()
    assert driver.title == "true"


def test_crashed_tab_is_reported_as_crashed(driver: CaseDriver) -> None:
    """A tab that crashes before chromedriver saw it is a crashed tab."""
    with pytest.raises(WebDriverException, match="crash"):
        driver.get("chrome://crash")
    with pytest.raises(WebDriverException, match="crash"):
        driver.find_element(By.TAG_NAME, "h1")
