"""What a reader takes away from a trace in each engine: a prompt, a link to a step, a comparison of two attempts."""

import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, element, press, texts
from tests.site.trace_views import at, trace

pytestmark = pytest.mark.slow

CLIPBOARD = (
    """Object.defineProperty(navigator, 'clipboard', {value: {writeText: async text => { window.copied = text; }}})"""
)

PROMPT = """# Why does this browser test fail?

Test and browser: `tc042 in chrome 156.0.1`. Find the cause"""


def test_trace_is_copied_as_a_prompt(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Case, error, steps, console, failed requests and the last page; no text of a page ends the block around it."""
    driver.get(trace(pages, "step=2"))
    until(at(2))
    driver.execute_script(CLIPBOARD)
    driver.find_elements(By.CSS_SELECTOR, ".shares .copy")[1].click()
    until(lambda d: d.execute_script("return window.copied"))
    prompt = driver.execute_script("return copied")
    assert prompt.startswith(PROMPT)
    parts = dict(part.split("\n\n", 1) for part in prompt.split("\n## ")[1:])
    assert list(parts) == ["Error", "The case", "Last steps", "Console", "Failed requests", "The page at the end"]
    assert parts["Error"] == "```diff\nNoSuchElementException: Message: no such element: #receipt\n```\n"
    assert ">   17      driver.find(x)" in parts["The case"]
    assert "6. 1.40 s find #receipt (31 times) FAILED: NoSuchElementException" in parts["Last steps"]
    assert "1.00 s error: the receipt could not be made" in parts["Console"]
    assert (
        'POST https://shop.example/orders\nContent-Type: application/json\nCookie: ••••••••\n\n{"tool": "drill"}'
        in (parts["Failed requests"])
    )
    assert '```\n- banner: Tool library\n- textbox "Name": Ada' in parts["The page at the end"]

    driver.get(trace(pages, "step=2", number=2))
    until(at(2))
    driver.execute_script("window.copied = null")
    driver.find_elements(By.CSS_SELECTOR, ".shares .copy")[1].click()
    until(lambda d: d.execute_script("return window.copied"))
    prompt = driver.execute_script("return copied")
    open_fence = None
    outside = []
    for line in prompt.split("\n"):
        fence = re.fullmatch("(`{3,})([a-z]*)", line)
        if open_fence is None and fence:
            open_fence = fence[1]
        elif open_fence == line:
            open_fence = None
        elif open_fence is None:
            outside.append(line)
    assert open_fence is None
    assert "# Not a heading" not in outside


def test_two_attempts_are_compared_step_by_step(driver: WebDriver, pages: Pages, until: Until) -> None:
    """The case leads there: the first step that differs is marked, with what only one of them met, and leads to it."""
    driver.get(pages.page(pages.rich, f"job={pages.key('is_flaky')}"))
    until(lambda d: "Compare attempts 1 and 2, step by step" in texts(d, ".to-trace a"))
    driver.execute_script("document.querySelector('.to-trace .quiet').click()")
    until(lambda d: d.find_elements(By.CSS_SELECTOR, ".versus"))
    assert texts(driver, ".versus .did") == ["The attempts part at step 1501. The same step gave another result."]
    assert texts(driver, ".pairs .gap") == ["1,497 equal steps before", "485 more steps"]
    assert texts(driver, ".pairs .parts .muted") == ["“2 tools”"]
    assert len(driver.find_elements(By.CSS_SELECTOR, ".pairs .same")) == 3 + 1  # before it, and the one after it
    only = ["failed request https://a.example/only-here: 500", "console error only here"]
    assert (texts(driver, ".alone h3"), texts(driver, ".alone li")) == (["Only in attempt 2"], only)
    assert texts(driver, ".walk [aria-current]") == ["Against attempt 1"]
    driver.execute_script("document.querySelectorAll('.pairs .parts a')[1].click()")
    until(at(1501))
    assert texts(driver, ".walk [aria-current]") == ["Attempt 2"]
    press(driver, Keys.ESCAPE)
    until(lambda d: texts(d, ".chosen h3 a") == ["Attempt 2"])
    driver.get(trace(pages, "step=end&with=2"))  # the other one is hostile
    until(lambda d: d.find_elements(By.CSS_SELECTOR, ".versus"))
    driver.execute_script("return document.title")
    assert texts(driver, ".versus .did") == [
        "The attempts part at step 1. From here on the attempts do something else."
    ]
    driver.get(trace(pages, "step=end&with=7"))
    until(lambda d: "This attempt has none" in texts(d, "main")[0])


@pytest.mark.parametrize("works", [True, False])
def test_link_to_a_step_is_copied(driver: WebDriver, pages: Pages, until: Until, works: bool) -> None:
    """The link leads to the step that is shown; where there is no clipboard it is shown, and Esc closes that only."""
    driver.get(trace(pages, "step=end&when=after"))
    until(lambda d: texts(d, ".steps-list .now .n") == ["6"])
    write = "async text => { window.copied = text; }" if works else "async () => { throw new Error('not here'); }"
    driver.execute_script(f"Object.defineProperty(navigator, 'clipboard', {{value: {{writeText: {write}}}}})")
    press(driver, Keys.ARROW_LEFT)
    element(driver, ".shares .copy").click()
    if works:
        until(lambda d: texts(d, ".shares .copy")[0] == "Copied")
        link = driver.execute_script("return copied")
    else:
        until(lambda d: d.find_elements(By.CSS_SELECTOR, "dialog[open] textarea"))
        link = element(driver, "dialog[open] textarea").get_property("value")
        press(driver, Keys.ESCAPE)
        until(lambda d: not d.find_elements(By.CSS_SELECTOR, "dialog.to-copy"))
        assert texts(driver, ".steps-list .now .n") == ["5"]
    driver.get("about:blank")
    driver.get(link)
    until(at(5))
    assert "when=after" in link
