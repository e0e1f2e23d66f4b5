"""A Chrome that direct commands do not work with is found out, and left to chromedriver."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By

from tests.browsers.chrome.sides import counting, show
from uitest import browsers
from uitest.browsers.cdp import keyboard
from uitest.browsers.cdp.handlers import ANSWERS, Handlers
from uitest.browsers.sessions.case_driver import CaseDriver
from uitest.browsers.sessions.shared_browser import SharedBrowser
from uitest.browsers.settings import Settings
from uitest.compat import chrome_private, features


def launch() -> SharedBrowser:
    browser = browsers.launch("chrome", Settings(), browsers.options("chrome", Settings()))
    assert isinstance(browser, SharedBrowser)
    return browser


def wrong_title(handlers: Handlers, params: Any) -> str:
    return "wrong"


def no_strokes(text: str) -> list[dict[str, Any]]:
    return [{"type": "noSuchType"}]


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No tool has been checked yet; nor has it for the tests that follow, which meet no broken one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    features.forget()
    yield
    features.forget()


@pytest.mark.parametrize("broken", ["answer", "input", "event"])
@pytest.mark.usefixtures("unchecked")
def test_chrome_that_answers_otherwise_is_left_to_chromedriver_with_one_warning(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """All goes to chromedriver, one warning names the version, and the next browser knows."""
    with monkeypatch.context() as breaking:
        if broken == "answer":
            breaking.setitem(ANSWERS, "getTitle", wrong_title)
        elif broken == "event":
            breaking.setattr(chrome_private, "means_to_leave", lambda *_: False)
        else:
            breaking.setitem(Handlers.type.__globals__, "strokes", no_strokes)
        with pytest.warns(UserWarning, match=r"Chrome \d+\.[\d.]+ with chromedriver \d+\.[\d.]+ .*--commands driver"):
            first = launch()
        first.kill()
    assert keyboard.strokes("a")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        second = launch()
    try:
        driver = second.open()
        assert isinstance(driver, CaseDriver)
        with counting(driver) as forwarded:
            show(driver, "<p id=words>words")
            assert driver.find_element(By.ID, "words").text == "words"
        assert forwarded == ["get", "findElement", "getElementText"]
        second.close(driver)
        assert not second.needs_replacement
    finally:
        second.kill()
