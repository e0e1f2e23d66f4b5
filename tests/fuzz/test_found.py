"""Differences that the search has found, by what was wrong; each is the shortest program that showed it."""

import pytest

from tests.fuzz.comparison import Comparison
from tests.fuzz.program import Program

LOADS = "<title>here</title>"

FOUND = {
    "new window of a type that is no text": ("driver.switch_to.new_window(5)",),
    "new window of an unknown type": ("driver.switch_to.new_window('zz')", "driver.window_handles"),
    "window with a bad handle": ("driver.switch_to.window('nope')",),
    "new window under a dialog": (
        "driver.execute_async_script(\"alert('async')\")",
        "driver.switch_to.new_window('tab')",
        "driver.window_handles",
    ),
    "title of a popup that loads": (
        "driver.execute_script(\"open('/slow/1')\")",
        "driver.switch_to.window(driver.window_handles[-1])",
        "driver.title",
    ),
    "dialog of a script, seen from a window that was switched to": (
        "driver.execute_script(\"return confirm('scripted?')\")",
        "driver.switch_to.window(first)",
        "driver.find_element('css selector', '#b0')",
    ),
    "command after the last window was closed": ("driver.close()", "driver.switch_to.alert.accept()"),
    "click on what the driver takes for hidden": (
        "driver.execute_script(\"document.body.innerHTML = '<a id=a href=/1 style=content-visibility:hidden>go</a>'\")",
        "e0 = driver.find_element('css selector', '#a')",
        "e0.click()",
        "e0.is_displayed()",
    ),
    "typing into what the driver takes for hidden": (
        "driver.execute_script(\"document.body.innerHTML = '<input id=i style=content-visibility:hidden>'\")",
        "e0 = driver.find_element('css selector', '#i')",
        "e0.send_keys('x')",
        "e0.is_displayed()",
    ),
}

HEAR = "<script>addEventListener('DOMContentLoaded', () => { alert('Hear!') })</script>"

ASKS = "<input id=i><a id=a href=/1>go</a><script>onbeforeunload = event => event.preventDefault()</script>"

TYPED = ("e0 = driver.find_element('css selector', '#i')", "e0.send_keys(Keys.CONTROL, 'a')")
"""chromedriver is shown the window, and the page may ask whether to leave it."""

FOUND_ON_PAGES = {
    "focus after a switch to the current window": Program(
        ("<div id=d contenteditable><button id=b autofocus>in</button></div>", "", ""),
        ("driver.switch_to.window(first)", "driver.switch_to.active_element.get_attribute('id')"),
    ),
    "script whose page asks whether to leave": Program(
        (ASKS, HEAR, ""),
        (*TYPED, "driver.execute_script(\"location.href = '/1'; return 5\")", "driver.title", "driver.title"),
    ),
    "script that alerts after its page has asked whether to leave": Program(
        (ASKS, "", ""),
        (
            *TYPED,
            "driver.execute_script(\"location.href = '/1'; alert('A')\")",
            "driver.forward()",
            "driver.switch_to.alert.accept()",
        ),
    ),
    "click on a link of a page that asks whether to leave": Program(
        (ASKS, HEAR, ""), (*TYPED, "driver.find_element('css selector', '#a').click()", "driver.title", "driver.title")
    ),
    "dialog of an asynchronous script in a new tab": Program(
        ("", "", ""),
        (
            "driver.switch_to.new_window('tab')",
            "driver.execute_async_script(\"alert('async')\")",
            "driver.get(site.url + '/0#hash')",
        ),
    ),
    "script that deletes what its value is written with": Program(
        ("", "", ""), ("driver.execute_script('delete window.JSON')", "driver.execute_script('return 1')")
    ),
    "script in a page that has replaced what chromedriver is made of": Program(
        ("<script>window.Promise = window.Array = window.JSON = undefined</script>", "", ""),
        ("driver.execute_script('return [1, document.body]')", "driver.execute_script('throw new Error(1)')"),
    ),
    "dialog that opens while a command waits for the page": Program(
        ("", "<script>document.title = confirm('Sure?')</script>", ""),
        (
            "driver.execute_script(\"location.href = '/slow/1'; alert('A')\")",
            "driver.switch_to.alert.accept()",
            "driver.title",
            "driver.find_elements('css selector', '#p')",
        ),
    ),
    "page load timeout under a dialog of a page that loads": Program(
        (HEAR.replace("alert('Hear!')", "Promise.resolve().then(() => alert('Hear!'))"), "", ""),
        (
            "driver.set_page_load_timeout(2)",
            "driver.switch_to.alert.accept()",
            "driver.title",
            "driver.get(site.url + '/1')",
            "driver.timeouts.page_load",
        ),
    ),
    "focused element of a busy page that focuses it by itself": Program(
        (
            "<input id=i autofocus><script>onload = () => setTimeout(() => { let t = performance.now(); "
            "while (performance.now() - t < 100); })</script>",
            "",
            "",
        ),
        ("driver.switch_to.active_element.get_attribute('id')",),
    ),
    "two frames that alert while they load, one of them slow": Program(
        ("<iframe src='/1#there' style='display:none'></iframe><iframe src='/slow/1'></iframe>", HEAR, ""),
        (
            "driver.get('http://127.0.0.1:1/')",
            "driver.find_elements('css selector', '#f0')",
            "driver.switch_to.alert.text",
        ),
    ),
}

FOUND_IN_FIREFOX = {
    "window with a bad handle": ("driver.switch_to.window('nope')",),
    "command under a dialog": (
        "driver.execute_script(\"alert('scripted')\")",
        "driver.find_element('css selector', '#b0')",
    ),
    "new window under a dialog": ("driver.execute_script(\"alert('scripted')\")", "driver.switch_to.new_window('tab')"),
    "command after the last window was closed": ("driver.close()", "driver.title"),
    "cookie of another domain": ("driver.add_cookie({'name': 'a', 'value': 'b', 'domain': 'example.com'})",),
    "cookies of another path": (
        "driver.add_cookie({'name': 'a', 'value': 'b', 'path': '/elsewhere'})",
        "driver.add_cookie({'name': 'c', 'value': 'd'})",
        "driver.get_cookies()",
        "driver.delete_all_cookies()",
        "driver.get_cookies()",
    ),
    "script that leaves a page which asks whether to": (
        "driver.execute_script('document.body.innerHTML = \"<input id=i>\"')",
        "driver.find_element('css selector', '#i').click()",
        "driver.execute_script('onbeforeunload = event => event.preventDefault()')",
        "driver.execute_script(\"location.href = '/1'; return 5\")",
        "driver.get(site.url + '/2')",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FOUND_IN_FIREFOX)
def test_known_difference_in_firefox_is_gone(firefox: Comparison, name: str) -> None:
    """A case in one of our contexts sees what it sees with plain Firefox."""
    firefox.assert_alike(Program((LOADS, LOADS, LOADS), FOUND_IN_FIREFOX[name]))


@pytest.mark.parametrize("name", FOUND_ON_PAGES)
def test_known_difference_on_a_page_of_its_own_is_gone(chrome: Comparison, name: str) -> None:
    """No side differs from plain Selenium any more, on pages of their own."""
    chrome.assert_alike(FOUND_ON_PAGES[name])


@pytest.mark.parametrize("name", FOUND)
def test_known_difference_is_gone(chrome: Comparison, name: str) -> None:
    """No side differs from plain Selenium any more."""
    chrome.assert_alike(Program((LOADS, LOADS, LOADS), FOUND[name]))
