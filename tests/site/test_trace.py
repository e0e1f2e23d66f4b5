"""The trace of an attempt in each engine: what it shows of a step, how one walks, and that a page in it cannot act."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.test_views import element, press, texts
from tests.support import traces
from tests.support.samples import NOW, attempt, header, row
from uitest.model import RunState, Verdict
from uitest.reporting.formats.export import RunExporter
from uitest.reporting.site import SERVED, Site
from uitest.reporting.site.page import Pages as Shell
from uitest.reporting.web_server import SiteServer
from uitest.storage.files import FolderPlace

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[WebDriver], object]], object]

HEADER = "view.getComputedStyle(page.querySelector('header')).backgroundColor"
SHADOW = "view.getComputedStyle(page.querySelector('my-note').shadowRoot.querySelector('p')).color"
INSIDE = "const page = document.querySelector('.sheet iframe').contentDocument, view = page.defaultView;"


def trace(pages: Pages, state: str, case: str = "fails", number: int = 1) -> str:
    """The address of a trace, at a step and whatever else."""
    return pages.page(pages.rich, f"job={pages.key(case)}&a={number}&{state}")


def inside(driver: WebDriver, script: str) -> Any:
    """The value of an expression about the snapshot's document, ``page``, and its window, ``view``."""
    return driver.execute_script(f"{INSIDE} return {script}")


def at(number: int) -> Callable[[WebDriver], bool]:
    """Whether the view is at this step, in its list and in its address."""
    return lambda d: (
        texts(d, ".steps-list .now .n") == [str(number)]
        and f"step={number}" in d.current_url.partition("#")[2].split("&")
    )


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


def test_trace_is_usable_by_keyboard(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Arrows step, j and k too, Home and End; hidden steps are passed over; Esc leads back, a level each time."""
    driver.get(trace(pages, "step=2"))
    until(at(2))
    press(driver, Keys.ARROW_RIGHT)
    until(at(3))
    press(driver, Keys.ARROW_LEFT + Keys.ARROW_LEFT + Keys.ARROW_LEFT)
    until(at(1))
    press(driver, Keys.END)
    until(at(6))
    press(driver, "k")
    until(at(5))
    press(driver, "j" + Keys.HOME)
    until(at(1))
    driver.execute_script("document.querySelector('#only').click()")
    press(driver, Keys.ARROW_RIGHT)
    until(at(3))
    driver.execute_script("document.querySelector('[data-pane=console]').click()")
    driver.execute_script("document.querySelector('ol.log').focus()")
    press(driver, Keys.END)  # scrolls the list that has the focus
    press(driver, Keys.ARROW_RIGHT)
    until(at(4))
    press(driver, "?")
    until(lambda d: d.find_elements(By.CSS_SELECTOR, "dialog[open]"))
    assert "trace: step after" in texts(driver, "dialog")[0]
    press(driver, Keys.ESCAPE)
    until(lambda d: not d.find_elements(By.CSS_SELECTOR, "dialog[open]"))
    press(driver, Keys.ESCAPE)
    until(lambda d: texts(d, ".chosen h3 a") == ["Attempt 1"])
    assert [part.partition("=")[0] for part in driver.current_url.partition("#")[2].split("&")] == ["job", "a"]
    press(driver, Keys.ESCAPE)
    until(lambda d: d.find_elements(By.ID, "filter"))


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


ACTS = """[...page.querySelectorAll("*")].filter(element =>
    /^(script|object|embed|link|base|meta)$/.test(element.localName)
    || [...element.attributes].some(({ name, value }) => name.startsWith("on")
        || (name !== "style" && /javascript:|evil|127/.test(value))
        || (["src", "srcdoc", "action", "formaction"].includes(name) && !value.startsWith("data:")))
).map(element => element.outerHTML)
"""
UNTAMED = f"""{INSIDE}
const made = (name, facts) => {{
    const element = Object.assign(page.createElement(name), facts);
    page.body.append(element);
    return element;
}};
made("script", {{ textContent: "top.ran = 1" }});
const button = made("button");
button.setAttribute("onclick", "top.ran = 2");
button.click();
made("a", {{ href: "javascript:top.ran = 3" }}).click();
"""


def test_page_in_a_trace_cannot_run_or_request_anything(driver: WebDriver, pages: Pages, until: Until) -> None:
    """No script, no handler, no request, no navigation, no focus; the frame and its policy would allow none."""
    for number, last in ((1, 4), (2, 11)):
        driver.get("about:blank")
        pages.requests.clear()
        driver.get(trace(pages, "step=1&when=after", number=number))
        for step in range(1, last + 1):
            until(at(step))
            until(lambda d: inside(d, "page.body.childElementCount > 0"))
            assert inside(driver, ACTS) == []
            press(driver, Keys.ARROW_RIGHT)
        frame = element(driver, ".sheet iframe")
        assert frame.get_attribute("sandbox") == "allow-same-origin"
        assert inside(driver, "top.ran") is None
        assert inside(driver, "page.URL") == "about:srcdoc"
        assert pages.foreign == []
        ours = ("/runs/rich/", "/assets/", "/artifacts/rich/", "/favicon")
        assert not [line for line in pages.requests if not any(part in line for part in ours)]
        # Were it not tamed, the frame would still run nothing.
        driver.execute_script(UNTAMED)
        assert inside(driver, "top.ran") is None


def test_hostile_texts_of_a_trace_stay_text(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Whatever stands in a trace's fields is text in every pane."""
    for pane in ("step", "console", "network", "source"):
        driver.get("about:blank")
        driver.get(trace(pages, f"step=3&pane={pane}", number=2))
        until(at(3))
        driver.execute_script("return document.title")  # an open dialog would be an error here
        assert not driver.find_elements(
            By.CSS_SELECTOR, "img[src='x'], [onerror], [onmouseover], svg[onload], img[src^='http']"
        )
        assert len(texts(driver, ".steps-list li")) == 14


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


def test_trace_opens_from_a_folder(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Without a server too: the file is a script."""
    page = (pages.folder / "runs" / "rich" / "index.html").as_uri()
    driver.get(f"{page}#job={pages.key('fails')}&a=1&step=4&when=after")
    until(lambda d: inside(d, "page.querySelector('.done')?.textContent") == "Order sent")
    assert inside(driver, HEADER) == "rgb(13, 92, 107)"
    assert inside(driver, "top.ran") is None


def test_trace_file_is_shown_from_disk_or_says_what_is_wrong(driver: WebDriver, tmp_path: Path, until: Until) -> None:
    """A trace as one file, from disk; one without pictures and pages, without steps, or of another form says so."""
    path = tmp_path / "trace.html"
    path.write_bytes(Shell().trace(traces.shop()))
    driver.get(path.as_uri() + "#step=4&when=after")
    until(lambda d: inside(d, "page.querySelector('.done')?.textContent") == "Order sent")
    assert inside(driver, HEADER) == "rgb(13, 92, 107)"
    assert (texts(driver, "h1"), texts(driver, ".brand")) == (["tc042"], ["uitest"])
    press(driver, Keys.ARROW_RIGHT)
    until(at(5))
    for changes, message in (
        ({"shots": [], "pages": []}, "This trace has neither snapshots nor screenshots."),
        ({"steps": []}, "This trace has no steps"),
        ({"v": 2}, "another version of uitest"),
    ):
        path.write_bytes(Shell().trace({**traces.shop(), **changes}))
        driver.get("about:blank")
        driver.get(path.as_uri())
        until(lambda d, message=message: message in texts(d, "main")[0])
    path.write_bytes(Shell().trace(traces.hostile()))
    driver.get("about:blank")
    driver.get(path.as_uri())
    until(lambda d: len(texts(d, ".steps-list li")) == 14)


def test_single_file_report_has_traces_inside(driver: WebDriver, tmp_path: Path, until: Until) -> None:
    """``uitest report --single-file`` has them inside; one that is too big is named."""
    rows = [
        row(
            "a",
            attempt(1, Verdict.FAILED, artifacts=("trace.js",)),
            attempt(2, Verdict.FAILED, artifacts=("trace.js",)),
        )
    ]
    places = {"site": str(tmp_path / "site"), "artifacts": str(tmp_path / "artifacts")}
    run = replace(header(rows), id="taken", settings=places)
    big = traces.shop() | {"sources": [{"name": "big", "first": 1, "lines": ["x" * 5_000_000]}]}
    for number, data in ((1, traces.shop()), (2, big)):
        FolderPlace(places["artifacts"]).write(f"taken/{rows[0].job.key}/{number}/trace.js", traces.script(data))
    RunExporter(run, rows).single_file(tmp_path / "out.html")
    page = (tmp_path / "out.html").as_uri()
    driver.get(f"{page}#job={rows[0].job.key}&a=1&step=4&when=after")
    until(lambda d: inside(d, "page.querySelector('.done')?.textContent") == "Order sent")
    driver.get(f"{page}#job={rows[0].job.key}&a=2&step=end")
    until(lambda d: "limits: 5 MB each" in texts(d, "main")[0])


def test_missing_trace_is_explained(driver: WebDriver, pages: Pages, tmp_path: Path, until: Until) -> None:
    """A file that is gone, an attempt without one, artifacts with an address of their own: why, and how to have it."""
    driver.get(trace(pages, "step=1", "errors"))
    until(lambda d: "could not be read" in texts(d, "main")[0])
    assert texts(driver, ".nothing .empty a") == ["Download the trace"]
    driver.get(trace(pages, "step=1", "passes"))
    until(lambda d: "This attempt has none" in texts(d, "main")[0])
    rows = [row("a", attempt(1, Verdict.FAILED, artifacts=("trace.js",)))]
    run = header(rows, RunState.FINISHED, id="afar")
    (tmp_path / "index.html").touch()
    with SiteServer(tmp_path, policy=SERVED) as server:
        Site(FolderPlace(tmp_path), "https://artifacts.example/").run(run, rows, NOW)
        driver.get(f"{server.url}/runs/afar/index.html#job={rows[0].job.key}&a=1&step=1")
        until(lambda d: "an address of their own" in texts(d, "main")[0])
        href = element(driver, ".nothing .empty a").get_attribute("href")
        assert href == f"https://artifacts.example/afar/{rows[0].job.key}/1/trace.js"


def test_search_in_steps_and_requests(driver: WebDriver, pages: Pages, until: Until) -> None:
    """All words must be there; arrows and Enter walk what was found; the address holds the text; Esc clears it."""
    driver.get(trace(pages, "step=1&pane=network"))
    until(at(1))
    press(driver, "/")
    field = driver.switch_to.active_element
    field.send_keys("#NAME type")
    until(at(3))
    assert texts(driver, "#found-steps") == ["1 step, 0 requests"]
    assert [step.is_displayed() for step in driver.find_elements(By.CSS_SELECTOR, ".steps-list li")] == [
        False, False, True, False, False, False,
    ]  # fmt: skip
    field.clear()
    field.send_keys("500 orders")
    until(at(4))
    assert texts(driver, "#found-steps") == ["0 steps, 1 request"]
    assert [line.is_displayed() for line in driver.find_elements(By.CSS_SELECTOR, ".requests li:not(.rule)")] == [
        False, False, True,
    ]  # fmt: skip
    field.clear()
    field.send_keys("#name" + Keys.ENTER)
    until(at(3))
    until(lambda d: "find=%23name" in d.current_url)
    address = driver.current_url
    field.send_keys(Keys.ESCAPE + Keys.ESCAPE)
    until(lambda d: "find=" not in d.current_url)
    press(driver, Keys.ARROW_RIGHT)
    until(at(4))
    driver.get("about:blank")
    driver.get(address)
    until(at(3))
    press(driver, Keys.ARROW_LEFT + Keys.ARROW_LEFT)
    until(at(2))


REACHED = """
window.reached = [];
new MutationObserver(() => reached.push(document.querySelector('.steps-list .now .n').textContent))
    .observe(document.querySelector('.turns .count'), {childList: true});
"""


def test_trace_is_played_to_its_end(driver: WebDriver, pages: Pages, until: Until) -> None:
    """From the step that is shown, or from the first at the end; a step that the reader chooses ends it."""
    driver.get(trace(pages, "step=6"))
    until(at(6))
    driver.execute_script(REACHED)
    element(driver, ".play").click()
    until(lambda d: texts(d, ".play") == ["▶ Play"] and at(6)(d))
    reached = driver.execute_script("return reached")
    assert reached[0] == "1"
    assert reached == sorted(set(reached))
    assert set(reached) >= {"1", "3", "4", "6"}, "steps that change the page can be seen"
    press(driver, "p")
    until(lambda d: texts(d, ".play") == ["❚❚ Pause"])
    press(driver, Keys.HOME)
    until(at(1))
    assert texts(driver, ".play") == ["▶ Play"]


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
