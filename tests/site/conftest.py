"""A served site with every kind of run, and a driver of each engine."""

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from tests.support import traces
from tests.support.samples import HOSTILE, NOW, all_green, attempt, every_outcome, header, hostile, row
from uitest import browsers
from uitest.browsers.sessions.protocols import Browser
from uitest.browsers.settings import Settings
from uitest.model import JobRow, Run, RunState, Verdict
from uitest.reporting.site import SERVED, Site
from uitest.reporting.web_server import SiteServer
from uitest.short_text import safe_name
from uitest.storage.files import FolderPlace

ENGINES = ("chrome", "firefox", "webkit")
FILES = ("screenshot.png", "console.log", "network.log", "page.html.txt", "trace.js")
TRACES = {
    ("fails", 1): traces.shop(),
    ("fails", 2): traces.hostile(),
    ("is_flaky", 1): traces.long(),
    ("is_flaky", 2): traces.another_way(traces.long()),
}
"""By case and attempt; another attempt names a trace that is not there."""

GROUPS = ["Broken by this change", "Red on the base too", "Fixed", "Never ran before", "Flaky"]
"""The titles of a compared run's groups, in their order."""


def picture() -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\x00\x88\x88\x88")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


@dataclass(frozen=True)
class Pages:
    """A site in a folder, its address, and what is in it."""

    folder: Path
    url: str
    requests: list[str]
    foreign: list[str]
    rich: Run
    rows: tuple[JobRow, ...]
    nasty: Run
    change: Run
    """One of a branch, compared with main."""

    def write(self, run: Run, rows: list[JobRow], now: float) -> None:
        """Render a run, as its coordinator would."""
        site = Site(FolderPlace(self.folder), "artifacts/")
        site.run(run, rows, now)
        site.home(now)

    def page(self, run: Run, state: str = "") -> str:
        """The address of a run's page."""
        return f"{self.url}/runs/{safe_name(run.id)}/index.html{'#' + state if state else ''}"

    def suite(self) -> str:
        """The address of the home page with the rich run's suite alone."""
        runs = json.loads((self.folder / "home.json").read_text())
        place = next(run["suite"] for run in runs["runs"] if run["id"] == "rich")
        return f"{self.url}/index.html#suite={quote(runs['suites'][place])}"

    def key(self, case: str, browser: str = "chrome") -> str:
        """The key of a job of the rich run."""
        return next(row.job.key for row in self.rows if (row.job.case, row.job.browser) == (case, browser))


def rich() -> tuple[Run, list[JobRow]]:
    """Every outcome, with files; finished."""
    run, rows = every_outcome(RunState.FINISHED)
    rows[1] = row(
        "is_flaky",
        attempt(1, Verdict.FAILED, artifacts=("trace.js",)),
        attempt(2, duration_s=12.3, artifacts=("trace.js",)),
    )
    rows[4] = row("errors", attempt(1, Verdict.ERROR, artifacts=("trace.js",)), module="checkout")
    rows[3] = row(
        "fails",
        attempt(1, Verdict.FAILED, artifacts=FILES),
        attempt(2, Verdict.FAILED, artifacts=FILES, duration_s=75.0),
    )
    settings = {"branch": "main", "commit": "0123456789abcdef", "tags": {"checkout": ["slow"]}}
    return replace(run, id="rich", settings=settings), rows


def change() -> tuple[Run, list[JobRow]]:
    """A run of a branch that has a job in each group beside the earlier runs of main."""
    failed = attempt(1, Verdict.FAILED, artifacts=FILES)
    rows = [
        row("fails", failed),
        row("passes", failed),
        row("passes", attempt(1, Verdict.FAILED, error="TimeoutException: Message: no basket"), browser="firefox"),
        row("errors", attempt(1, Verdict.FAILED), module="checkout"),
        row("is_lost", attempt(), module="checkout"),
        row("is_new", failed, module="checkout"),
        row("is_new_too", attempt(), module="checkout"),
        row("is_flaky", attempt(1, Verdict.FAILED), attempt(2)),
        row("is_skipped", attempt(1, Verdict.SKIPPED)),
    ]
    settings = {"branch": "feature", "commit": "fedcba9876543210", "against": "main"}
    return header(rows, id="change", started_at=NOW - 4500, finished_at=NOW - 4400, settings=settings), rows


@pytest.fixture(scope="session")
def shared_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The site, served as ``uitest serve`` does."""
    folder = tmp_path_factory.mktemp("site")
    run, rows = rich()
    nasty, nasty_rows = hostile()
    requests: list[str] = []
    foreign: list[str] = []
    with (
        SiteServer(folder, log=requests.append, policy=SERVED) as server,
        SiteServer(folder, log=foreign.append) as elsewhere,
    ):
        nasty_base = replace(nasty, id=HOSTILE[5], started_at=NOW - 9500, finished_at=NOW - 9400)
        nasty = replace(nasty, started_at=NOW - 9000, settings={**nasty.settings, "against": HOSTILE[1]})
        changed, changed_rows = change()
        pages = Pages(folder, server.url, requests, foreign, run, tuple(rows), nasty, changed)
        pages.write(nasty_base, nasty_rows, NOW)
        for number in range(3):
            early = replace(run, id=f"early-{number}", started_at=NOW - 5000 + number, finished_at=NOW - 4900)
            pages.write(early, [*rows[:3], row("fails", attempt())] if number else rows, NOW)
        pages.write(
            replace(all_green()[0], id="side", started_at=NOW - 4000, settings={"branch": "side"}), all_green()[1], NOW
        )
        release = {"branch": "release/1.0", "commit": "abcdef0123456789"}
        for number in range(2):
            began = NOW - 9900 + number
            cut = header(changed_rows, id=f"cut-{number}", started_at=began, finished_at=NOW - 9800, settings=release)
            pages.write(cut, changed_rows, NOW)
        pages.write(nasty, nasty_rows, NOW)
        pages.write(changed, changed_rows, NOW)
        pages.write(run, rows, NOW)
        place = FolderPlace(folder / "artifacts")
        for bad in changed_rows[:2]:
            place.write(f"change/{bad.job.key}/1/screenshot.png", picture())
            place.write(f"change/{bad.job.key}/1/trace.js", traces.script(traces.shop()))
        for job_row, files in ((rows[3], FILES), *((bad, bad.attempts[0].artifacts) for bad in nasty_rows)):
            owner = run if job_row is rows[3] else pages.nasty
            for number in range(1, len(job_row.attempts) + 1):
                for name in set(files) - {"trace.js"}:
                    text = f"<script>alert(1)</script> {name} of attempt {number}".encode()
                    place.write(
                        f"{safe_name(owner.id)}/{job_row.job.key}/{number}/{safe_name(name)}",
                        picture() if name.endswith(".png") else text,
                    )
        for (case, number), data in TRACES.items():
            text = traces.script(data).replace(b"//evil.example", elsewhere.url.removeprefix("http:").encode())
            place.write(f"rich/{pages.key(case)}/{number}/trace.js", text)
        yield pages


@pytest.fixture
def pages(shared_pages: Pages) -> Iterator[Pages]:
    """The site; a run that a test adds is gone afterwards, as other tests count what is there."""
    before = set(shared_pages.folder.rglob("*"))
    yield shared_pages
    added = [path for path in shared_pages.folder.rglob("*") if path not in before and path.is_file()]
    for path in added:
        path.unlink()
    if added:
        Site(FolderPlace(shared_pages.folder), "artifacts/").home(NOW)


@pytest.fixture(scope="session", params=ENGINES)
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A warm browser of each engine."""
    settings = Settings()
    browser = browsers.launch(request.param, settings, browsers.options(request.param, settings))
    yield browser
    browser.kill()


@pytest.fixture
def driver(browser: Browser) -> Iterator[WebDriver]:
    """A driver in a fresh context of it."""
    driver = browser.open()
    yield driver
    browser.close(driver)


@pytest.fixture
def until(driver: WebDriver) -> Callable[[Callable[[WebDriver], object]], object]:
    """Wait for something that is true of the page."""
    return lambda condition: WebDriverWait(driver, 20, poll_frequency=0.05).until(condition)


@pytest.fixture(scope="session")
def chrome() -> Iterator[WebDriver]:
    """A Chrome whose window and theme a test may set."""
    driver = browsers.start("chrome")
    yield driver
    driver.quit()
