"""The trace of an attempt in each engine: what it shows of its steps, and what its address says."""

from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, element, press, texts
from tests.site.trace_views import HEADER, at, inside, trace
from tests.support import traces
from uitest.reporting.site.page import Pages as Shell

pytestmark = pytest.mark.slow

SHADOW = "view.getComputedStyle(page.querySelector('my-note').shadowRoot.querySelector('p')).color"


def test_case_leads_to_its_trace(driver: WebDriver, pages: Pages, until: Until) -> None:
    """The case leads to its trace, where it ended: steps, time line, error, what was recorded and what not."""
    driver.get(pages.page(pages.rich, f"job={pages.key('fails')}"))
    until(lambda d: texts(d, ".to-trace .go") == ["▶ Trace"] * 2)
    assert "trace.js" not in texts(driver, "details.file summary")
    driver.execute_script("document.querySelector('#a1 .go').click()")
    until(lambda d: len(texts(d, ".steps-list li")) == 6)
    assert texts(driver, "h1") == ["fails"]
    assert texts(driver, ".steps-list .now .what") == ["✗ failed: find ×31 #receipt"]
    assert texts(driver, ".pane .error") == ["NoSuchElementException: Message: no such element: #receipt"]
    assert "31 equal commands" in texts(driver, ".fields")[0]
    assert texts(driver, ".sums") == ["6 steps in 3.20 s, 0.21 s (7 %) of it recording"]
    assert texts(driver, ".cut li") == traces.shop()["cut"]
    assert [len(driver.find_elements(By.CSS_SELECTOR, f".lane .{kind}")) for kind in ("changes", "looks", "bad")] == [
        1
    ] * 3
    until(lambda d: d.find_elements(By.CSS_SELECTOR, ".film img"))
    assert all(element(driver, f".marks .{kind}").get_attribute("d") for kind in ("error", "request"))
    assert texts(driver, ".steps-list li.looks .n") == ["2", "5", "6"]


def test_address_holds_what_is_shown_of_a_trace(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Step, pane, picture or page, before or after: as the address says, and it says what was chosen."""
    driver.get(trace(pages, "step=4&pane=network&look=shot&when=after"))
    until(lambda d: texts(d, ".steps-list .now .n") == ["4"])
    assert texts(driver, ".requests .during .text") == ["POST https://shop.example/orders"]
    assert texts(driver, ".requests .bad .level") == ["✗ 500"]
    assert texts(driver, "[aria-pressed=true]") == ["Screenshot", "After", "Network3✗ 1"]
    assert element(driver, ".sheet img").get_attribute("src") == traces.shop()["shots"][2]
    driver.execute_script("document.querySelector('[data-pane=source]').click()")
    until(lambda d: texts(d, ".code .here") == ["16    send.click()"])
    driver.execute_script("document.querySelector('[data-pane=console]').click()")
    assert texts(driver, ".log .during .text") == ["the receipt could not be made"]
    assert texts(driver, ".log .rule ~ li .text") == ["slow answer"]
    driver.execute_script("document.querySelector('[data-value=page]').click()")
    driver.execute_script("document.querySelector('#only').click()")
    until(lambda d: {"pane=console", "look=page", "only=1"} <= set(d.current_url.partition("#")[2].split("&")))
    address = driver.current_url
    driver.get("about:blank")
    driver.get(address)
    until(lambda d: texts(d, "[aria-pressed=true]") == ["Page", "After", "Console3✗ 1"])
    assert [step.is_displayed() for step in driver.find_elements(By.CSS_SELECTOR, ".steps-list li")] == [
        True, False, True, True, False, True,
    ]  # fmt: skip


def test_snapshot_looks_as_the_page_did(driver: WebDriver, pages: Pages, until: Until) -> None:
    """A snapshot looks as the page did: values, styles, shadow roots; the box is where the step acts."""
    driver.get(trace(pages, "step=3"))
    until(lambda d: inside(d, "page.querySelector('#name')?.value === ''"))
    assert texts(driver, "[data-value][aria-pressed=true]") == ["Page", "Before"]
    box = (
        "const [around, box] = ['.glass', '.box'].map(name => document.querySelector(name).getBoundingClientRect());"
        "return [box.left - around.left, box.width].map(x => x * 1366 / around.width)"
    )
    wide = driver.execute_script(box)
    assert [round(part) for part in wide] == [40, 520]
    driver.execute_script("document.querySelector('[data-value=after]').click()")
    until(lambda d: inside(d, "page.querySelector('#name')?.value === 'Ada'"))
    assert not element(driver, ".box").is_displayed()
    assert inside(driver, HEADER) == "rgb(13, 92, 107)"
    press(driver, Keys.ARROW_RIGHT)
    until(lambda d: inside(d, "page.querySelector('.done')?.textContent") == "Order sent")
    assert inside(driver, "view.getComputedStyle(page.querySelector('b')).color") == "rgb(1, 2, 3)"
    assert inside(driver, "page.querySelector('b').textContent") == 'my style="x"'
    assert inside(driver, SHADOW) == "rgb(200, 0, 0)"
    assert texts(driver, ".stage .told") == ["1 picture of the page is not in the snapshot."]
    press(driver, Keys.ARROW_RIGHT)
    until(at(5))
    assert not driver.find_elements(By.CSS_SELECTOR, "[data-value=before]:enabled")  # it only looks: there is one state
    assert inside(driver, "page.querySelector('.done').textContent") == "Order sent"


def test_failed_request_shows_headers_and_bodies(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Headers and bodies of a failed request are under its line and are searched; what is missing is said."""
    driver.get(trace(pages, "step=1&pane=network"))
    until(at(1))
    assert texts(driver, ".requests .note") == []
    element(driver, ".exchange summary").click()
    assert texts(driver, ".exchange section pre") == ['{"error": "the basket is empty"}', '{"tool": "drill"}']
    assert texts(driver, ".exchange dt") == ["Content-Type", "Retry-After", "Content-Type", "Cookie"]
    assert texts(driver, ".requests .bad .text") == ["POST https://shop.example/orders"]
    press(driver, "/")
    driver.switch_to.active_element.send_keys("basket retry-after")
    until(at(4))
    assert texts(driver, "#found-steps") == ["0 steps, 1 request"]
    driver.get(trace(pages, "step=1&pane=network", "is_flaky"))  # as an older version wrote it
    until(at(1))
    assert texts(driver, ".requests .note") == [
        "Headers and bodies of failed requests are not in traces of older versions."
    ]
    assert not driver.find_elements(By.CSS_SELECTOR, ".exchange")


def test_thousands_of_steps_are_listed(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Thousands of steps are listed; the time line leads to any of them."""
    driver.get(trace(pages, "step=1500&pane=console", "is_flaky"))
    until(at(1500))
    assert len(texts(driver, ".steps-list li")) == 2000
    assert texts(driver, ".log .during .text") == ["line 1499"]
    assert driver.execute_script("""
        const place = name => document.querySelector(name).getBoundingClientRect();
        const [list, line] = [".steps-list", ".steps-list .now"].map(place);
        return line.top >= list.top && line.bottom <= list.bottom""")
    assert driver.execute_script("return document.querySelectorAll('.times *').length") < 200
    ActionChains(driver).move_to_element(element(driver, ".scrub")).click().perform()
    until(lambda d: abs(int(texts(d, ".steps-list .now .n")[0]) - 1001) <= 3)


def test_strip_of_pictures_ends_with_the_last_one(driver: WebDriver, tmp_path: Path, until: Until) -> None:
    """Also of a case that was over a moment after it was taken: how it ended is what a reader looks for."""
    data = traces.shop()
    data["steps"][-1] |= {"at": 3.19, "took": 0.01, "changes": True, "shot": 0}
    path = tmp_path / "trace.html"
    path.write_bytes(Shell().trace(data))
    driver.get(path.as_uri())
    until(lambda d: d.find_elements(By.CSS_SELECTOR, ".film img"))
    shown = driver.execute_script("return [...document.querySelectorAll('.film img')].map(img => img.src)")
    assert shown[-2:] == [data["shots"][2], data["shots"][0]]
