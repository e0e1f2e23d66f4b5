"""The filter of a run's page in each engine: its tokens, its buttons, and mistakes in it and in the address."""

from urllib.parse import quote

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, element, texts


def test_filter_lives_in_the_address_and_survives_a_reload(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Tokens narrow lists and matrix, live in the address, and survive a reload and a look at a case."""
    driver.get(pages.page(pages.rich))
    field = element(driver, "#filter")
    field.send_keys("s:failed,passed b:firefox -m:checkout")
    until(lambda d: texts(d, "#found") == ["2 jobs"])
    until(lambda d: texts(d, ".matrix tbody th[scope=row]") == ["passes", "fails"])
    assert quote("s:failed,passed", safe="") in driver.current_url
    address = driver.current_url
    driver.get("about:blank")
    driver.get(address)
    until(lambda d: texts(d, "#found") == ["2 jobs"])
    cell = driver.find_elements(By.CSS_SELECTOR, ".matrix td:not(.dim) a.open")[1]
    driver.execute_script(
        "arguments[0].scrollIntoView({block: 'center'})", cell
    )  # WebKit's driver misses one half in view
    cell.click()
    until(lambda d: texts(d, "h1") == ["fails"])
    assert "2 of 2" in texts(driver, ".walk")[0]
    driver.back()
    until(lambda d: texts(d, "#found") == ["2 jobs"])


def test_filter_button_toggles_its_token(driver: WebDriver, pages: Pages, until: Until) -> None:
    """A button puts its token in and takes it out; words are looked for in names and errors."""
    driver.get(pages.page(pages.rich))
    button = element(driver, "button.chip.flaky")
    button.click()
    until(lambda d: texts(d, "#found") == ["1 job"])
    assert (button.get_attribute("aria-pressed"), element(driver, "#filter").get_property("value")) == (
        "true",
        "s:flaky",
    )
    button.click()
    until(lambda d: texts(d, "#found") == [""])
    for words, number in (
        ("crashed", 2),
        ("tag:slow s:lost", 1),
        ("-tag:slow -s:passed", 3),
        ('"41.99 EUR"', 2),
        ("s:new", 1),
    ):
        element(driver, "#filter").clear()
        element(driver, "#filter").send_keys(words)
        until(lambda d, number=number: texts(d, "#found")[0].partition(" ")[0] == str(number))
    element(driver, "#filter").send_keys(" zzz")
    until(lambda d: "No case matches the filter." in texts(d, ".calm"))


def test_mistakes_in_the_address_and_the_filter_are_told(driver: WebDriver, pages: Pages, until: Until) -> None:
    """A job that the run does not have, and a field that the filter does not have."""
    driver.get(pages.page(pages.rich, "job=gone"))
    until(lambda d: texts(d, ".notice[role=status]") == ["This run has no job gone. Here is the whole run."])
    assert texts(driver, ".tiles li")
    driver.get(pages.page(pages.rich, "q=is:failed"))
    until(lambda d: "“is:” is no field" in texts(d, "#found")[0])
    driver.get(pages.page(pages.rich, "q=tests::nothing"))
    until(lambda d: texts(d, "#found") == ["0 jobs"])
