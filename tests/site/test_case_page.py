"""The page of a case in each engine: its attempts with their files, its record, text of strangers."""

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, element, texts


def test_case_shows_its_record(driver: WebDriver, pages: Pages, until: Until) -> None:
    """How often it was flaky or red on the base, and why it was last."""
    key = next(row.job.key for row in pages.rows if row.job.case == "fails")
    driver.get(pages.page(pages.change, f"job={key}"))
    until(lambda d: texts(d, ".record"))
    assert texts(driver, ".record") == [
        "On main: flaky in 1 of 3 runs (33 %), red in 1. Last red in run early-0: "
        "AssertionError | assert '41.99 EUR' == '42.00 EUR'"
    ]


def test_case_page_shows_attempts_side_by_side(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Attempts side by side with error, source lines, picture, console and network; its past; how to try it."""
    driver.get(pages.page(pages.rich, f"job={pages.key('fails')}&a=2"))
    until(lambda d: texts(d, ".try > .error") == ["AssertionError: assert '41.99 EUR' == '42.00 EUR'"] * 2)
    assert texts(driver, "h1") == ["fails"]
    assert [element.get_attribute("id") for element in driver.find_elements(By.CSS_SELECTOR, ".chosen")] == ["a2"]
    assert texts(driver, ".detail .here")[0].startswith(">       assert driver")
    until(lambda d: d.execute_script("return [...document.images].every(i => i.complete && i.naturalWidth > 0)"))
    frames = driver.find_elements(By.CSS_SELECTOR, "#a1 iframe")
    assert [frame.get_attribute("title") for frame in frames] == ["console.log, attempt 1", "network.log, attempt 1"]
    assert {frame.get_attribute("sandbox") for frame in frames} == {""}
    assert texts(driver, ".past tbody th") == ["chrome", "firefox"]
    assert texts(driver, ".command pre")[0] == "pytest cases -k fails --base-url https://shop.example/ --browser chrome"
    link = driver.execute_script("return document.querySelector('.past .strip a').getAttribute('href')")
    assert "runs/early-0/index.html#job=" in link


def test_text_of_a_page_is_shown_as_text(driver: WebDriver, pages: Pages, until: Until) -> None:
    """A saved page opens in a frame that may do nothing, as text."""
    driver.get(pages.page(pages.rich, f"job={pages.key('fails')}"))
    until(lambda d: texts(d, "#a1 details.file summary") == ["console.log", "network.log", "page.html.txt"])
    driver.find_elements(By.CSS_SELECTOR, "#a1 details.file summary")[2].click()
    until(lambda d: d.find_elements(By.CSS_SELECTOR, "#a1 iframe[title^='page.html.txt']"))
    frame = element(driver, "#a1 iframe[title^='page.html.txt']")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", frame)  # loads when it is in view
    driver.switch_to.frame(frame)
    until(lambda d: d.find_elements(By.TAG_NAME, "body") and "<script>alert(1)</script>" in texts(d, "body")[0])
    assert not driver.find_elements(By.CSS_SELECTOR, "body script")
