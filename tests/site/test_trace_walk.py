"""Ways through the steps of a trace in each engine: keyboard, search, and playing it."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, element, press, texts
from tests.site.trace_views import at, trace

pytestmark = pytest.mark.slow


def test_trace_is_usable_by_keyboard(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Arrows step, j and k too, Home and End; hidden steps are passed over; Esc leads back, a level each time."""
    driver.get(trace(pages, "step=2"))
    until(at(2))
    press(driver, Keys.ARROW_RIGHT)
    until(at(3))
    press(driver, Keys.ARROW_LEFT + Keys.ARROW_LEFT + Keys.ARROW_LEFT)
    until(at(1))
    press(driver, Keys.END)
    until(at(6))
    press(driver, "k")
    until(at(5))
    press(driver, "j" + Keys.HOME)
    until(at(1))
    driver.execute_script("document.querySelector('#only').click()")
    press(driver, Keys.ARROW_RIGHT)
    until(at(3))
    driver.execute_script("document.querySelector('[data-pane=console]').click()")
    driver.execute_script("document.querySelector('ol.log').focus()")
    press(driver, Keys.END)  # scrolls the list that has the focus
    press(driver, Keys.ARROW_RIGHT)
    until(at(4))
    press(driver, "?")
    until(lambda d: d.find_elements(By.CSS_SELECTOR, "dialog[open]"))
    assert "trace: step after" in texts(driver, "dialog")[0]
    press(driver, Keys.ESCAPE)
    until(lambda d: not d.find_elements(By.CSS_SELECTOR, "dialog[open]"))
    press(driver, Keys.ESCAPE)
    until(lambda d: texts(d, ".chosen h3 a") == ["Attempt 1"])
    assert [part.partition("=")[0] for part in driver.current_url.partition("#")[2].split("&")] == ["job", "a"]
    press(driver, Keys.ESCAPE)
    until(lambda d: d.find_elements(By.ID, "filter"))


def test_search_in_steps_and_requests(driver: WebDriver, pages: Pages, until: Until) -> None:
    """All words must be there; arrows and Enter walk what was found; the address holds the text; Esc clears it."""
    driver.get(trace(pages, "step=1&pane=network"))
    until(at(1))
    press(driver, "/")
    field = driver.switch_to.active_element
    field.send_keys("#NAME type")
    until(at(3))
    assert texts(driver, "#found-steps") == ["1 step, 0 requests"]
    assert [step.is_displayed() for step in driver.find_elements(By.CSS_SELECTOR, ".steps-list li")] == [
        False, False, True, False, False, False,
    ]  # fmt: skip
    field.clear()
    field.send_keys("500 orders")
    until(at(4))
    assert texts(driver, "#found-steps") == ["0 steps, 1 request"]
    assert [line.is_displayed() for line in driver.find_elements(By.CSS_SELECTOR, ".requests li:not(.rule)")] == [
        False, False, True,
    ]  # fmt: skip
    field.clear()
    field.send_keys("#name" + Keys.ENTER)
    until(at(3))
    until(lambda d: "find=%23name" in d.current_url)
    address = driver.current_url
    field.send_keys(Keys.ESCAPE + Keys.ESCAPE)
    until(lambda d: "find=" not in d.current_url)
    press(driver, Keys.ARROW_RIGHT)
    until(at(4))
    driver.get("about:blank")
    driver.get(address)
    until(at(3))
    press(driver, Keys.ARROW_LEFT + Keys.ARROW_LEFT)
    until(at(2))


REACHED = """
window.reached = [];
new MutationObserver(() => reached.push(document.querySelector('.steps-list .now .n').textContent))
    .observe(document.querySelector('.turns .count'), {childList: true});
"""


def test_trace_is_played_to_its_end(driver: WebDriver, pages: Pages, until: Until) -> None:
    """From the step that is shown, or from the first at the end; a step that the reader chooses ends it."""
    driver.get(trace(pages, "step=6"))
    until(at(6))
    driver.execute_script(REACHED)
    element(driver, ".play").click()
    until(lambda d: texts(d, ".play") == ["▶ Play"] and at(6)(d))
    reached = driver.execute_script("return reached")
    assert reached[0] == "1"
    assert reached == sorted(set(reached))
    assert set(reached) >= {"1", "3", "4", "6"}, "steps that change the page can be seen"
    press(driver, "p")
    until(lambda d: texts(d, ".play") == ["❚❚ Pause"])
    press(driver, Keys.HOME)
    until(at(1))
    assert texts(driver, ".play") == ["▶ Play"]
