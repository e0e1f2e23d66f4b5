"""The case that ``uitest doctor --function`` makes in Lambda with each engine: opens a page, types, clicks, reads."""

from typing import Any
from urllib.parse import quote

from selenium.webdriver.common.by import By

PAGE = """<!doctype html><title>uitest</title>
<input id=name><button onclick="document.title = 'Hello ' + document.getElementById('name').value">greet</button>"""


def test_browser(driver: Any, record_property: Any) -> None:
    """The page shows what was typed."""
    record_property("version", str(driver.capabilities.get("browserVersion", "")))
    driver.get(f"data:text/html,{quote(PAGE)}")
    driver.find_element(By.ID, "name").send_keys("Lambda")
    driver.find_element(By.TAG_NAME, "button").click()
    assert driver.title == "Hello Lambda"
    assert driver.get_screenshot_as_png().startswith(b"\x89PNG")
