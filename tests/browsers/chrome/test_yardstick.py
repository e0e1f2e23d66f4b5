"""What a case sees of dialogs and windows in Chrome is what it sees with plain Selenium."""

import contextlib
import json
import urllib.request
from typing import Any

import pytest
from selenium.common.exceptions import NoAlertPresentException, NoSuchWindowException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from tests.browsers.chrome.sides import page
from tests.browsers.yardstick import Step, Ways, same
from uitest.browsers.sessions.case_driver import CaseDriver

pytestmark = pytest.mark.slow

CLOSED = "NoSuchWindowException: no such window: target window already closed\nfrom unknown error: web view not found"


def get(address: str) -> Step:
    return lambda driver: driver.get(address)


def script(text: str, *args: Any) -> Step:
    return lambda driver: driver.execute_script(text, *args)  # type: ignore[no-untyped-call]


def click(name: str = "go") -> Step:
    return lambda driver: driver.find_element(By.ID, name).click()


def command(name: str, **params: Any) -> Step:
    return lambda driver: driver.execute(name, params)["value"]


def alert_text(driver: WebDriver) -> str:
    return driver.switch_to.alert.text


def accept(driver: WebDriver) -> None:
    driver.switch_to.alert.accept()


def shown_dialog(driver: WebDriver) -> str:
    """The text of the dialog, once it is there: Chrome may open it a moment after the click that leads to it."""
    waiting = WebDriverWait(driver, 10, 0.01, ignored_exceptions=[NoAlertPresentException])
    return str(waiting.until(lambda driver: driver.switch_to.alert.text))


def title(driver: WebDriver) -> str:
    return driver.title


def current(driver: WebDriver) -> str:
    return driver.current_window_handle


def handles(driver: WebDriver) -> list[str]:
    return driver.window_handles


def last_window(driver: WebDriver) -> None:
    WebDriverWait(driver, 10, 0.01).until(lambda driver: len(driver.window_handles) == 2)
    driver.switch_to.window(driver.window_handles[-1])


def closed(driver: WebDriver) -> None:
    """Wait until the window is closed for chromedriver too: the command during which it hears of that says nothing."""

    def is_gone(driver: WebDriver) -> bool:
        with contextlib.suppress(NoSuchWindowException):
            _ = driver.title
            return False
        return True

    WebDriverWait(driver, 10, 0.01).until(is_gone)


def first_window(driver: WebDriver) -> None:
    driver.switch_to.window(driver.window_handles[0])


def write(driver: WebDriver) -> None:
    for paragraph in driver.find_elements(By.ID, "go"):
        paragraph.click()


def close(driver: WebDriver) -> None:
    driver.close()


TO_A_DIALOG = {
    "script in an address": "<a id=go href='javascript:alert(1)'>go</a>",
    "link": "<a id=go href='{}/alert'>go</a>",
    "form": "<form action='{}/alert'><button id=go>go</button></form>",
    "sent form": "<form action={}/quick><button type=button id=go onclick='form.submit(); alert(2)'>go</button></form>",
    "plain": "<button id=go onclick='document.title = confirm(3)'>go</button>",
}


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
@pytest.mark.parametrize("behavior", [None, "accept", "ignore", "dismiss and notify", "accept and notify"])
@pytest.mark.parametrize("way", TO_A_DIALOG)
def test_click_that_opens_a_dialog_leaves_it_to_the_next_command(
    chromes: Ways, slow_page: str, way: str, behavior: str | None, watched: bool
) -> None:
    """The dialog is there for the next command, whatever that is, and whoever has seen the page."""
    capabilities = {"unhandledPromptBehavior": behavior} if behavior else {}
    opened = get(page(TO_A_DIALOG[way].format(slow_page)))
    results = same(
        chromes,
        opened,
        *[script("return 1")] * watched,
        click(),
        shown_dialog,
        command(Command.FIND_ELEMENTS, using="css selector", value="#none"),
        alert_text,
        opened,
        **capabilities,
    )
    assert results[2 + watched] in ("1", "loading", "2", "3")


ASKING = "<button id=go onclick='alert(1)'>1</button><button id=ask onclick='document.title = prompt(2, 3)'>2"


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
def test_text_for_a_dialog_is_typed_or_refused_as_in_plain_selenium(chromes: Ways, watched: bool) -> None:
    """Where there is none, where it has no field, and what was typed into one that a command has closed."""
    typing = command(Command.W3C_SET_ALERT_VALUE, text="x")
    results = same(
        chromes,
        get(page(ASKING)),
        *[script("return 1")] * watched,
        alert_text,
        accept,
        typing,
        command(Command.W3C_SET_ALERT_VALUE, text=5),
        click(),
        typing,
        command(Command.W3C_SET_ALERT_VALUE, text=5),
        accept,
        alert_text,
        click("ask"),
        typing,
        title,
        click("ask"),
        accept,
        title,
        click("ask"),
        accept,
        title,
    )
    assert (
        "ElementNotInteractableException: element not interactable: User dialog does not have a text box input field."
        in results
    )
    assert results[-4:] == ["x", None, None, "3"]


@pytest.mark.parametrize("watched", [False, True], ids=["unseen", "watched"])
def test_windows_and_limits_leave_a_dialog_open(chromes: Ways, watched: bool) -> None:
    """Windows and limits can be asked for."""
    results = same(
        chromes,
        get(page("<button id=go onclick='document.title = confirm(1)'>go")),
        *[script("return 1")] * watched,
        click(),
        current,
        handles,
        lambda driver: driver.implicitly_wait(0),
        command(Command.GET_TIMEOUTS),
        alert_text,
        accept,
        title,
    )
    assert results[-3:] == ["1", None, "true"]


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
@pytest.mark.parametrize("kind", ["tab", "window", 5])
def test_new_window_under_a_dialog_closes_it_and_raises(chromes: Ways, kind: Any, watched: bool) -> None:
    """The dialog is closed, nothing is opened, and the case is told."""
    results = same(
        chromes,
        get(page("<button id=go onclick='document.title = confirm(1)'>go")),
        *[script("return 1")] * watched,
        click(),
        command(Command.NEW_WINDOW, type=kind),
        handles,
        title,
    )
    assert results[-1] == "false"


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


def test_dialog_of_a_page_that_leaves_is_reported_at_once(driver: CaseDriver, slow_page: str) -> None:
    """Where Chrome cannot close a dialog any more, the case is told at once, as with plain Selenium."""
    driver.get(page(f"<button id=go onclick='location.href = \"{slow_page}/quick\"; alert(1)'>go</button>"))
    driver.find_element(By.ID, "go").click()
    window = driver.current_window_handle
    address = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]

    def has_left(_: WebDriver) -> bool:
        with urllib.request.urlopen(f"http://{address}/json/list", timeout=10) as response:
            return [target["url"] for target in json.load(response) if target["id"] == window] == [""]

    WebDriverWait(driver, 10, 0.01).until(has_left)
    assert driver.switch_to.alert.text == "1"
    for ask in (accept, title, accept):
        with pytest.raises(WebDriverException, match="aborted by navigation: Not attached to an active page"):
            ask(driver)
    assert driver.current_window_handle == window


def test_dialog_that_opens_while_windows_are_listed_is_known_to_the_next_command(chromes: Ways) -> None:
    """It is known of when the next command comes, which does not wait for a page that cannot answer."""
    results = same(
        chromes,
        get(page("<p id=words>words")),
        script("return confirm('Sure?')"),
        shown_dialog,
        lambda driver: driver.switch_to.window(driver.current_window_handle),
        lambda driver: driver.find_element(By.ID, "words").text,
        title,
    )
    assert results[-2].startswith("UnexpectedAlertPresentException")


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
