"""Converts WebDriver's element references to Selenium's elements."""

from typing import Any

from selenium.webdriver.remote.shadowroot import ShadowRoot
from selenium.webdriver.remote.webdriver import WebDriver

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key that marks an element. https://www.w3.org/TR/webdriver2/#elements"""

SHADOW = "shadow-6066-11e4-a52e-4f735466cecf"
"""The key that marks a shadow root."""


def with_elements(driver: WebDriver, value: Any) -> Any:
    """A command's value with elements and shadow roots of this driver in place of references."""
    if isinstance(value, list):
        return [with_elements(driver, inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if ELEMENT in value:
        return driver.create_web_element(value[ELEMENT])
    if SHADOW in value:
        return ShadowRoot(driver, value[SHADOW])
    return {key: with_elements(driver, inner) for key, inner in value.items()}
