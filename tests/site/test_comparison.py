"""Two runs side by side in each engine."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import GROUPS, Pages
from tests.site.page_actions import Until, click, element, press, texts


def test_two_runs_side_by_side(driver: WebDriver, pages: Pages, until: Until) -> None:
    """What differs between any two runs of the site; each row opens to attempts, errors and pictures of both."""
    driver.get(pages.page(pages.change))
    click(driver, "#compared-title a[href*='compare=']")
    until(lambda d: texts(d, ".pair .name"))
    assert texts(driver, ".hero.sides h2") == ["Other run", "This run"]
    assert element(driver, "#other-run").get_property("value") == "early-2"
    rows = dict(zip(texts(driver, ".pair .name"), texts(driver, ".pair > summary"), strict=True))
    assert len(rows) == len(texts(driver, ".pair"))
    row = next(text for name, text in rows.items() if name == "login › fails chrome")
    assert "✓ passed" in row.partition("→")[0]
    assert "✗ failed" in row.partition("→")[2]
    assert not any(name.startswith("login › is_skipped") for name in rows)
    place = list(rows).index("login › fails chrome")
    driver.execute_script("document.querySelectorAll('.pair > summary')[arguments[0]].click()", place)
    until(lambda d: texts(d, ".pair[open] .error") == ["AssertionError: assert '41.99 EUR' == '42.00 EUR'"])
    assert texts(driver, ".pair[open] h3") == ["early-2", "this run"]
    until(lambda d: d.execute_script("return document.querySelector('.pair[open] img').naturalWidth > 0"))
    press(driver, Keys.ESCAPE)
    until(lambda d: texts(d, ".group .title") == GROUPS)


def test_any_two_runs_can_be_compared(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Both have their own errors and pictures, though their jobs have the same keys; mistakes are told."""
    driver.get(pages.page(pages.change, "compare=rich&show=all"))
    until(lambda d: "login › fails chrome" in texts(d, ".pair .name"))
    place = texts(driver, ".pair .name").index("login › fails chrome")
    driver.execute_script("document.querySelectorAll('.pair > summary')[arguments[0]].click()", place)
    until(lambda d: len(texts(d, ".pair[open] .error")) == 3)
    links = "return [...document.querySelectorAll('.pair[open] .shot')].map(one => one.getAttribute('href'))"
    assert [link.split("/")[3] for link in driver.execute_script(links)] == ["rich", "rich", "change"]
    assert "login › is_skipped chrome" in texts(driver, ".pair .name")
    driver.get(pages.page(pages.change, "compare=gone"))
    until(lambda d: "The run gone cannot be compared: this site has no such run." in texts(d, ".notice"))
    assert len(driver.find_elements(By.CSS_SELECTOR, "#other-run option")) > 5
    driver.get((pages.folder / "runs" / "change" / "index.html").as_uri() + "#compare=rich")
    until(lambda d: "uitest serve" in texts(d, ".notice")[0])
