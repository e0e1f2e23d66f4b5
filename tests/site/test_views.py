"""Each view in each engine: what it shows, what its address says, what the keyboard does."""

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from tests.site.conftest import Pages
from tests.support.samples import HOSTILE, NOW, attempt, header, row
from uitest.embedded_json import as_json
from uitest.model import Verdict
from uitest.quarantine import Quarantine

Until = Callable[[Callable[[WebDriver], object]], object]


def texts(driver: WebDriver, selector: str) -> list[str]:
    """What the elements say, hidden ones included; asked in one go, since pages draw themselves again."""
    script = "return [...document.querySelectorAll(arguments[0])].map(found => found.textContent.trim())"
    texts: list[str] = driver.execute_script(script, selector)
    return texts


def focus(driver: WebDriver, name: str) -> str | None:
    """An attribute of the element that has the focus, or its text."""
    script = "const at = document.activeElement; return arguments[0] ? at.getAttribute(arguments[0]) : at.textContent"
    focused: str | None = driver.execute_script(script, name)
    return focused


def element(driver: WebDriver, selector: str) -> WebElement:
    """The first element."""
    return driver.find_element(By.CSS_SELECTOR, selector)


def click(driver: WebDriver, selector: str) -> None:
    """Click the first element; in the middle of the window, as WebKit's driver misses one that is half in view."""
    found = element(driver, selector)
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    found.click()


def press(driver: WebDriver, key: str) -> None:
    """Press a key, or several, where the focus is."""
    ActionChains(driver).send_keys(key).perform()


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


def suite(pages: Pages) -> str:
    """The address of the home page with the rich run's suite alone."""
    runs = json.loads((pages.folder / "home.json").read_text())
    place = next(run["suite"] for run in runs["runs"] if run["id"] == "rich")
    return f"{pages.url}/index.html#suite={quote(runs['suites'][place])}"


def test_suite_shows_what_recurs_and_leads_to_an_error(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Errors, flaky cases and their shares; an error has its first run, cases and runs, and Esc leads back."""
    driver.get(suite(pages))
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
    for show in ("ui.recurring(arguments[0], ui.data, ui.data.runs[0])", "...ui.errorView(arguments[1], ui.data)"):
        driver.execute_script(
            f"document.getElementById('main').replaceChildren({show})", HOSTILE_FINDINGS, HOSTILE_ERROR
        )
        driver.execute_script("return document.title")  # an open dialog would be an error here
        assert HOSTILE[0] in texts(driver, "#main")[0]
        assert not driver.find_elements(By.CSS_SELECTOR, "img[src='x'], [onerror], [onmouseover], svg[onload]")
        schemes = driver.execute_script("return [...document.querySelectorAll('#main a')].map(a => a.protocol)")
        assert set(schemes) <= {"http:"}
        assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_failures_of_one_error_say_what_their_traces_have_in_common(
    driver: WebDriver, pages: Pages, until: Until
) -> None:
    """The failed request and the console error that all of them met."""
    driver.get(pages.page(pages.change))
    click(driver, ".broken .common button")
    met = "failed request POST https://shop.example/orders: 500; console error the receipt could not be made"
    until(lambda d: texts(d, ".broken .common")[0] == f"All 2 compared have: {met}")


def test_case_shows_its_record(driver: WebDriver, pages: Pages, until: Until) -> None:
    """How often it was flaky or red on the base, and why it was last."""
    key = next(row.job.key for row in pages.rows if row.job.case == "fails")
    driver.get(pages.page(pages.change, f"job={key}"))
    until(lambda d: texts(d, ".record"))
    assert texts(driver, ".record") == [
        "On main: flaky in 0 of 3 runs (0 %), red in 1. Last red in run early-0: "
        "AssertionError | assert '41.99 EUR' == '42.00 EUR'"
    ]


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


GROUPS = ["Broken by this change", "Red on the base too", "Fixed", "Never ran before", "Flaky"]


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
    until(lambda d: texts(d, ".notice")[0].startswith("Quarantined until 9999-12-31"))
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
        next(one for one in driver.find_elements(By.CSS_SELECTOR, ".jumps button") if one.text == name).click()
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


def test_pages_open_from_a_folder(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Without a server everything is there but news: filter, case, detail, picture."""
    driver.get((pages.folder / "index.html").as_uri())
    assert texts(driver, "h1") == ["Failed and incomplete"]
    driver.get((pages.folder / "runs" / "rich" / "index.html").as_uri() + f"#q=s%3Afailed&job={pages.key('fails')}")
    until(lambda d: texts(d, ".try > .error") == ["AssertionError: assert '41.99 EUR' == '42.00 EUR'"] * 2)
    until(lambda d: d.execute_script("return [...document.images].every(i => i.complete && i.naturalWidth > 0)"))
    press(driver, Keys.ESCAPE)
    until(lambda d: texts(d, "#found") == ["1 job"])


def test_single_file_report_draws_itself(driver: WebDriver, pages: Pages, until: Until) -> None:
    """A run as one file draws itself, details included, though it asks for nothing."""
    from uitest.reporting.site import Site
    from uitest.storage.files import FolderPlace

    key = pages.key("fails")
    detail = {
        key: {
            "1": {
                "error": "told inside",
                "detail": "",
                "url": "",
                "warnings": [],
                "files": [{"name": "console.log", "kind": "text", "href": "data:,x", "text": "said inside"}],
            }
        }
    }
    (pages.folder / "single").mkdir(exist_ok=True)
    path = pages.folder / "single" / "out.html"
    path.write_bytes(Site(FolderPlace(pages.folder), "artifacts/").single(pages.rich, list(pages.rows), 0.0, detail))
    driver.get(path.as_uri() + f"#job={key}")
    until(lambda d: texts(d, ".try > .error") == ["told inside"])
    until(lambda d: texts(d, ".file pre") == ["said inside"])
    assert "uitest" in texts(driver, ".brand")[0]


def test_mistakes_in_the_address_and_the_filter_are_told(driver: WebDriver, pages: Pages, until: Until) -> None:
    """A job that the run does not have, and a field that the filter does not have."""
    driver.get(pages.page(pages.rich, "job=gone"))
    until(lambda d: texts(d, ".notice[role=status]") == ["This run has no job gone. Here is the whole run."])
    assert texts(driver, ".tiles li")
    driver.get(pages.page(pages.rich, "q=is:failed"))
    until(lambda d: "“is:” is no field" in texts(d, "#found")[0])
    driver.get(pages.page(pages.rich, "q=tests::nothing"))
    until(lambda d: texts(d, "#found") == ["0 jobs"])


def test_two_runs_side_by_side(driver: WebDriver, pages: Pages, until: Until) -> None:
    """What differs between any two runs of the site; each row opens to attempts, errors and pictures of both."""
    driver.get(pages.page(pages.change))
    click(driver, "#compared-title a[href*='compare=']")
    until(lambda d: texts(d, ".pair .name"))
    assert texts(driver, ".hero.sides h2") == ["Other run", "This run"]
    assert element(driver, "#other-run").get_property("value") == "early-2"
    rows = dict(zip(texts(driver, ".pair .name"), texts(driver, ".pair > summary"), strict=True))
    assert len(rows) == len(texts(driver, ".pair"))
    found = next(text for name, text in rows.items() if name == "login › fails chrome")
    assert "✓ passed" in found.partition("→")[0]
    assert "✗ failed" in found.partition("→")[2]
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


def test_pages_of_an_older_version_still_open(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Their data have neither base nor suites; the scripts beside them are those of the newest run."""
    home = pages.folder / "index.html"
    run = pages.folder / "runs" / "change" / "index.html"
    newer = {path: path.read_text() for path in (home, run)}
    try:
        for path, text in newer.items():
            before, _, rest = text.partition('id="data">')
            data, _, after = rest.partition("</script>")
            view = json.loads(data)
            for name in ("base", "compared", "suites", "branch", "first"):
                view.pop(name, None)
            for entry in view.get("runs") or view["jobs"]:
                for name in ("groups", "suite", "g", "w"):
                    entry.pop(name, None)
            path.write_text(f'{before}id="data">{as_json(view)}</script>{after}')
        driver.get(f"{pages.url}/index.html")
        assert texts(driver, "h1") == ["Failed and incomplete"]
        assert len(texts(driver, ".runs tbody tr")) >= 8
        driver.get(pages.page(pages.change))
        assert texts(driver, ".review h2")[0].startswith("New failures")
        assert not texts(driver, ".group")
    finally:
        for path, text in newer.items():
            path.write_text(text)
