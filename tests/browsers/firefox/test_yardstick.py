"""What a case sees of windows in Firefox is what it sees with plain Selenium and geckodriver."""

from typing import Any

import pytest
from selenium.common.exceptions import NoSuchWindowException
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

from tests.browsers.chrome.sides import page
from tests.browsers.steps import (
    alert_text,
    click,
    close,
    command,
    current,
    first_window,
    get,
    handles,
    shown_dialog,
    title,
)
from tests.browsers.yardstick import Ways, same

pytestmark = pytest.mark.slow

KINDS = [5, "zz", "tab", "window"]


def new_window(kind: Any) -> Any:
    """As Selenium sends it, whatever the type is."""
    return lambda driver: driver.switch_to.new_window(kind)


def count(driver: WebDriver) -> int:
    """How many windows there are."""
    return len(driver.window_handles)


def answered(driver: WebDriver) -> str:
    """The title that the page takes from the answer to its question, some time after the dialog was closed."""
    return WebDriverWait(driver, 10).until(lambda _: driver.title.replace("A title", ""))


def test_new_window_under_a_dialog_closes_it_and_raises(firefox: Ways) -> None:
    """The dialog is closed, nothing is opened, and the case is told."""
    asks = page("<button id=go onclick='setTimeout(() => { document.title = confirm(1) })'>go")
    for kind in KINDS:
        results = same(firefox, get(asks), click(), shown_dialog, new_window(kind), count, answered, alert_text)
        assert results[3].startswith("UnexpectedAlertPresent" if isinstance(kind, str) else "InvalidArgument")
        assert results[4] == 1


def test_new_window_is_refused_while_the_current_one_is_closed(firefox: Ways) -> None:
    """It is refused until the case has switched to one that is open."""
    for kind in KINDS:
        again = [new_window(kind), current, count, first_window, new_window(kind), count]
        results = same(firefox, new_window("tab"), close, *again)
        assert results[2].startswith("NoSuchWindow" if isinstance(kind, str) else "InvalidArgument")


def test_bad_window_type_fails_or_is_a_tab_as_with_geckodriver(firefox: Ways) -> None:
    """It fails, or is a tab, as with geckodriver."""
    for kind in (*KINDS, "", None, ["tab"]):
        same(firefox, command(Command.NEW_WINDOW, type=kind), new_window(kind), count)


def test_bad_handle_fails_in_geckodrivers_words(firefox: Ways) -> None:
    """It fails in geckodriver's words, and the case stays where it is."""
    for handle in ("xx", "0" * 32, "00000000-0000-4000-8000-000000000000", "", 5, None):
        switch = command(Command.SWITCH_TO_WINDOW, handle=handle)
        same(firefox, switch, title, count)
        same(firefox, new_window("tab"), close, switch, title, count)


def test_new_window_after_the_last_close_is_refused(firefox: Ways) -> None:
    """A session that has closed its last window is over; a type that geckodriver cannot read it refuses even then."""
    for kind in (5, "tab"):
        results = same(firefox, close, new_window(kind), handles, title)
        assert results[1].startswith("InvalidSessionId" if isinstance(kind, str) else "InvalidArgument")


def test_get_returns_although_its_page_closes_the_only_window(firefox: Ways) -> None:
    """As with geckodriver, not compared because plain Firefox ends with its last window."""
    ours = firefox.browsers({})["ours"]
    driver = ours.open()
    for event in ("DOMContentLoaded", "load"):
        driver.get(page(f"<script>addEventListener('{event}', () => close())</script>"))
        with pytest.raises(NoSuchWindowException):
            _ = driver.title
        ours.close(driver)
        driver = ours.open()
    ours.close(driver)
