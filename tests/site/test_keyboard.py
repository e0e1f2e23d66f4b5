"""The pages in each engine with the keyboard alone, and the short ways through long pages."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, element, focus, press, texts


def test_pages_are_usable_by_keyboard(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Everything without a mouse: filter, walk, open, next, back, help."""
    driver.get(pages.page(pages.rich))
    press(driver, "?")
    until(lambda d: d.find_elements(By.CSS_SELECTOR, "dialog[open]"))
    assert "next case" in texts(driver, "dialog")[0]
    press(driver, Keys.ESCAPE)
    until(lambda d: not d.find_elements(By.CSS_SELECTOR, "dialog[open]"))
    press(driver, "/")
    until(lambda d: focus(d, "id") == "filter")
    press(driver, "m:login s:failed")
    until(lambda d: texts(d, "#found") == ["1 job"])
    press(driver, Keys.ENTER)
    until(lambda d: "fails" in (focus(d, "") or ""))
    press(driver, Keys.ENTER)
    until(lambda d: texts(d, "h1") == ["fails"])
    press(driver, Keys.ESCAPE)
    until(lambda d: d.find_elements(By.ID, "filter"))
    until(lambda d: "fails" in (focus(d, "") or ""))
    press(driver, Keys.ESCAPE)
    until(lambda d: texts(d, "#found") == [""] and element(d, "#filter").get_property("value") == "")
    press(driver, "j")
    first = focus(driver, "href")
    press(driver, "j")
    assert focus(driver, "href") != first
    press(driver, "k")
    assert focus(driver, "href") == first
    press(driver, Keys.ENTER)
    until(lambda d: d.find_elements(By.CSS_SELECTOR, ".walk"))
    before = driver.current_url
    press(driver, "j")
    until(lambda d: d.current_url != before)


def test_case_of_a_failure_leads_to_the_next_failure(driver: WebDriver, pages: Pages, until: Until) -> None:
    """The order is that of the review, not of the plan, in which green cases lie between."""
    driver.get(pages.page(pages.rich))
    listed = driver.execute_script(
        "return [...document.querySelectorAll('#review a.open')].map(one => one.textContent)"
    )
    driver.get(pages.page(pages.rich, f"job={pages.key('fails')}"))
    until(lambda d: texts(d, "h1") == ["fails"])
    walked = ["fails"]
    for _ in listed[1:]:
        press(driver, "j")
        until(lambda d: texts(d, "h1")[0] != walked[-1])
        walked.append(texts(driver, "h1")[0])
    assert [name.rpartition(" › ")[2] for name in listed] == walked
    assert not driver.find_elements(By.CSS_SELECTOR, ".walk [rel=next]")


def test_parts_of_a_long_page_are_one_press_away(driver: WebDriver, pages: Pages, until: Until) -> None:
    """All cases are the last part, so that thousands of them hide nothing; each part has a button."""
    driver.get(pages.page(pages.rich))
    assert texts(driver, ".jumps button") == ["Needs review", "Slowest", "Timeline", "All cases"]
    for name, part in (("Timeline", "time"), ("All cases", "all"), ("Needs review", "review")):
        next(button for button in driver.find_elements(By.CSS_SELECTOR, ".jumps button") if button.text == name).click()
        until(lambda d, part=part: focus(d, "id") == part)
        place = driver.execute_script("return document.activeElement.getBoundingClientRect().top / innerHeight")
        assert 0 <= place < 1
    order = "return [...document.querySelectorAll('#review, #slow, #time, #all')].map(one => one.id)"
    assert driver.execute_script(order) == ["review", "slow", "time", "all"]


def test_timeline_has_a_keyboard(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Arrows walk through the attempts and tell what they meet; Enter opens the case."""
    driver.get(pages.page(pages.rich))
    driver.execute_script("document.querySelector('.lanes').focus()")
    press(driver, Keys.ARROW_RIGHT)
    first = texts(driver, ".told")[0]
    assert ", attempt " in first
    press(driver, Keys.ARROW_RIGHT)
    press(driver, Keys.ARROW_DOWN)
    assert texts(driver, ".told")[0] != first
    press(driver, Keys.ENTER)
    until(lambda d: d.find_elements(By.CSS_SELECTOR, ".walk"))
