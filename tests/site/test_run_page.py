"""The page of a run in each engine: numbers, what needs review, what a change did, quarantine, lists."""

from dataclasses import replace

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import GROUPS, Pages
from tests.site.page_actions import Until, click, element, texts
from tests.support.samples import NOW, attempt, header, row
from uitest.model import Verdict
from uitest.quarantine import Quarantine


def test_failures_of_one_error_say_what_their_traces_have_in_common(
    driver: WebDriver, pages: Pages, until: Until
) -> None:
    """The failed request and the console error that all of them met."""
    driver.get(pages.page(pages.change))
    click(driver, ".broken .common button")
    met = "failed request POST https://shop.example/orders: 500; console error the receipt could not be made"
    until(lambda d: texts(d, ".broken .common")[0] == f"All 2 compared have: {met}")


def test_run_page_shows_numbers_review_matrix_and_timeline(driver: WebDriver, pages: Pages) -> None:
    """Numbers, what needs review in its order, the matrix with its past, the timeline, the slowest."""
    driver.get(pages.page(pages.rich))
    tiles = texts(driver, ".tiles li")
    assert tiles[:3] == ["11 planned", "1 running", "3 passed"]
    assert not [tile for tile in tiles if tile.startswith("0 ")]
    assert texts(driver, ".review h2")[0].startswith("New failures 1")
    assert [text.split(" ")[0] for text in texts(driver, ".review h2")] == ["New", "Flaky", "Known"]
    assert texts(driver, ".matrix thead th") == ["Case", "chrome", "firefox"]
    assert len(texts(driver, ".matrix tbody tr:not(.module)")) == 9
    assert texts(driver, ".matrix .tag") == ["slow"]
    assert driver.find_elements(By.CSS_SELECTOR, ".matrix .strip rect.passed")
    assert driver.find_elements(By.CSS_SELECTOR, ".lanes path.test")
    assert texts(driver, ".slow li b")[0] == "1 min 15 s"
    assert "▲ +" in texts(driver, ".slow li")[0]


def test_run_page_begins_with_what_the_change_did(driver: WebDriver, pages: Pages, until: Until) -> None:
    """The five groups in their order, the first with jobs open, with error and picture; the base is named."""
    driver.get(pages.page(pages.change))
    assert texts(driver, ".did span")[:2] == ["3 broken by this change", "1 red on the base too"]
    assert texts(driver, ".group .title") == GROUPS
    assert texts(driver, ".group .number") == ["3", "1", "1", "2", "1"]
    assert texts(driver, ".group[open] .title") == GROUPS[:1]
    assert texts(driver, "#compared-title")[0].startswith("Compared with main at 0123456789 run early-2, ")
    assert texts(driver, ".group.broken .failure > .error") == [
        "AssertionError: assert '41.99 EUR' == '42.00 EUR'",
        "TimeoutException: Message: no basket",
    ]
    until(lambda d: d.execute_script("return document.querySelector('.peek img')?.naturalWidth > 0"))
    assert "attempt 1" in (element(driver, ".peek img").get_attribute("alt") or "")
    click(driver, ".group.red_on_base summary")
    until(lambda d: "red in the base's run" in " ".join(texts(d, ".group.red_on_base .note")))
    click(driver, ".group.never_ran summary")
    until(lambda d: texts(d, ".group.never_ran .jobs .chip") == ["✗ failed", "✓ passed"])


def test_failure_names_the_run_that_it_is_the_same_as(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Beside the failure and on its case's page, with a link; an error that is new has none, and no old page has."""
    driver.get(pages.page(pages.change))
    errors = texts(driver, ".group.broken .failure")
    assert ["same as in early-2 of main" in text for text in errors] == [True, False]
    click(driver, ".group.broken .jobs a.open")
    until(lambda d: texts(d, ".hero.case .same") == ["same as in early-2 of main"])
    click(driver, ".hero.case .same a")
    until(lambda d: "early-2" in texts(d, ".top nav")[0])
    old = pages.folder / "runs" / f"old-{driver.capabilities['browserName'].lower()}" / "index.html"
    old.parent.mkdir()
    source = (pages.folder / "runs" / "change" / "index.html").read_text()
    old.write_text(source.replace('"same_runs"', '"a"').replace('"same_as"', '"b"'))
    driver.get(f"{pages.url}/runs/{old.parent.name}/index.html")
    assert len(texts(driver, ".group.broken .failure")) == 2
    assert not texts(driver, ".same")


def test_groups_obey_filter_and_reader(driver: WebDriver, pages: Pages, until: Until) -> None:
    """An empty group says so, the next one is open instead; what the reader has closed stays closed."""
    driver.get(pages.page(pages.change, "q=c:is_"))
    assert texts(driver, "p.group .title") == GROUPS[:2]
    assert texts(driver, ".group[open] .title") == ["Fixed"]
    click(driver, ".group.fixed summary")
    until(lambda d: not texts(d, ".group[open]"))
    element(driver, "#filter").send_keys("l")
    until(lambda d: texts(d, "#found") == ["1 job"])
    assert not texts(driver, ".group[open]")
    for words, number in (("g:broken", 3), ("group:fixed,flaky", 2), ("s:new", 4), ("-g:never_ran s:passed", 1)):
        driver.get("about:blank")
        driver.get(pages.page(pages.change, f"q={words}"))
        until(lambda d, number=number: texts(d, "#found")[0].partition(" ")[0] == str(number))


def test_quarantine_has_its_own_section(driver: WebDriver, pages: Pages, until: Until) -> None:
    """The verdict counts what is excused; terms, error and link are beside it, on the case's page as well."""
    rules = (
        Quarantine("9999-12-31", case="known", owner="@shop", reason="slow", link="https://issues.example/7"),
        Quarantine("2025-01-31", case="old"),
    )
    rows = [row("known", attempt(1, Verdict.FAILED)), row("passes", attempt()), row("old", attempt())]
    pages.write(replace(header(rows, id="excused", started_at=NOW - 50), quarantine=rules), rows, NOW)
    driver.get(f"{pages.url}/runs/excused/index.html")
    assert texts(driver, ".verdict h1") == ["Passed, 1 quarantined"]
    assert "1 quarantined" in texts(driver, ".tiles li")
    assert texts(driver, "#quarantine h2")[0].startswith("Quarantine 1 known failure that does not")
    assert texts(driver, "#quarantine .note") == ["until 9999-12-31, @shop: slow, https://issues.example/7"]
    assert "41.99" in texts(driver, "#quarantine .failure > .error")[0]
    assert element(driver, "#quarantine .note a").get_attribute("href") == "https://issues.example/7"
    element(driver, "#filter").send_keys("s:quarantined")
    until(lambda d: texts(d, "#found") == ["1 job"])
    click(driver, "#quarantine a.open")
    until(lambda d: "".join(texts(d, ".notice")).startswith("Quarantined until 9999-12-31"))
    driver.get(f"{pages.url}/index.html")
    assert "quarantined" in texts(driver, ".runs thead th")

    rows[2] = row("old", attempt(1, Verdict.FAILED))
    pages.write(replace(header(rows, id="excused", started_at=NOW - 50), quarantine=rules), rows, NOW)
    driver.get(f"{pages.url}/runs/excused/index.html")
    assert texts(driver, ".verdict h1") == ["Failed"]
    assert texts(driver, "#new .note") == ["its quarantine is over: until 2025-01-31, no owner"]


def test_run_without_a_base_says_so(driver: WebDriver, pages: Pages) -> None:
    """In one line, and shows new and known failures as it did."""
    driver.get(pages.page(pages.rich))
    assert texts(driver, ".no-base") == ["Not compared with a base: no branch is named with --against."]
    assert not texts(driver, ".group")


def test_more_of_everything_is_a_press_away(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Hundreds of jobs of one error and of other errors are all in the review; a missing picture leaves its place."""
    alike = [row(f"alike{n:03}", attempt(1, Verdict.FAILED)) for n in range(120)]
    others = [row(f"other{n:03}", attempt(1, Verdict.FAILED, error=f"no {'x' * (n + 1)}")) for n in range(70)]
    run = header([*alike, *others], id=f"many-{driver.capabilities['browserName'].lower()}")
    pages.write(run, [*alike, *others], NOW)
    driver.get(pages.page(run))
    click(driver, "details.more > summary")
    until(lambda d: texts(d, "details.more .end button") == ["67 more"])
    click(driver, "details.more .end button")
    click(driver, "details.more .end button")
    until(lambda d: len(texts(d, "details.more .jobs li")) == 117)
    click(driver, "#review .matters + .end button")
    until(lambda d: len(texts(d, ".matter")) == 71)
    assert "no picture" in texts(driver, ".peek .missing")
    assert len(driver.find_elements(By.CSS_SELECTOR, ".peek")) == 71
    assert not texts(driver, "#review .end button")
