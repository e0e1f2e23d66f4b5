"""A case's own scripts run in Chrome as chromedriver runs them: arguments, values, failures, dialogs, other pages."""

from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.browsers.chrome.sides import directly, page, show
from tests.browsers.steps import accept, alert_text, click, get, script, title
from tests.browsers.yardstick import Step, Ways, same
from uitest.browsers.sessions.case_driver import CaseDriver

PAGE = page(
    "<p id=words class=big>words</p><p>more</p><iframe srcdoc=inside></iframe><div id=host></div><input id=go value=x>"
    "<script>host.attachShadow({mode: 'open'}).innerHTML = '<b>shadow</b>'</script>"
)

VALUES = [
    "",
    "return 1 // no more",
    "return undefined",
    "return [null, true, 'é\\u2028<>\\u0000']",
    "'use strict'; return this",
    "return [1e20, 1234567890123456789, 2**31, -(2**31) - 1, 2**53, 1.5, -0, 1e-7, NaN]",
    "return [Infinity, 2**63, -(2**63), 2**64]",
    "return {b: 1, a: {z: undefined, y: null, x: [, 1]}}",
    "return [function () {}, Symbol('x'), 10n, new Date(0), /x/]",
    "return [new Map([[1, 2]]), new Set([1]), new Uint8Array([1, 2]), new String('ab'), new Number(3), new Error('e')]",
    "return {toJSON() { return 7 }}",
    "return {__proto__: {q: 1}, r: 2}",
    "return {then(done) { done(4) }}",
    "return new Promise(done => setTimeout(() => done(5), 20))",
    "return arguments",
    "return this === window",
    "return document.querySelectorAll('p')",
    "return document.getElementsByTagName('p')",
    "return document",
    "return window",
    "return frames[0]",
    "return [document.body, {a: document.body}]",
    "return document.getElementById('host').shadowRoot",
    "return document.getElementById('host').shadowRoot.firstChild",
    "return document.body.getBoundingClientRect()",
    "let a = []; for (let i = 0; i < 150; i++) a = [a]; return a",
]

FAILURES = [
    "throw 'text'",
    "throw 5",
    "throw 0",
    "throw null",
    "throw undefined",
    "throw {a: 1}",
    "throw {message: {a: [1]}}",
    "throw {code: 8, message: 'm'}",
    "throw {code: 999, message: 'm'}",
    "throw {code: 'x', message: 'm'}",
    "return (",
    "throw new RangeError('r')",
    "return Promise.reject(new Error('no'))",
    "return Promise.reject(null)",
    "return none()",
    "document.querySelector('!!')",
    "let a = {}; a.a = a; return a",
    "return {get a() { throw new Error('g') }}",
    "return frames[0].document.body",
    "return document.createElement('i')",
    "return '\\ud800x'",
    "return 1}; //",
    "return document.createElement('div').attachShadow({mode: 'open'})",
    "let a = []; for (let i = 0; i < 250; i++) a = [a]; return a",
    "return {'element-6066-11e4-a52e-4f735466cecf': 'x'}",
    ":nothing",
]

ARGUMENTS: list[tuple[Any, ...]] = [
    (),
    (1, 1.0, 1e20, 2**40, 2**70, -0.0, True, None, "é<\u2028'\"\\\n"),
    ({"b": 1, "a": [1]},),
    ({"__proto__": {"q": 1}},),
    ((1, 2), [3]),
    ({"length": 3},),
    ({"ELEMENT": "x"},),
    ({"element-6066-11e4-a52e-4f735466cecf": "x"},),
]

ECHO = "return Array.from(arguments, one => [one, JSON.stringify(one), one && Object.keys(one), one && one.q])"


def ask(*given: Any) -> Step:
    """A script that tells what it was given, whatever is in it: the step is one of ``same``."""
    return lambda driver: driver.execute_script(ECHO, *given)


def with_elements(driver: WebDriver) -> Any:
    words = driver.find_element(By.ID, "words")
    root = driver.find_element(By.ID, "host").shadow_root
    text = "return [arguments[0].in[0], arguments[0].in[0].textContent, arguments[1].innerHTML, arguments[2]]"
    return driver.execute_script(text, {"in": [words]}, root, words)[1:]


def with_a_stale_element(driver: WebDriver) -> Any:
    words = driver.find_element(By.ID, "words")
    driver.execute_script("arguments[0].remove()", words)
    return driver.execute_script("return arguments[0].id", words)


def kinds(step: Step) -> Step:
    """With the types of numbers, which compare equal, and shadow roots by what is in them."""

    def run(driver: WebDriver) -> Any:
        value = step(driver)
        if type(value).__name__ == "ShadowRoot":
            return value.find_element(By.CSS_SELECTOR, "b").text
        return [value, [type(item).__name__ for item in value] if isinstance(value, list) else type(value).__name__]

    return run


def test_values_arguments_and_errors_of_scripts_are_plain_seleniums(chromes: Ways) -> None:
    """They are what plain Selenium says, in pages that chromedriver has seen and in others."""
    results = same(
        chromes, get(PAGE),
        *(kinds(script(text)) for text in VALUES), *(kinds(ask(*given)) for given in ARGUMENTS),
        with_elements, *(script(text) for text in FAILURES), *(kinds(script(text)) for text in VALUES), with_elements,
        with_a_stale_element,
    )  # fmt: skip
    assert results[-1].startswith("StaleElementReferenceException")


def test_values_are_read_without_chromedriver(driver: CaseDriver) -> None:
    """Only what fails is asked of it."""
    driver.get(PAGE)
    with directly(driver):
        for text in VALUES:
            driver.execute_script(text)
        for given in ARGUMENTS[:-2]:
            driver.execute_script(ECHO, *given)


LEAVING = {
    "address": "location.href = '{}/slow'; return 1",
    "promise": "location.href = '{}/slow'; return new Promise(done => setTimeout(() => done(5), 100))",
    "reload": "location.reload(); return document.title",
    "form": "document.body.innerHTML = '<form action={}/slow>'; document.forms[0].submit(); return 1",
    "link": "document.body.innerHTML = '<a href={}/slow>x'; document.body.firstChild.click(); return 1",
    "failure": "location.href = '{}/slow'; throw new Error('x')",
    "never": "location.href = '{}/slow'; return new Promise(() => 0)",
    "stopped": "location.href = '{}/slow'; window.stop(); return 1",
    "hash": "location.hash = 'x'; return location.hash",
    "state": "history.pushState(null, '', '/z'); return location.pathname",
    "document": "document.open(); document.write('<title>w</title>x'); document.close(); return document.title",
}


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
@pytest.mark.parametrize("way", LEAVING)
def test_script_that_leaves_the_page_is_followed_by_the_next_page(
    chromes: Ways, slow_page: str, way: str, watched: bool
) -> None:
    """The next command sees the next page."""
    seen: list[Step] = [lambda driver: driver.get_cookies()] * watched
    results = same(chromes, get(f"{slow_page}/quick"), *seen, script(LEAVING[way].replace("{}", slow_page)), title)
    assert results[-1] in ("slow", "quick", "w")


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
def test_script_that_opens_a_dialog_leaves_it_to_the_next_command(chromes: Ways, watched: bool) -> None:
    """It goes on, its value is lost, and the dialog is the next command's; no script waits behind a dialog."""
    seen: list[Step] = [lambda driver: driver.get_cookies()] * watched
    same(
        chromes,
        get(PAGE),
        *seen,
        script("return alert(1)"),
        title,
        script("return confirm(2) || 3"),
        alert_text,
        accept,
    )
    same(
        chromes, get(PAGE), *seen, script("return prompt(4)"), script("document.title = 'ran'"), title,
        script("return Promise.resolve().then(() => alert(5)).then(() => 6)"), alert_text, accept, title,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["return new Promise(() => 0)", "const ends = Date.now() + 1000; while (Date.now() < ends);"]
)
def test_script_that_takes_too_long_raises_and_the_page_answers_afterwards(chromes: Ways, text: str) -> None:
    """The case is told, and the next script has its answer once the page is free again, however slow the machine is."""
    results = same(
        chromes,
        get(PAGE),
        lambda driver: driver.set_script_timeout(0.05),
        script(text),
        lambda driver: driver.set_script_timeout(30),
        script("return 2"),
        click(),
        title,
    )
    assert results[2] == "TimeoutException: script timeout"
    assert results[4] == 2


def test_page_that_replaces_what_chromedriver_needs_is_answered_directly(driver: CaseDriver) -> None:
    """What chromedriver's function is made of was kept before the page's own scripts ran."""
    show(driver, "<script>Promise = class extends Promise {}; delete window.JSON</script>")
    with directly(driver):
        assert driver.execute_script("return [1, {a: document.body}]")[0] == 1
