"""What a case sees of windows, and of pages that are still loading, in Chrome is what it sees with plain Selenium."""

import pytest
from selenium.webdriver.remote.command import Command

from tests.browsers.chrome.sides import page
from tests.browsers.steps import (
    alert_text,
    click,
    close,
    closed,
    command,
    current,
    first_window,
    get,
    handles,
    last_window,
    script,
    title,
    write,
)
from tests.browsers.yardstick import Step, Ways, same

pytestmark = pytest.mark.slow

CLOSED = "NoSuchWindowException: no such window: target window already closed\nfrom unknown error: web view not found"


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
def test_closed_window_answers_nothing(chromes: Ways, watched: bool) -> None:
    """By the case, by its own script and by the window that opened it: nothing is answered for it."""
    first = [script("return 1")] * watched
    questions: list[Step] = [
        current,
        title,
        handles,
        command(Command.NEW_WINDOW, type="tab"),
        script("return 1"),
        alert_text,
    ]
    questions += [first_window, current, title]
    results = same(chromes, *first, command(Command.NEW_WINDOW, type="tab"), last_window, close, *questions)
    assert results[-len(questions) : -len(questions) + 2] == [CLOSED, CLOSED]
    opener = page(
        "<button id=open onclick='popup = window.open(\"\")'>1</button>"
        "<button id=shut onclick='setTimeout(() => popup.close(), 200)'>2</button>"
    )
    same(chromes, get(opener), *first, click("open"), click("shut"), last_window, closed, *questions)
    same(
        chromes,
        get(opener),
        *first,
        click("open"),
        last_window,
        script("setTimeout(close, 50)"),
        closed,
        *questions,
    )


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
def test_bad_handles_and_types_fail_in_chromedrivers_words(chromes: Ways, watched: bool) -> None:
    """They fail in chromedriver's words, and a strange type is a tab."""
    switch = Command.SWITCH_TO_WINDOW
    results = same(
        chromes,
        *[script("return 1")] * watched,
        command(switch, handle="xx"),
        command(switch, handle="0" * 32),
        command(switch, handle=5),
        command(switch),
        current,
        *(command(Command.NEW_WINDOW, type=kind) for kind in (5, ["tab"], "zz", "", None, "window")),
        handles,
    )
    assert [result["type"] for result in results if isinstance(result, dict)] == ["tab", "tab", "tab", "window"]


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
@pytest.mark.parametrize(
    "way",
    ["<button id=go onclick='window.open(\"{}/slow\")'>go", "<a id=go target=_blank href='{}/slow'>go"],
    ids=["popup", "tab"],
)
def test_command_waits_for_a_window_that_is_loading(chromes: Ways, slow_page: str, way: str, watched: bool) -> None:
    """A command waits for a load that began before anybody looked."""
    results = same(
        chromes,
        get(f"{slow_page}/quick"),
        script("document.body.innerHTML = arguments[0]", way.format(slow_page)),
        click(),
        last_window,
        *[current] * watched,
        title,
        lambda driver: driver.current_url,
    )
    assert results[-2] == "slow"


@pytest.mark.parametrize(
    "way", ["addEventListener('load', () => document.write('written'))", "onclick = () => document.write(1)"]
)
def test_document_that_was_left_open_is_not_waited_for(chromes: Ways, way: str) -> None:
    """It says that it loads for ever: nobody waits for it, though chromedriver may see it late."""
    results = same(
        chromes,
        get(page(f"<p id=go>go<script>{way}</script>")),
        write,
        command(Command.FIND_ELEMENT, using="css selector", value="#none"),
        script("return [document.readyState, Object.hasOwn(document, 'readyState')]"),
    )
    assert results[-1] == ["loading", False]
