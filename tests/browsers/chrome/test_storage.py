"""What a case does to its own storage over DevTools is its own affair."""

from collections.abc import Callable
from typing import Any

import pytest

from uitest.browsers.sessions.case_driver import CaseDriver
from uitest.browsers.sessions.shared_browser import SharedBrowser

FILL = """const done = arguments[0];
localStorage.a = 1;
document.cookie = 'c=1';
const opening = indexedDB.open('db', 1);
opening.onsuccess = () => { opening.result.close(); caches.open('k').then(() => done(true)); };"""

LOOK = """const done = arguments[0];
Promise.all([indexedDB.databases(), caches.keys()]).then(([made, kept]) =>
  done([localStorage.a || null, document.cookie, made.length, kept.length]));"""


@pytest.mark.parametrize(
    ("command", "params"),
    [
        ("Storage.clearDataForOrigin", lambda url: {"origin": url, "storageTypes": "all"}),
        ("Storage.clearDataForStorageKey", lambda url: {"storageKey": f"{url}/", "storageTypes": "all"}),
        ("Storage.getUsageAndQuota", lambda url: {"origin": url}),
    ],
    ids=["origin", "key", "usage"],
)
def test_storage_commands_act_on_this_cases_context_alone(
    chrome: SharedBrowser,
    driver: CaseDriver,
    slow_page: str,
    command: str,
    params: Callable[[str], dict[str, Any]],
) -> None:
    """They act on this case's context alone, and the browser serves on."""
    other = chrome.driver
    base = other.current_window_handle
    other.get(f"{slow_page}/quick")
    driver.get(f"{slow_page}/quick")
    for window in (other, driver):
        if window is other:
            other.switch_to.window(base)
        assert window.execute_async_script(FILL)
    driver.is_shown = False  # the browser's own window has been looked at meanwhile
    driver.execute_cdp_cmd(command, params(slow_page))
    emptied = [None, "", 0, 0]
    assert (driver.execute_async_script(LOOK) == emptied) == command.startswith("Storage.clear")
    other.switch_to.window(base)
    assert other.execute_async_script(LOOK) == ["1", "c=1", 1, 1]
    other.get("about:blank")
    driver.is_shown = False
    assert not chrome.needs_replacement
