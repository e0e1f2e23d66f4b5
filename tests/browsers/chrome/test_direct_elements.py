"""Elements: what is answered without chromedriver is what chromedriver answers.

Pages that chromedriver has never seen are in ``test_unattended``.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    InvalidSelectorException,
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webelement import WebElement

from tests.browsers.chrome.sides import FIELDS, both, directly, show
from uitest.browsers.sessions.case_driver import CaseDriver

PAGE = """
<style>.low { text-transform: lowercase } .pre { white-space: pre } .flag { visibility: hidden }</style>
<h1 id=top class="big low">Hello <b>World</b>&nbsp;!</h1>
<p class=pre>  kept   as it
is </p><p>two<br>lines  <span style="display:none">not me</span><span class=flag>nor me</span> end</p>
<table><tr><td>one</td><td>two</td></tr></table>
<form><fieldset disabled><legend><input id=legend></legend><input id=shut name=shut value=x></fieldset>
<input id=box type=checkbox checked><input type=radio name=r><input id=free value="a&quot;b" readonly required>
<select id=pick><option value=1>One<option value=2 selected>Two<option disabled>Three</select>
<select disabled><option id=dead>One</select><textarea id=area>text
area</textarea><button disabled>no</button><button id=go data-x="1 2">go</button></form>
<ul><li>a<li>b<li style="opacity:0">c</ul><svg id=drawing width=10 height=10><linearGradient id=gradient /></svg>
<div style="width:0;height:0;overflow:hidden" id=none>squeezed</div>
<div style="height:20px;overflow:hidden" id=clip><p style="margin-top:40px">clipped</p></div>
<a>none</a><a href="#top" id=link> a&nbsp;link </a><a style="display:none">a link</a>
<svg><a><text>a link</text></a></svg>
<a href="/2"><b style="text-transform:uppercase">two</b>  words <i hidden>not this</i> and<br>more</a>
<a>wORD<br>MORE</a>
<img alt=x><custom-tag id=custom>custom</custom-tag>
"""

QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (Command.GET_ELEMENT_TAG_NAME, {}),
    (Command.IS_ELEMENT_ENABLED, {}),
    *(
        (Command.GET_ELEMENT_ATTRIBUTE, {"name": n})
        for n in (
            "id",
            "class",
            "value",
            "CHECKED",
            "disabled",
            "multiple",
            "selected",
            "readonly",
            "href",
            "data-x",
            "no",
        )
    ),
    *((Command.GET_ELEMENT_PROPERTY, {"name": n}) for n in ("id", "value", "checked", "absent", "hidden", "tabIndex")),
    *((Command.GET_ELEMENT_VALUE_OF_CSS_PROPERTY, {"propertyName": n}) for n in ("display", "width", "font-weight")),
)


def test_direct_and_chromedriver_agree_on_every_element(driver: CaseDriver) -> None:
    """Both sides agree on every element of a page with a bit of everything."""
    show(driver, PAGE)
    assert both(driver, Command.GET_TITLE) == "A title"
    both(driver, Command.GET_CURRENT_URL)
    elements = both(driver, Command.FIND_ELEMENTS, using="css selector", value="*")
    assert len(elements) > 40
    for element in elements:
        argument = {"id": element.id}
        for command, params in QUESTIONS:
            both(driver, command, **argument, **params)
        both(driver, Command.GET_ELEMENT_TEXT, **argument)
        with directly(driver):
            ours = element.is_displayed(), element.get_attribute("value"), element.get_attribute("href")
        for name, value in zip(("value", "href"), ours[1:], strict=True):
            script, args = _script_of(driver, lambda element=element, name=name: element.get_attribute(name))
            assert (
                driver.forward_to_driver(Command.W3C_EXECUTE_SCRIPT, {"script": script, "args": args})["value"] == value
            )
        script, args = _script_of(driver, element.is_displayed)
        assert (
            driver.forward_to_driver(Command.W3C_EXECUTE_SCRIPT, {"script": script, "args": args})["value"] == ours[0]
        )
    for element in driver.find_elements(By.CSS_SELECTOR, "option, input[type=checkbox], input[type=radio]"):
        both(driver, Command.IS_ELEMENT_SELECTED, id=element.id)


def _script_of(driver: CaseDriver, ask: Callable[[], Any]) -> tuple[str, Any]:
    """Script and arguments that a question of Selenium's sends."""
    seen: list[tuple[str, Any]] = []
    execute = driver.execute
    driver.execute = lambda command, params=None: (
        seen.append((params["script"], params["args"])) or execute(command, params)
    )  # type: ignore[method-assign, index, func-returns-value]
    try:
        ask()
    finally:
        del driver.execute  # type: ignore[attr-defined]
    return seen[0]


def test_forwarded_commands_are_counted(driver: CaseDriver) -> None:
    """A driver knows how many commands it forwarded to chromedriver."""
    show(driver, PAGE)
    driver.find_element(By.ID, "go").click()
    assert driver.forwarded == 0
    assert driver.get_cookies() == []
    assert driver.forwarded == 1


WORDS = st.text(alphabet="ab \n\t\u00a0\u200bßÉ.&lt;", max_size=8).map(lambda text: text.replace("<", "&lt;"))

STYLES = st.sampled_from(
    [
        "", "display:none", "visibility:hidden", "opacity:0", "white-space:pre", "white-space:pre-line",
        "white-space:nowrap", "text-transform:uppercase", "text-transform:capitalize", "display:block",
        "display:inline-block", "display:flex", "overflow:hidden;height:5px", "width:0;height:0;overflow:hidden",
        "position:absolute;left:-500px", "float:left", "display:table-cell", "display:contents",
    ]
)  # fmt: skip

TAGS = st.sampled_from(["div", "span", "p", "b", "pre", "td", "li", "a", "button", "h2", "textarea", "label", "br"])

TREES = st.recursive(
    WORDS,
    lambda inside: st.tuples(TAGS, STYLES, st.lists(inside, max_size=3)).map(
        lambda node: f'<{node[0]} style="{node[1]}">{"".join(node[2])}</{node[0]}>'
    ),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.lists(TREES, min_size=1, max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
def test_text_of_random_pages_is_chromedrivers(chrome: Any, trees: list[str]) -> None:
    """Both sides see the same text, tag and state in whatever a page holds."""
    driver = chrome.open()
    try:
        show(driver, f"<main>{''.join(trees)}</main>")
        for element in both(driver, Command.FIND_ELEMENTS, using="css selector", value="main, main *"):
            both(driver, Command.GET_ELEMENT_TEXT, id=element.id)
            both(driver, Command.IS_ELEMENT_ENABLED, id=element.id)
    finally:
        chrome.close(driver)


@pytest.mark.parametrize(
    ("using", "value"),
    [
        ("css selector", "li"),
        ("css selector", "#go[data-x='1 2'], li:nth-child(2)"),
        ("tag name", "li"),
        ("xpath", "//li[2]"),
        ("xpath", "//*[contains(text(), 'custom')]"),
        ("link text", "a link"),
        ("link text", "TWO words and\nmore"),
        ("partial link text", "words"),
        ("partial link text", "D\nM"),
    ],
)
def test_finding_gives_chromedrivers_elements_and_ids(driver: CaseDriver, using: str, value: str) -> None:
    """Both sides find the same elements, with the same ids, in the page and in an element of it."""
    show(driver, PAGE)
    first = both(driver, Command.FIND_ELEMENT, using=using, value=value)
    assert first in both(driver, Command.FIND_ELEMENTS, using=using, value=value)
    body = driver.find_element(By.TAG_NAME, "body")
    assert both(driver, Command.FIND_CHILD_ELEMENT, id=body.id, using=using, value=value) == first
    assert first in both(driver, Command.FIND_CHILD_ELEMENTS, id=body.id, using=using, value=value)
    assert driver.execute_script("return arguments[0].isConnected", first)


def test_failing_commands_raise_chromedrivers_errors(driver: CaseDriver) -> None:
    """What fails, fails with Selenium's own exceptions."""
    show(driver, "<p id=old>old</p><button id=under>under</button><div id=over></div><input id=off disabled>")
    old = driver.find_element(By.ID, "old")
    with pytest.raises(NoSuchElementException):
        driver.find_element(By.ID, "absent")
    assert driver.find_elements(By.ID, "absent") == []
    with pytest.raises(InvalidSelectorException):
        driver.find_element(By.CSS_SELECTOR, "]")
    with pytest.raises(InvalidSelectorException):
        driver.find_element(By.XPATH, "//p/text()")
    driver.execute_script("document.getElementById('over').style = 'position:fixed;inset:0'")
    with pytest.raises(ElementClickInterceptedException):
        driver.find_element(By.ID, "under").click()
    with pytest.raises(WebDriverException):
        driver.find_element(By.ID, "off").send_keys("x")
    driver.execute_script("arguments[0].remove()", old)
    for question in (
        lambda: old.text,
        lambda: old.tag_name,
        lambda: old.is_displayed(),
        lambda: old.find_element(By.ID, "x"),
    ):
        with pytest.raises(StaleElementReferenceException):
            question()
    other = driver.find_element(By.ID, "under")
    driver.refresh()
    with pytest.raises(StaleElementReferenceException):
        _ = other.text


def test_implicit_wait_finds_an_element_that_comes_late(driver: CaseDriver) -> None:
    """An element that comes late is waited for."""
    driver.implicitly_wait(5)
    show(
        driver,
        "<script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<i id=late>x</i>'), 300)</script>",
    )
    assert driver.find_element(By.ID, "late").text == "x"


def test_elements_of_one_side_are_elements_of_the_other(driver: CaseDriver) -> None:
    """Elements of one side are elements of the other, and equal."""
    show(driver, FIELDS)
    theirs = driver.execute_script("return document.getElementById('text')")
    assert isinstance(theirs, WebElement)
    with directly(driver):
        ours = driver.find_element(By.ID, "text")
        assert theirs.get_property("value") == "before"
    assert ours == theirs
    assert driver.execute_script("return arguments[0].id", ours) == "text"
    assert driver.switch_to.active_element.tag_name == "body"
