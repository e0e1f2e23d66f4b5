"""The status site at its largest: a run of ten thousand jobs and a home page of a thousand runs, in headless Chrome.

A page is taken to be interactive when its scripts have drawn it (the end of DOMContentLoaded, which deferred scripts
hold up). A filter's time goes from the last letter to the new list, layout included, and the frame after it too.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from selenium.webdriver.remote.webdriver import WebDriver

from bench.part import Conditions, Found
from bench.report import spread
from uitest import browsers
from uitest.jobs.outcome import count, fold
from uitest.model import Attempt, Job, JobRow, Outcome, Run, RunState, Verdict
from uitest.reporting.site import Site, summary_name
from uitest.reporting.site.history import Past
from uitest.reporting.site.home import summary
from uitest.reporting.site.run import run_view
from uitest.reporting.web_server import SiteServer
from uitest.storage.files import FolderPlace

JOBS, RUNS = 10_000, 1_000
NOW = 1_795_000_000.0

DRAWN = "const [page] = performance.getEntriesByType('navigation'); return page.domContentLoadedEventEnd"
FILTER = """
const [text, done] = arguments;
const field = document.getElementById("filter"), found = document.getElementById("found");
const began = performance.now();
new MutationObserver((_, observer) => {
    observer.disconnect();
    setTimeout(() => { document.body.getBoundingClientRect(); done([performance.now() - began, found.textContent]); });
}).observe(found, { childList: true });
field.value = text;
field.dispatchEvent(new Event("input"));
"""
FILTERS = ("s:failed", "m:module-07 b:firefox", "-s:passed tc00", "nothing has this", "thing")


def site(conditions: Conditions) -> Found:
    """Render and look, ``conditions.rounds`` times."""
    rows = list(_rows())
    run = _run("big", rows)
    changed = replace(rows[0], attempts=(_attempt(1, Verdict.FAILED), _attempt(2, Verdict.FAILED)), attempt=2)
    times: dict[str, list[float]] = {name: [] for name in ("render", "update", "run", "filter", "home")}
    with tempfile.TemporaryDirectory(prefix="bench-site-") as folder, SiteServer(folder) as server:
        place = FolderPlace(folder)
        for number in range(RUNS - 1):
            _leave_summary(place, replace(run, id=f"run-{number}", started_at=NOW - 100 * number))
        driver = browsers.start("chrome")
        try:
            for number in range(conditions.rounds):
                pages = Site(place, "artifacts/")
                times["render"].append(_timed(partial(_render, pages, run, rows)))
                times["update"].append(_timed(partial(_render, pages, run, [changed, *rows[1:]])))
                times["run"].append(_drawn(driver, f"{server.url}/runs/big/index.html"))
                times["filter"].append(max(driver.execute_async_script(FILTER, text)[0] for text in FILTERS) / 1000)
                times["home"].append(_drawn(driver, f"{server.url}/index.html"))
                summary = ", ".join(f"{name} {durations[-1]:.2f} s" for name, durations in times.items())
                conditions.tell(f"round {number + 1}: {summary}")
        finally:
            driver.quit()
        size = Path(folder, "runs", "big", "index.html").stat().st_size
    names = {
        "render": f"rendering {JOBS:,} jobs and the home page into an empty memory of what is written",
        "update": "rendering again after one job changed",
        "run": f"the page of {JOBS:,} jobs interactive ({size / 1e6:.1f} MB)",
        "filter": f"the slowest of {len(FILTERS)} filters",
        "home": f"the home page of {RUNS:,} runs interactive",
    }
    lines = [
        f"Rounds: {conditions.rounds}; median, in parentheses the least and the most.",
        "",
        "| what | seconds |",
        "|---|--:|",
        *(f"| {label} | {spread(times[name], 2)} |" for name, label in names.items()),
    ]
    return Found(lines, {f"site.{name}": median(durations) for name, durations in times.items() if name != "update"})


def _render(pages: Site, run: Run, rows: Sequence[JobRow]) -> None:
    pages.run(run, rows, NOW)
    pages.home(NOW)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _drawn(driver: WebDriver, url: str) -> float:
    driver.get("about:blank")
    driver.get(url)
    return float(driver.execute_script(DRAWN)) / 1000


def _attempt(number: int, verdict: Verdict) -> Attempt:
    error = "AssertionError: assert '41.99 EUR' == '42.00 EUR'" if verdict is Verdict.FAILED else None
    return Attempt(number, f"host/{number}/1", verdict, NOW - 400 + number, 1.5 + number, error=error, detail=error)


def _rows() -> Iterator[JobRow]:
    for number in range(JOBS):
        job = Job(
            f"module-{number % 20:02}", f"tc{number // 2:05}_shopper_can_do_thing", ("chrome", "firefox")[number % 2]
        )
        verdicts = [Verdict.FAILED] if number % 50 == 0 else [Verdict.PASSED]
        verdicts = [Verdict.FAILED, Verdict.PASSED] if number % 100 == 7 else verdicts
        attempts = tuple(_attempt(place, verdict) for place, verdict in enumerate(verdicts, 1))
        yield JobRow(job, attempt=len(attempts), attempts=attempts)


def _run(run_id: str, rows: list[JobRow]) -> Run:
    run = Run(run_id, "https://shop.example", NOW - 500, RunState.FINISHED, len(rows), finished_at=NOW, beat_at=NOW)
    counts = count(fold(row, run, NOW) for row in rows)
    assert counts[Outcome.FAILED]
    return replace(run, browsers=("chrome", "firefox"), counts=counts)


def _leave_summary(place: FolderPlace, run: Run) -> None:
    """As another coordinator would, without pages of its own."""
    view = {**run_view(run, [], Past(), NOW), "counts": dict(run.counts)}
    place.write(summary_name(run.id), json.dumps(summary(run, view, "1")).encode())
