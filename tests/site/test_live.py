"""A page while its run goes on."""

import time
from dataclasses import replace

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, click, element, focus, texts
from tests.support.samples import attempt, header, row
from uitest.model import Run, RunState, Verdict
from uitest.quarantine import Quarantine

pytestmark = pytest.mark.slow


def going_on(run_id: str, now: float, **changes: object) -> Run:
    """A run of two jobs that began a minute ago."""
    run = header([row("a"), row("b")], RunState.RUNNING, id=run_id, started_at=now - 60, beat_at=now)
    return replace(run, **changes)  # type: ignore[arg-type]


def test_open_page_shows_news_and_stops_asking_at_the_end(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Outcomes appear while the page is open, the reader's filter and focus stay, and asking ends with the run."""
    now = time.time()
    name = f"live-{driver.capabilities['browserName'].lower()}"
    run = going_on(name, now)
    pages.write(run, [row("a"), row("b")], now)
    driver.get(pages.page(run, "q=a"))
    assert texts(driver, "h1") == ["Running"]
    element(driver, "#filter").click()
    failed = row("a", attempt(1, Verdict.FAILED, started_at=now - 20))
    pages.write(run, [failed, row("b")], now + 1)
    until(lambda d: texts(d, "h1") == ["Running, with failures"])
    assert element(driver, "#filter").get_property("value") == "a"
    assert focus(driver, "id") == "filter"
    driver.execute_script("location.hash = arguments[0]", f"job={failed.job.key}")
    until(lambda d: texts(d, ".try > .error"))
    pages.write(run, [row("a", *failed.attempts, attempt(2, started_at=now - 5)), row("b")], now + 2)
    until(lambda d: len(texts(d, ".try")) == 2)
    over = replace(run, state=RunState.FINISHED, finished_at=now + 3)
    pages.write(over, [row("a", attempt()), row("b", attempt())], now + 3)
    driver.execute_script("location.hash = ''")
    until(lambda d: texts(d, "h1") == ["Passed"])
    until(lambda d: d.find_elements(By.CSS_SELECTOR, ".pulse.off"))


def test_news_close_nothing_that_the_reader_has_opened(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Opened groups stay open and rows that were reached stay drawn; for the printer everything is."""
    now = time.time()
    bad = [row(f"bad{n}", attempt(1, Verdict.FAILED, started_at=now - 20)) for n in range(6)]
    good = [row(f"good{n:03}", attempt(started_at=now - 20)) for n in range(200)]
    run = header([*bad, *good], RunState.RUNNING, started_at=now - 60, beat_at=now)
    run = replace(run, id=f"open-{driver.capabilities['browserName'].lower()}")
    pages.write(run, [*bad, *good], now)
    driver.get(pages.page(run))
    assert len(texts(driver, ".matter .jobs li")) == 3
    click(driver, "details.more > summary")
    until(lambda d: len(texts(d, ".matter .jobs li")) == 6)
    driver.execute_script("document.querySelector('#matrix .end').scrollIntoView()")
    until(lambda d: len(texts(d, "#matrix tbody tr:not(.module)")) > 40)
    reached = len(texts(driver, "#matrix tbody tr:not(.module)"))
    pages.write(run, [*bad, row("good000", attempt(1, Verdict.FAILED, error="other")), *good[1:]], now + 1)
    until(lambda d: texts(d, ".review h2 small")[0].startswith("7"))
    assert len(texts(driver, "details.more[open] .jobs li")) == 3
    assert len(texts(driver, "#matrix tbody tr:not(.module)")) >= reached
    driver.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert len(texts(driver, "#matrix tbody tr:not(.module)")) == 206


def test_quarantined_failure_is_excused_while_the_run_goes_on(driver: WebDriver, pages: Pages, until: Until) -> None:
    """It is in a section of its own as soon as it has failed, the run never looks red, and the verdict says it."""
    now = time.time()
    rules = (Quarantine("9999-12-31", case="a", owner="@shop", reason="slow"),)
    run = going_on(f"excused-{driver.capabilities['browserName'].lower()}", now, quarantine=rules)
    pages.write(run, [row("a"), row("b")], now)
    driver.get(pages.page(run))
    assert texts(driver, "h1") == ["Running"]
    assert not texts(driver, "#quarantine")
    failed = row("a", attempt(1, Verdict.FAILED, started_at=now - 20))
    pages.write(run, [failed, row("b")], now + 1)
    until(lambda d: [text.partition(" ")[2] for text in texts(d, "#quarantine .jobs .chip")] == ["quarantined"])
    assert texts(driver, "h1") == ["Running"]
    assert texts(driver, "#quarantine h2 small") == ["1 known failure that does not make the run red"]
    assert texts(driver, "#quarantine .note") == ["until 9999-12-31, @shop: slow"]
    assert not texts(driver, "#new, #known")
    over = replace(run, state=RunState.FINISHED, finished_at=now + 2)
    pages.write(over, [failed, row("b", attempt(started_at=now - 10))], now + 2)
    until(lambda d: texts(d, "h1") == ["Passed, 1 quarantined"])
    assert len(texts(driver, "#quarantine .jobs li")) == 1
    assert not texts(driver, "#new, #known")


def test_page_asks_only_for_the_summary_while_nothing_happens(driver: WebDriver, pages: Pages, until: Until) -> None:
    """While nothing happens the summary is asked for, conditionally; the run's JSON is not."""
    now = time.time()
    run = going_on(f"quiet-{driver.capabilities['browserName'].lower()}", now)
    pages.write(run, [row("a"), row("b")], now)
    pages.requests.clear()
    driver.get(pages.page(run))
    until(lambda d: sum(f"/index/{run.id}.json" in line for line in pages.requests) >= 2)
    assert not [line for line in pages.requests if "run.json" in line]
    assert [line for line in pages.requests if f"/index/{run.id}.json" in line and " 304 " in line]


def test_run_of_a_dead_coordinator_is_not_shown_as_running(driver: WebDriver, pages: Pages) -> None:
    """A run that nobody has heard of for long is not shown as running, on both pages."""
    now = time.time()
    run = going_on(f"dead-{driver.capabilities['browserName'].lower()}", now - 300)
    # As it was written: while the coordinator was alive.
    pages.write(run, [row("a"), row("b")], now - 300)
    driver.get(pages.page(run))
    assert texts(driver, "h1") == ["Coordinator not responding"]
    assert "uitest resume" in texts(driver, ".verdict p")[0]
    assert element(driver, "#silent").is_displayed()
    driver.get(f"{pages.url}/index.html")
    assert "Coordinator not responding" in " ".join(texts(driver, ".runs tbody td:first-child"))


def test_open_home_page_shows_news(driver: WebDriver, pages: Pages, until: Until) -> None:
    """A run that begins to fail turns on the open home page."""
    now = time.time()
    run = going_on(f"home-{driver.capabilities['browserName'].lower()}", now, started_at=now + 1000)
    pages.write(run, [row("a"), row("b")], now)
    driver.get(f"{pages.url}/index.html")
    assert texts(driver, ".hero .suites .chip")[0] == "▸ Running"
    pages.write(run, [row("a", attempt(1, Verdict.FAILED)), row("b")], now + 1)
    until(lambda d: texts(d, ".hero .suites .chip")[0] == "▸ Running, with failures")
    pages.write(
        replace(run, state=RunState.FINISHED, finished_at=now + 2, started_at=now - 9),
        [row("a", attempt()), row("b", attempt())],
        now + 2,
    )
