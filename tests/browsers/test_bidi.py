"""BiDi belongs to the case: windows, user contexts, subscriptions and the tree are as in a browser of its own."""

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver

from tests.support.processes import eventually
from uitest import browsers
from uitest.browsers.sessions.case_driver import CaseDriver
from uitest.browsers.sessions.shared_browser import SharedBrowser
from uitest.browsers.settings import Settings

BIDI = Settings(capabilities={"webSocketUrl": True})


@contextmanager
def own_browser(name: str) -> Iterator[WebDriver]:
    """A browser that is the case's alone."""
    driver = browsers.start(name, BIDI)
    try:
        yield driver
    finally:
        driver.quit()


def collect_garbage() -> None:
    """Free what Selenium has left: old versions do not close the socket of BiDi, which would warn in a later test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@contextmanager
def case_of_warm_browser(name: str) -> Iterator[WebDriver]:
    """A case of a browser that has served another one and has prepared for the next."""
    browser = browsers.launch(name, BIDI, browsers.options(name, BIDI))
    assert isinstance(browser, SharedBrowser)
    try:
        browser.close(browser.open())
        driver = browser.open()
        browser.prepare()
        yield driver
        browser.close(driver)
        assert browser.needs_replacement
    finally:
        browser.kill()


def seen(driver: WebDriver) -> dict[str, Any]:
    """What a case sees of its windows and user contexts, by numbers and in words that are no browser's ids."""
    first = driver.current_window_handle
    driver.get("data:text/html,<title>first</title>")
    tree = driver.browsing_context.get_tree
    announced: list[str] = []
    driver.browsing_context.add_event_handler("context_created", lambda event: announced.append(event.context))
    values: dict[str, Any] = {"first context": driver.browser.get_user_contexts()[0], "windows": len(tree())}

    opened = driver.browsing_context.create(type="window")
    created = driver.browser.create_user_context()
    elsewhere = driver.browsing_context.create(type="tab", user_context=created)
    eventually(lambda: {opened, elsewhere} <= set(announced), "told of the windows")
    values["handles"] = set(driver.window_handles) == {first, opened, elsewhere}
    values["tree"] = {window.context for window in tree()} == {first, opened, elsewhere}
    values["in the tree"] = {window.context: window.user_context for window in tree()}[opened]
    contexts = driver.browser.get_user_contexts()
    values["contexts"] = contexts[0], created in contexts

    for window in (opened, elsewhere):
        driver.switch_to.window(window)
        driver.get(f"data:text/html,<title>{window}</title>")
        assert driver.title == window
    values["handle"] = driver.current_window_handle == elsewhere
    driver.browsing_context.close(context=opened)
    values["after one was closed"] = set(driver.window_handles) == {first, elsewhere}
    driver.browser.remove_user_context(created)
    eventually(lambda: driver.window_handles == [first], "the user context's window closed")
    with pytest.raises((WebDriverException, ValueError)) as refused:  # old Selenium does not ask the browser
        driver.browser.remove_user_context("default")
    values["default"] = str(getattr(refused.value, "msg", refused.value)).partition(":")[0]
    driver.switch_to.window(first)
    values["title"] = driver.title
    others = set(announced) - {first, opened, elsewhere}
    assert not (others and isinstance(driver, CaseDriver)), "the case was told of windows that are not its own"
    return values


@pytest.mark.parametrize("name", ["chrome", pytest.param("firefox", marks=pytest.mark.slow)])
def test_bidi_of_a_warm_browser_shows_only_this_cases_windows(name: str) -> None:
    """A case of a warm browser sees what it would see if the browser were its own."""
    with own_browser(name) as driver:
        expected = seen(driver)
    del driver
    collect_garbage()
    assert expected["first context"] == "default"
    assert expected["handles"]
    with case_of_warm_browser(name) as driver:
        assert seen(driver) == expected
        assert driver.browser.get_user_contexts() == ["default"]


@pytest.mark.parametrize("name", ["chrome", "firefox"])
def test_bidi_cookies_are_in_the_jar_of_the_cases_pages(name: str, slow_page: str) -> None:
    """Cookies of BiDi are in the jar of the case's pages."""
    with case_of_warm_browser(name) as driver:
        driver.get(f"{slow_page}/quick")
        driver.execute_script("document.cookie = 'a=b'")
        assert [cookie.name for cookie in driver.storage.get_cookies().cookies] == ["a"]
        driver.storage.delete_cookies()
        assert driver.get_cookies() == []
