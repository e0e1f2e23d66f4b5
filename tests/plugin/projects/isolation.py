"""Cases that leave something behind, and cases that must not find it (see test_isolation.py).

``test_leaves_...`` need no partner: whichever case comes next finds a browser that works, or fails.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest
from selenium.common.exceptions import NoAlertPresentException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

PAGE = os.environ["PAGES"] + "/page.html"
REALM = os.environ["REALM"]

STORES = {
    "cookies": ("document.cookie = 'left=1; max-age=1000'", "return document.cookie"),
    "local storage": ("localStorage.left = 1", "return localStorage.left"),
    "session storage": ("sessionStorage.left = 1", "return sessionStorage.left"),
    "databases": (
        "await new Promise((done, fail) => {"
        "  const asked = indexedDB.open('left', 1); asked.onerror = fail;"
        "  asked.onsuccess = () => { asked.result.close(); done(); } })",
        "return await new Promise((done, fail) => {"
        "  const asked = indexedDB.open('left', 1); let old = 1; asked.onerror = fail;"
        "  asked.onupgradeneeded = event => { old = event.oldVersion };"
        "  asked.onsuccess = () => { asked.result.close(); done(old); } })",
    ),
    "caches": (
        "await (await caches.open('left')).put('/left', new Response('left'))",
        "return (await caches.keys()).length",
    ),
    "service workers": (
        "await navigator.serviceWorker.register('worker.js')",
        "return (await navigator.serviceWorker.getRegistrations()).length",
    ),
}

STEPS = ["leave", "look", "look again"]
"""Again, because WebKit's sessions come from two processes in turn: the one that was left in is looked at as well."""

folders = []
first_view = {}
"""What the very first case saw, for the ones that must see the same."""


@pytest.fixture(autouse=True)
def page(driver):
    """Every case has one window of its own and can open a page in it."""
    assert len(driver.window_handles) == 1
    driver.get(PAGE)
    return driver


def script(driver, text):
    return driver.execute_script(f"return (async () => {{ {text} }})()")


def view(driver):
    look = "return [innerWidth, innerHeight, devicePixelRatio, visualViewport.scale]"
    return {**driver.get_window_size(), "inside": script(driver, look)}


def test_first_view(driver):
    first_view.update(view(driver))


@pytest.mark.parametrize("step", STEPS)
def test_stores(driver, step):
    if step == "leave":
        for leave, _ in STORES.values():
            script(driver, leave)
        driver.add_cookie({"name": "command", "value": "1"})
        driver.refresh()
    kept = {name for name, (_, look) in STORES.items() if script(driver, look)}
    assert kept == (set(STORES) if step == "leave" else set())
    assert {cookie["name"] for cookie in driver.get_cookies()} == ({"left", "command"} if step == "leave" else set())


@pytest.mark.parametrize("step", STEPS)
def test_password(driver, step):
    if step == "leave":
        driver.get(f"http://ann:secret@{REALM}/realm/ask")
    driver.get(f"http://{REALM}/realm/seen")
    assert (driver.title == "nothing") is (step != "leave")


@pytest.mark.parametrize("step", ["leave", "look"])
def test_window_size(driver, step):
    if step == "leave":
        driver.maximize_window()
        driver.set_window_size(700, 500)
        assert driver.get_window_size() == {"width": 700, "height": 500}
    else:
        assert view(driver) == first_view


@pytest.mark.parametrize("step", ["leave", "look"])
def test_zoom_and_permissions(driver, uitest_browser, step):
    ask = "return (await navigator.permissions.query({name: 'geolocation'})).state"
    if step == "look":
        assert view(driver) == first_view
        assert uitest_browser == "webkit" or script(driver, ask) != "granted"
    elif uitest_browser == "chrome":  # no other driver can change either
        driver.execute_cdp_cmd("Emulation.setPageScaleFactor", {"pageScaleFactor": 2})
        driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["geolocation", "notifications"]})
        assert script(driver, ask) == "granted"
        assert view(driver) != first_view


@pytest.mark.parametrize("step", ["leave", "look"])
def test_browser_wide_commands(driver, uitest_browser, step):
    if step == "look":
        assert driver.execute_script("return window.pinned") is None
    elif uitest_browser == "chrome":
        driver.set_network_conditions(offline=True, latency=5, throughput=500)
    elif uitest_browser == "firefox":
        driver.script.pin("() => { window.pinned = 1; }")
        driver.refresh()
        assert driver.execute_script("return window.pinned") == 1


@pytest.mark.parametrize("step", ["leave", "look"])
def test_timeouts(driver, step):
    if step == "leave":
        driver.implicitly_wait(7)
        driver.set_page_load_timeout(9)
        driver.set_script_timeout(8)
    else:
        timeouts = driver.timeouts
        assert (timeouts.implicit_wait, timeouts.page_load, timeouts.script) == (0, 300, 30)


@pytest.mark.parametrize("step", ["leave", "look"])
def test_held_keys(driver, step):
    driver.find_element(By.ID, "text").click()
    if step == "leave":
        ActionChains(driver).key_down(Keys.SHIFT).perform()
    ActionChains(driver).send_keys("a").perform()
    expected = "A" if step == "leave" else "a"
    assert driver.find_element(By.ID, "text").get_property("value") == expected


def test_leaves_a_dialog(driver):
    driver.execute_script("setTimeout(() => alert('left'), 0)")
    WebDriverWait(driver, 10, ignored_exceptions=[NoAlertPresentException]).until(lambda driver: driver.switch_to.alert)


def test_leaves_a_question_before_leaving(driver):
    driver.execute_script("addEventListener('beforeunload', event => event.preventDefault())")
    driver.find_element(By.ID, "text").send_keys("unsaved")


@pytest.mark.parametrize("step", ["leave", "look"])
def test_windows(driver, step):
    if step == "leave":
        driver.switch_to.new_window("tab")
        driver.switch_to.new_window("window")
        driver.get(PAGE)
        driver.find_element(By.ID, "popup").click()
        WebDriverWait(driver, 10).until(lambda driver: len(driver.window_handles) == 4)
    else:
        own = driver.current_window_handle
        driver.switch_to.new_window("tab")
        assert len(driver.window_handles) == 2
        driver.close()
        assert driver.window_handles == [own]
        driver.switch_to.window(own)
        assert driver.title == "Page"


def test_leaves_no_window(driver):
    driver.close()
    with pytest.raises(WebDriverException):
        _ = driver.title


def test_leaves_no_browser(driver):
    driver.quit()
    with pytest.raises(WebDriverException):
        _ = driver.title


@pytest.mark.parametrize("step", ["leave", "look"])
def test_downloads(request, driver, uitest_browser, step):
    if uitest_browser == "webkit":
        pytest.skip("WebKit cannot be told where to download to")
    if step == "leave":
        folder = request.getfixturevalue("downloads")
        driver.find_element(By.ID, "download").click()
        WebDriverWait(driver, 10).until(lambda _: (folder / "data.bin").exists())
        folders.append(folder)
    else:  # denied, or else it would land where the last case's went
        driver.find_element(By.ID, "download").click()
        time.sleep(0.5)
        assert [path.name for path in folders[0].iterdir()] == ["data.bin"]
        assert list(Path.home().glob("Downloads/*")) == []


def test_is_not_disturbed(driver):
    """Whatever is made ready for the next case meanwhile, this one keeps the focus."""
    driver.execute_script("window.lost = 0; addEventListener('blur', () => { lost += 1; });")
    driver.find_element(By.ID, "text").click()
    time.sleep(0.5)
    assert driver.execute_script("return [document.hasFocus(), lost, document.visibilityState]") == [True, 0, "visible"]


def test_leaves_a_crashed_page(driver, uitest_browser):
    if uitest_browser == "chrome":
        with contextlib.suppress(WebDriverException):
            driver.get("chrome://crash")
    else:  # no address crashes these
        content = {"firefox": "-contentproc", "webkit": "WebKitWebProcess"}[uitest_browser]
        for environ in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                ours = os.environ["SESSION_MARK"].encode() in environ.read_bytes()
                if ours and content in (environ.parent / "cmdline").read_text():
                    os.kill(int(environ.parent.name), signal.SIGKILL)
    with pytest.raises(WebDriverException):
        _ = driver.find_element(By.ID, "text").text


def test_leaves_a_busy_page(driver):
    driver.execute_script("setTimeout(() => { while (true); }, 100)")


def test_fails(driver):
    pytest.fail("this one fails on purpose")


def test_last_view(driver):
    assert view(driver) == first_view
