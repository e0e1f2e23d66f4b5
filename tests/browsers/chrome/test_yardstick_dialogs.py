"""What a case sees of dialogs in Chrome is what it sees with plain Selenium."""

import json
import urllib.request
from typing import Any

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from tests.browsers.chrome.sides import page
from tests.browsers.steps import (
    accept,
    alert_text,
    click,
    command,
    current,
    get,
    handles,
    script,
    shown_dialog,
    title,
)
from tests.browsers.yardstick import Ways, same
from uitest.browsers.sessions.case_driver import CaseDriver

pytestmark = pytest.mark.slow

TO_A_DIALOG = {
    "script in an address": "<a id=go href='javascript:alert(1)'>go</a>",
    "link": "<a id=go href='{}/alert'>go</a>",
    "form": "<form action='{}/alert'><button id=go>go</button></form>",
    "sent form": "<form action={}/quick><button type=button id=go onclick='form.submit(); alert(2)'>go</button></form>",
    "plain": "<button id=go onclick='document.title = confirm(3)'>go</button>",
}


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
@pytest.mark.parametrize("behavior", [None, "accept", "ignore", "dismiss and notify", "accept and notify"])
@pytest.mark.parametrize("way", TO_A_DIALOG)
def test_click_that_opens_a_dialog_leaves_it_to_the_next_command(
    chromes: Ways, slow_page: str, way: str, behavior: str | None, watched: bool
) -> None:
    """The dialog is there for the next command, whatever that is, and whoever has seen the page."""
    capabilities = {"unhandledPromptBehavior": behavior} if behavior else {}
    opened = get(page(TO_A_DIALOG[way].format(slow_page)))
    results = same(
        chromes,
        opened,
        *[script("return 1")] * watched,
        click(),
        shown_dialog,
        command(Command.FIND_ELEMENTS, using="css selector", value="#none"),
        alert_text,
        opened,
        **capabilities,
    )
    assert results[2 + watched] in ("1", "loading", "2", "3")


ASKING = "<button id=go onclick='alert(1)'>1</button><button id=ask onclick='document.title = prompt(2, 3)'>2"


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
def test_text_for_a_dialog_is_typed_or_refused_as_in_plain_selenium(chromes: Ways, watched: bool) -> None:
    """Where there is none, where it has no field, and what was typed into one that a command has closed."""
    typing = command(Command.W3C_SET_ALERT_VALUE, text="x")
    results = same(
        chromes,
        get(page(ASKING)),
        *[script("return 1")] * watched,
        alert_text,
        accept,
        typing,
        command(Command.W3C_SET_ALERT_VALUE, text=5),
        click(),
        typing,
        command(Command.W3C_SET_ALERT_VALUE, text=5),
        accept,
        alert_text,
        click("ask"),
        typing,
        title,
        click("ask"),
        accept,
        title,
        click("ask"),
        accept,
        title,
    )
    assert (
        "ElementNotInteractableException: element not interactable: User dialog does not have a text box input field."
        in results
    )
    assert results[-4:] == ["x", None, None, "3"]


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
def test_windows_and_limits_leave_a_dialog_open(chromes: Ways, watched: bool) -> None:
    """Windows and limits can be asked for."""
    results = same(
        chromes,
        get(page("<button id=go onclick='document.title = confirm(1)'>go")),
        *[script("return 1")] * watched,
        click(),
        current,
        handles,
        lambda driver: driver.implicitly_wait(0),
        command(Command.GET_TIMEOUTS),
        alert_text,
        accept,
        title,
    )
    assert results[-3:] == ["1", None, "true"]


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
@pytest.mark.parametrize("kind", ["tab", "window", 5])
def test_new_window_under_a_dialog_closes_it_and_raises(chromes: Ways, kind: Any, watched: bool) -> None:
    """The dialog is closed, nothing is opened, and the case is told."""
    results = same(
        chromes,
        get(page("<button id=go onclick='document.title = confirm(1)'>go")),
        *[script("return 1")] * watched,
        click(),
        command(Command.NEW_WINDOW, type=kind),
        handles,
        title,
    )
    assert results[-1] == "false"


def test_dialog_of_a_page_that_leaves_is_reported_at_once(driver: CaseDriver, slow_page: str) -> None:
    """Where Chrome cannot close a dialog any more, the case is told at once, as with plain Selenium."""
    driver.get(page(f"<button id=go onclick='location.href = \"{slow_page}/quick\"; alert(1)'>go</button>"))
    driver.find_element(By.ID, "go").click()
    window = driver.current_window_handle
    address = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]

    def has_left(_: WebDriver) -> bool:
        with urllib.request.urlopen(f"http://{address}/json/list", timeout=10) as response:
            return [target["url"] for target in json.load(response) if target["id"] == window] == [""]

    WebDriverWait(driver, 10, 0.01).until(has_left)
    assert driver.switch_to.alert.text == "1"
    for ask in (accept, title, accept):
        with pytest.raises(WebDriverException, match="aborted by navigation: Not attached to an active page"):
            ask(driver)
    assert driver.current_window_handle == window


def test_dialog_that_opens_while_windows_are_listed_is_known_to_the_next_command(chromes: Ways) -> None:
    """It is known of when the next command comes, which does not wait for a page that cannot answer."""
    results = same(
        chromes,
        get(page("<p id=words>words")),
        script("return confirm('Sure?')"),
        shown_dialog,
        lambda driver: driver.switch_to.window(driver.current_window_handle),
        lambda driver: driver.find_element(By.ID, "words").text,
        title,
    )
    assert results[-2].startswith("UnexpectedAlertPresentException")
