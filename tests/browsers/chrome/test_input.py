"""Clicks and keys that are sent directly cause the events of chromedriver's."""

import string
from collections.abc import Callable
from typing import Any

import pytest
from selenium.common.exceptions import (
    WebDriverException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.command import Command

from tests.browsers.chrome.sides import FIELDS, NewCase, counting, directly, show
from uitest.browsers.sessions.shared_browser import CaseDriver

EVENTS = """
window.log = [];
for (const kind of ['pointermove','mousemove','pointerdown','mousedown','focus','focusin','blur','focusout','pointerup',
    'mouseup','click','dblclick','change','keydown','keypress','beforeinput','input','keyup','submit'])
  addEventListener(kind, event => log.push([kind, event.target.id || event.target.nodeName, event.key, event.code,
    event.keyCode, event.shiftKey, event.data, event.clientX, event.clientY, event.button, event.buttons, event.detail,
    event.isTrusted, event.pointerType, event.inputType]), true);
"""


def acted(driver: CaseDriver, act: Callable[[CaseDriver], None]) -> tuple[Any, Any]:
    """The events of an act on a fresh page, and what the page holds after it."""
    show(driver, FIELDS)
    driver.execute_script(EVENTS)
    act(driver)
    state = (
        "return [document.activeElement.id, [...document.querySelectorAll('input,textarea')].map(field => "
        "[field.value, field.checked, field.type === 'email' ? 0 : field.selectionStart])]"
    )
    # A new page is soon told that the mouse is in its corner, before the act or after it.
    events = [tuple(event) for event in driver.execute_script("return log") if event[7:9] != [0, 0]]
    return events, driver.execute_script(state)


def element_id(driver: CaseDriver, name: str) -> str:
    return driver.find_element(By.ID, name).id


@pytest.mark.parametrize("name", ["text", "area", "label", "box", "go", "inner", "div", "link"])
def test_click_causes_chromedrivers_events(new_case: NewCase, name: str) -> None:
    """A click causes the same events, at the same place, and the same state as chromedriver's."""

    def ours(driver: CaseDriver) -> None:
        with directly(driver):
            driver.execute(Command.CLICK_ELEMENT, {"id": element_id(driver, name)})

    theirs = acted(
        new_case(), lambda driver: driver.forward_to_driver(Command.CLICK_ELEMENT, {"id": element_id(driver, name)})
    )
    assert acted(new_case(), ours) == theirs
    assert any(event[0] == "click" for event in theirs[0])


CHOICES = (
    "<label>pick <select id=pick><option id=one>1<option id=two>2<optgroup label=g><option id=three>3</select></label>"
)


@pytest.mark.parametrize("name", ["one", "two", "three"])
@pytest.mark.parametrize("times", [1, 2])
def test_choosing_an_option_causes_chromedrivers_events(new_case: NewCase, name: str, times: int) -> None:
    """Choosing causes the same events as chromedriver's."""

    def chosen(driver: CaseDriver, send: Callable[[str, dict[str, Any]], Any]) -> Any:
        show(driver, CHOICES)
        driver.execute_script(EVENTS)
        for _ in range(times):
            send(Command.CLICK_ELEMENT, {"id": element_id(driver, name)})
        # Events of a script have no place: the middle of the element is a question of when.
        events = driver.execute_script(
            "return log.filter(event => event[12] === false).map(event => event.slice(0, 7))"
        )
        return events, driver.execute_script(
            "return [document.activeElement.id, document.getElementById('pick').value]"
        )

    def ours(driver: CaseDriver) -> Any:
        def send(command: str, params: dict[str, Any]) -> None:
            with directly(driver):
                driver.execute(command, params)

        return chosen(driver, send)

    theirs = new_case()
    expected = chosen(theirs, theirs.forward_to_driver)
    assert expected[1][1] == {"one": "1", "two": "2", "three": "3"}[name]
    assert ours(new_case()) == expected


def test_unusual_options_are_forwarded_to_chromedriver(driver: CaseDriver) -> None:
    """Several at once, disabled or hidden ones are chosen, or refused, as ever."""
    show(
        driver,
        "<select multiple><option id=a>1<option id=b>2</select><select><option>1<option id=off disabled>2</select>"
        "<select style='display:none'><option>1<option id=gone>2</select>",
    )
    with counting(driver) as forwarded:
        for name in "ab":
            driver.find_element(By.ID, name).click()
    assert forwarded == [Command.CLICK_ELEMENT] * 2
    assert [driver.find_element(By.ID, name).is_selected() for name in "ab"] == [True, True]
    for name in ("off", "gone"):
        results = []
        for ask in (driver.execute, driver.forward_to_driver):
            try:
                results.append(ask(Command.CLICK_ELEMENT, {"id": element_id(driver, name)})["value"])
            except WebDriverException as exc:
                results.append((type(exc), exc.msg))
            assert not driver.find_element(By.ID, name).is_selected()
        assert results[0] == results[1]


@pytest.mark.parametrize("name", ["text", "mail", "word", "area"])
@pytest.mark.parametrize("text", ["a", "Ab 1 zZ", string.punctuation, string.ascii_letters + string.digits])
def test_typing_causes_chromedrivers_events(new_case: NewCase, name: str, text: str) -> None:
    """Typing causes the same events and leaves the same text and cursor as chromedriver's, twice in a row too."""

    def type_in(driver: CaseDriver, send: Callable[[str, dict[str, Any]], Any]) -> None:
        for _ in range(2):
            send(Command.SEND_KEYS_TO_ELEMENT, {"id": element_id(driver, name), "text": text, "value": list(text)})

    def ours(driver: CaseDriver) -> None:
        with directly(driver):
            type_in(driver, driver.execute)

    assert acted(new_case(), ours) == acted(new_case(), lambda driver: type_in(driver, driver.forward_to_driver))


def test_unusual_keys_are_forwarded_to_chromedriver(driver: CaseDriver) -> None:
    """Special keys, other alphabets and other fields work as ever."""
    show(driver, FIELDS + "<input id=date type=date><input id=number type=number>")
    with counting(driver) as forwarded:
        driver.find_element(By.ID, "text").send_keys("é", Keys.HOME, "x")
        driver.find_element(By.ID, "number").send_keys("12")
        driver.find_element(By.ID, "date").send_keys("01022030")
    assert forwarded == [Command.SEND_KEYS_TO_ELEMENT] * 3
    values = [driver.find_element(By.ID, name).get_property("value") for name in ("text", "number", "date")]
    assert values == ["xbeforeé", "12", "2030-01-02"]


def test_input_is_forwarded_while_actions_hold_keys(driver: CaseDriver) -> None:
    """Keys that a case holds down hold for its clicks."""
    from selenium.webdriver.common.action_chains import ActionChains

    show(driver, FIELDS)
    ActionChains(driver).key_down(Keys.SHIFT).perform()
    with counting(driver) as forwarded:
        driver.find_element(By.ID, "text").send_keys("a")
        driver.find_element(By.ID, "go").click()
    assert forwarded == [Command.SEND_KEYS_TO_ELEMENT, Command.CLICK_ELEMENT]
    ActionChains(driver).key_up(Keys.SHIFT).perform()
