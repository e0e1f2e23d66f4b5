"""Steps of a case that is played in uitest's browsers and with plain Selenium."""

import contextlib
from typing import Any

from selenium.common.exceptions import NoAlertPresentException, NoSuchWindowException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from tests.browsers.yardstick import Step


def get(address: str) -> Step:
    return lambda driver: driver.get(address)


def script(text: str, *args: Any) -> Step:
    return lambda driver: driver.execute_script(text, *args)  # type: ignore[no-untyped-call]


def click(name: str = "go") -> Step:
    return lambda driver: driver.find_element(By.ID, name).click()


def command(name: str, **params: Any) -> Step:
    return lambda driver: driver.execute(name, params)["value"]


def alert_text(driver: WebDriver) -> str:
    return driver.switch_to.alert.text


def accept(driver: WebDriver) -> None:
    driver.switch_to.alert.accept()


def shown_dialog(driver: WebDriver) -> str:
    """The text of the dialog, once it is there: Chrome may open it a moment after the click that leads to it."""
    waiting = WebDriverWait(driver, 10, 0.01, ignored_exceptions=[NoAlertPresentException])
    return str(waiting.until(lambda driver: driver.switch_to.alert.text))


def title(driver: WebDriver) -> str:
    return driver.title


def current(driver: WebDriver) -> str:
    return driver.current_window_handle


def handles(driver: WebDriver) -> list[str]:
    return driver.window_handles


def last_window(driver: WebDriver) -> None:
    WebDriverWait(driver, 10, 0.01).until(lambda driver: len(driver.window_handles) == 2)
    driver.switch_to.window(driver.window_handles[-1])


def closed(driver: WebDriver) -> None:
    """Wait until the window is closed for chromedriver too: the command during which it hears of that says nothing."""

    def is_gone(driver: WebDriver) -> bool:
        with contextlib.suppress(NoSuchWindowException):
            _ = driver.title
            return False
        return True

    WebDriverWait(driver, 10, 0.01).until(is_gone)


def first_window(driver: WebDriver) -> None:
    driver.switch_to.window(driver.window_handles[0])


def write(driver: WebDriver) -> None:
    for paragraph in driver.find_elements(By.ID, "go"):
        paragraph.click()


def close(driver: WebDriver) -> None:
    driver.close()
