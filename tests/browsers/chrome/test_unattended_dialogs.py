"""Dialogs of pages that chromedriver has not been shown yet: what it would see to is seen to."""

from collections.abc import Callable
from typing import Any

import pytest
from selenium.common.exceptions import (
    ElementNotInteractableException,
    NoAlertPresentException,
    UnexpectedAlertPresentException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browsers.chrome.sides import directly, show
from uitest.browsers.sessions.case_driver import CaseDriver


def test_dialogs_are_left_to_the_case_or_dismissed(driver: CaseDriver) -> None:
    """Dialogs of every kind are there for the case, or are dismissed as WebDriver says."""
    show(
        driver,
        '<button id=alert onclick=\'alert("Hear!"); title = "heard"\'>1</button>'
        "<button id=confirm onclick='document.title = confirm(\"Sure?\")'>2</button>"
        '<button id=prompt onclick=\'document.title = prompt("Who?", "you")\'>3</button>'
        "<button id=twice onclick='alert(1); alert(2)'>4</button>"
        "<button id=late onclick='setTimeout(() => document.title = confirm(\"Late?\"), 100)'>5</button>",
    )
    press = {name: driver.find_element(By.ID, name).click for name in ("alert", "confirm", "prompt", "twice", "late")}
    with directly(driver):
        with pytest.raises(NoAlertPresentException):
            _ = driver.switch_to.alert
        press["alert"]()
        assert driver.switch_to.alert.text == "Hear!"
        with pytest.raises(ElementNotInteractableException):
            driver.switch_to.alert.send_keys("x")
        driver.switch_to.alert.dismiss()
        for answer, title in ((lambda alert: alert.accept(), "true"), (lambda alert: alert.dismiss(), "false")):
            press["confirm"]()
            answer(driver.switch_to.alert)
            assert driver.title == title
        for typed, title in (("Ann", "Ann"), (None, "you")):
            press["prompt"]()
            if typed:
                driver.switch_to.alert.send_keys(typed)
            driver.switch_to.alert.accept()
            assert driver.title == title
        press["twice"]()
        assert driver.switch_to.alert.text == "1"
        driver.switch_to.alert.accept()
        assert driver.switch_to.alert.text == "2"
        with pytest.raises(UnexpectedAlertPresentException) as caught:
            driver.find_element(By.ID, "alert")
        assert caught.value.alert_text == "2"
        with pytest.raises(NoAlertPresentException):
            driver.switch_to.alert.accept()
        press["late"]()
        waiting = WebDriverWait(driver, 10, 0.01, ignored_exceptions=[NoAlertPresentException])
        waiting.until(lambda driver: driver.switch_to.alert).accept()
        assert driver.title == "true"
        press["late"]()
        with pytest.raises(UnexpectedAlertPresentException):
            WebDriverWait(driver, 10, 0.01).until(lambda driver: driver.title == "never")
        assert driver.title == "false"


def test_dialog_that_opens_while_the_driver_is_shown_the_page_is_dismissed(driver: CaseDriver) -> None:
    """The driver, which has not heard of the dialog, would wait for its command's whole time.

    A dialog that is open already stands for one that opens after it was last asked for.
    """
    show(driver, "<button id=go onclick='document.title = confirm(\"Sure?\")'>go</button>")
    driver.find_element(By.ID, "go").click()
    driver.command_executor.client_config.timeout = 20  # type: ignore[union-attr]
    with pytest.raises(UnexpectedAlertPresentException) as caught:
        driver.show_to_driver()
    assert caught.value.alert_text == "Sure?"
    assert driver.title == "false"
    driver.show_to_driver()
    assert driver.find_element(By.ID, "go").accessible_name == "go", "a command of the driver's own"


def test_timeouts_and_windows_leave_a_dialog_open(driver: CaseDriver) -> None:
    """Limits and windows can be asked for while a dialog is open, which stays; every other command closes it first."""
    show(driver, "<button id=go onclick='document.title = confirm(\"Sure?\")'>go</button>")
    driver.find_element(By.ID, "go").click()
    driver.implicitly_wait(0.1)
    assert len(driver.window_handles) == 1
    assert driver.switch_to.alert.text == "Sure?"
    driver.switch_to.alert.accept()
    assert driver.title == "true"


@pytest.mark.parametrize(
    "command",
    [
        lambda driver: driver.execute_script("return 1"),
        lambda driver: driver.switch_to.frame(0),
        lambda driver: driver.get_screenshot_as_png(),
        lambda driver: driver.refresh(),
        lambda driver: driver.back(),
        lambda driver: driver.get_cookies(),
    ],
    ids=["script", "frame", "screenshot", "refresh", "back", "cookies"],
)
def test_commands_that_a_dialog_is_in_the_way_of(driver: CaseDriver, command: Callable[[CaseDriver], Any]) -> None:
    """They close it and say so, and the page is chromedriver's to see afterwards."""
    show(driver, "<button id=go onclick='document.title = confirm(\"Sure?\")'>go</button>")
    driver.find_element(By.ID, "go").click()
    with pytest.raises(UnexpectedAlertPresentException):
        command(driver)
    assert driver.title == "false"
    assert driver.execute_script("return document.title") == "false"


@pytest.mark.parametrize("accept", [True, False])
def test_page_with_a_dialog(driver: CaseDriver, slow_page: str, accept: bool) -> None:
    """A page that shows a dialog while it loads is there once the dialog is, and goes on when it is answered."""
    driver.get(f"{slow_page}/ask")
    dialog = driver.switch_to.alert
    assert dialog.text == "Who?"
    dialog.send_keys("Ann")
    dialog.accept() if accept else dialog.dismiss()
    assert WebDriverWait(driver, 10).until(lambda driver: driver.title) == ("Ann" if accept else "null")
    with pytest.raises(NoAlertPresentException):
        _ = driver.switch_to.alert
    driver.execute_script("setTimeout(() => alert('later'), 0)")
    assert WebDriverWait(driver, 10, ignored_exceptions=[NoAlertPresentException]).until(
        lambda driver: driver.switch_to.alert.text == "later"
    )


def test_page_with_an_unexpected_dialog(driver: CaseDriver, slow_page: str) -> None:
    """A command that a dialog is in the way of closes it and says so."""
    driver.get(f"{slow_page}/ask")
    with pytest.raises(UnexpectedAlertPresentException) as caught:
        driver.find_element(By.TAG_NAME, "h1")
    assert caught.value.alert_text == "Who?"
    assert driver.find_element(By.TAG_NAME, "h1").text == "ask"
    assert driver.title == "null"
