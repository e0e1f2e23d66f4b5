"""The home page in each engine: verdict, suites and branches, runs, and what recurs in a suite."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, click, press, texts
from tests.support.samples import HOSTILE, NOW, attempt, header, row
from uitest.model import Verdict


def test_home_page_shows_verdict_trends_and_runs(driver: WebDriver, pages: Pages, until: Until) -> None:
    """The verdict of the latest run, the trends, every run; one branch alone where it is asked for."""
    driver.get(f"{pages.url}/index.html")
    assert texts(driver, "h1") == ["Failed and incomplete"]
    assert "rich" in texts(driver, ".runs tbody th .id")
    assert len(texts(driver, ".runs tbody tr")) == 10
    driver.get(f"{pages.url}/index.html#branch=main")
    until(lambda d: texts(d, ".line figcaption")[0].startswith("Pass rate"))
    driver.get(f"{pages.url}/index.html#branch=side")
    until(lambda d: texts(d, "h1") == ["Passed"])
    assert len(texts(driver, ".runs tbody tr")) == 1
    driver.find_element(By.CSS_SELECTOR, ".runs tbody th a").click()
    until(lambda d: "side" in texts(d, ".top nav")[0])


def test_home_page_has_a_line_for_each_suite_and_branch(driver: WebDriver, pages: Pages, until: Until) -> None:
    """A suite's line is of the default branch, whatever ran last; the other branches say what their changes did."""
    driver.get(f"{pages.url}/index.html")
    assert texts(driver, ".verdict p") == ["1 of 3 suites passed"]
    names = texts(driver, ".hero .suites .title")
    assert names[0].startswith("checkout, login · chrome, firefox · ")
    assert texts(driver, ".hero .suites .chip") == ["! Failed and incomplete", "✓ Passed", "✗ Failed"]
    assert "main at 0123456789" in texts(driver, ".hero .suites li")[0]
    (line,) = (text for text in texts(driver, ".others li") if "feature" in text)
    assert "3 broken by this change, 1 red on the base too, 1 fixed, 2 never ran before, 1 flaky" in line
    (card,) = texts(driver, ".guarded li")
    assert card.startswith("✗ Failedrelease/1.0")
    assert "red since abcdef0123" in card
    assert "release/1.0" not in texts(driver, ".others .title")
    click(driver, ".hero .suites .title")
    until(lambda d: texts(d, ".line figcaption") and not texts(d, ".hero .suites"))
    assert set(texts(driver, ".runs tbody th .id")) >= {"rich", "change", "early-0"}
    assert "side" not in texts(driver, ".runs tbody th .id")
    press(driver, Keys.ESCAPE)
    until(lambda d: texts(d, ".hero .suites .title") == names)


def test_suite_shows_what_recurs_and_leads_to_an_error(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Errors, flaky cases and their shares; an error has its first run, cases and runs, and Esc leads back."""
    driver.get(pages.suite())
    until(lambda d: texts(d, ".recurring h3"))
    assert texts(driver, ".recurring h3") == ["Errors", "Flaky cases"]
    assert texts(driver, ".recurring a.error")[0] == "AssertionError: assert '41.99 EUR' == '42.00 EUR'"
    assert "in 4 of 4 runs, 5 cases, in chrome only" in texts(driver, ".recurring li")[0]
    assert any("login in chrome: flaky in 4 of 4 runs (100 %)" in line for line in texts(driver, ".recurring li"))
    click(driver, ".recurring a.error")
    until(lambda d: texts(d, "h1.long"))
    facts = texts(driver, ".facts div")
    assert facts[0].startswith("First seenabcdef0123, ")
    assert "Branchesmain, feature, release/1.0" in facts
    assert set(texts(driver, "[aria-labelledby=cases-title] a")) == {"is_flaky", "fails", "passes", "errors", "is_new"}
    assert set(texts(driver, "[aria-labelledby=met-title] a")) == {
        "rich", "change", "early-0", "early-1", "early-2", "cut-0", "cut-1",
    }  # fmt: skip
    press(driver, Keys.ESCAPE)
    until(lambda d: texts(d, ".recurring h3"))
    click(driver, ".recurring a.error")
    until(lambda d: texts(d, "h1.long"))
    click(driver, "[aria-labelledby=met-title] a")
    until(lambda d: texts(d, ".matter .error") == ["AssertionError: assert '41.99 EUR' == '42.00 EUR'"] * 2)


def test_each_of_several_suites_shows_what_recurs(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Its first entries under its name, which leads to all; a suite of the default branch that has none has no card."""
    failed = [row(f"f{n}", attempt(1, Verdict.FAILED, error=f"no {'x' * (n + 1)}"), module="m") for n in range(3)]
    rows = [*failed, row("shaky", attempt(1, Verdict.FAILED), attempt(2), module="m")]
    for number in range(5):
        main = {"branch": "main", "section": f"section {number}"}
        run = header(rows, id=f"one-{number}", started_at=NOW - 9999 - number, finished_at=NOW - 9990, settings=main)
        pages.write(run, rows, NOW)
    green = header([row("good", attempt())], id="green", settings={"branch": "main", "section": "green"})
    pages.write(green, [row("good", attempt())], NOW)
    driver.get(f"{pages.url}/index.html")
    names = texts(driver, ".each .suite > h3 .title")
    assert names[1:] == [f"section {number} · chrome · shop.example" for number in range(3)]
    (more,) = texts(driver, ".each + .end button")
    assert more == "2 more suites"
    assert texts(driver, ".each .suite:nth-child(2) h4") == ["Errors", "Flaky cases"]
    assert len(texts(driver, ".each .suite:nth-child(2) .error")) == 2
    click(driver, ".each + .end button")
    until(lambda d: len(texts(d, ".each .suite")) == 6)
    assert "green" not in " ".join(texts(driver, ".each"))
    click(driver, ".each .suite:nth-child(2) .title")
    until(lambda d: len(texts(d, ".recurring .error")) == 4 and not texts(d, ".each"))


HOSTILE_ERROR = {
    "id": "x", "text": HOSTILE[0], "on_branch": 1, "jobs": 3, "first": 0, "last": 0, "met": [[0, 1]], "strip": [1, 0],
    "branches": list(HOSTILE), "cases": [[text, text] for text in HOSTILE], "browsers": list(HOSTILE),
    "hints": list(HOSTILE),
}  # fmt: skip

HOSTILE_FINDINGS = {
    "errors": [HOSTILE_ERROR | {"text": text, "id": text} for text in HOSTILE],
    "flaky": [{"module": text, "case": text, "browser": text, "times": 1, "of": 2, "last": 0} for text in HOSTILE],
    "modules": [{"field": "m", "name": text, "worse": [0, 50], "slower": [1, 3]} for text in HOSTILE],
    "runs": 3,
}


def test_hostile_findings_stay_text(driver: WebDriver, pages: Pages) -> None:
    """Errors, cases, modules, branches and hosts of strangers, in the lists and on an error's page."""
    driver.get(f"{pages.url}/index.html")
    suites = (
        "arguments[2].map((name, place) => ({ name, place, latest: { ...ui.data.runs[0], branch: ui.data.branch } }))"
    )
    for show in (
        "ui.recurring(arguments[0], ui.data, ui.data.runs[0])",
        "...ui.errorView(arguments[1], ui.data)",
        f"ui.recurringEach({suites}, {{ ...ui.data, found: arguments[2].map(() => arguments[0]) }})",
    ):
        driver.execute_script(
            f"document.getElementById('main').replaceChildren({show})", HOSTILE_FINDINGS, HOSTILE_ERROR, HOSTILE
        )
        driver.execute_script("return document.title")  # an open dialog would be an error here
        assert HOSTILE[0] in texts(driver, "#main")[0]
        assert not driver.find_elements(By.CSS_SELECTOR, "img[src='x'], [onerror], [onmouseover], svg[onload]")
        schemes = driver.execute_script("return [...document.querySelectorAll('#main a')].map(a => a.protocol)")
        assert set(schemes) <= {"http:"}
        assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
