"""What tests read from a page of the site, and what they do to it."""

from collections.abc import Callable

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

Until = Callable[[Callable[[WebDriver], object]], object]


def texts(driver: WebDriver, selector: str) -> list[str]:
    """What the elements say, hidden ones included; asked in one go, since pages draw themselves again."""
    script = "return [...document.querySelectorAll(arguments[0])].map(found => found.textContent.trim())"
    texts: list[str] = driver.execute_script(script, selector)
    return texts


def focus(driver: WebDriver, name: str) -> str | None:
    """An attribute of the element that has the focus, or its text."""
    script = "const at = document.activeElement; return arguments[0] ? at.getAttribute(arguments[0]) : at.textContent"
    focused: str | None = driver.execute_script(script, name)
    return focused


def element(driver: WebDriver, selector: str) -> WebElement:
    """The first element."""
    return driver.find_element(By.CSS_SELECTOR, selector)


def click(driver: WebDriver, selector: str) -> None:
    """Click the first element; in the middle of the window, as WebKit's driver misses one that is half in view."""
    target = element(driver, selector)
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", target)
    target.click()


def press(driver: WebDriver, key: str) -> None:
    """Press a key, or several, where the focus is."""
    ActionChains(driver).send_keys(key).perform()
