"""Where traces are read from in each engine: a folder, a file, a single-file report; and where there is none."""

from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, element, press, texts
from tests.site.trace_views import HEADER, at, inside, trace
from tests.support import traces
from tests.support.samples import NOW, attempt, header, row
from uitest.model import RunState, Verdict
from uitest.reporting.formats.export import RunExporter
from uitest.reporting.site import SERVED, Site
from uitest.reporting.site.page import Pages as Shell
from uitest.reporting.web_server import SiteServer
from uitest.storage.files import FolderPlace

pytestmark = pytest.mark.slow


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
