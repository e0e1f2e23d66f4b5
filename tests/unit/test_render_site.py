"""Pages as files: which are written, what they hold, and that nothing in them can run."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from tests.support.samples import (
    HOSTILE,
    NOW,
    MemoryPlace,
    all_green,
    attempt,
    big,
    every_outcome,
    hostile,
    past_runs,
    row,
)
from uitest.errors import PlaceError
from uitest.model import JobRow, Run, RunState, safe_name
from uitest.render import Site

VOID = {"meta", "link", "img", "input", "rect"}


class Page(HTMLParser):
    """A page's elements and text; complains about tags that are not closed in order."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(source.decode())
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of that name."""
        return [attributes for name, attributes in self.tags if name == tag]


def written(run: Run, rows: list[JobRow], now: float = NOW) -> MemoryPlace:
    """A place with the site of one run."""
    place = MemoryPlace()
    site = Site(place, "../artifacts/")
    site.run(run, rows, now)
    site.home([run], now)
    return place


def pages(place: MemoryPlace) -> dict[str, Page]:
    """Every page of a site, parsed."""
    return {name: Page(data) for name, data in place.files.items() if name.endswith(".html")}


@pytest.mark.parametrize("sample", [every_outcome, all_green, hostile])
def test_every_link_stays_inside_or_is_safe(sample) -> None:  # type: ignore[no-untyped-def]
    """Pages link relatively to files that exist, to artifacts, or by http(s); images likewise."""
    place = written(*sample())
    for name, page in pages(place).items():
        folder = name.split("/")[:-1]
        for _, attributes in page.tags:
            for target in filter(None, (attributes.get("href"), attributes.get("src"))):
                parts = urlsplit(target)
                if parts.scheme:
                    assert parts.scheme in ("http", "https")
                    continue
                if target.startswith("#"):
                    continue
                steps = list(folder)
                for part in parts.path.split("/"):
                    steps = [*steps, part] if part != ".." else (steps[:-1] if steps else ["<out>"])
                path = "/".join(steps)
                assert path in place.files or path.startswith("<out>/artifacts/"), (name, target)


@pytest.mark.parametrize("sample", [every_outcome, all_green, hostile])
def test_nothing_on_a_page_can_run(sample) -> None:  # type: ignore[no-untyped-def]
    """The only script is ours, nothing has a handler or a style of its own, and the policy says so."""
    for page in pages(written(*sample())).values():
        assert [script["src"].rpartition("/")[2].partition("?")[0] for script in page.all("script")] == ["app.js"]
        assert not {"iframe", "object", "embed", "form", "style", "base"} & {tag for tag, _ in page.tags}
        assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on") or a == "style"]
        [policy] = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'")
        assert not [img for img in page.all("img") if img["src"] == "x"]


def test_hostile_texts_are_shown_as_they_are() -> None:
    """Escaping loses nothing: each hostile name can be read on the run's page."""
    run, rows = hostile()
    place = written(run, rows)
    page = Page(place.files[f"runs/{safe_name(run.id)}/index.html"])
    for text in HOSTILE:
        assert text in page.text


def test_only_jobs_that_ran_have_pages() -> None:
    """A page each for jobs with an attempt, none for a job that waits."""
    run, rows = every_outcome()
    place = written(run, rows)
    found = [name for name in place.files if name.startswith(f"runs/{run.id}/") and "~" in name]
    assert len(found) == len(rows) - 1
    assert not any("waits" in name for name in found)


def test_an_update_of_one_job_writes_three_files() -> None:
    """Of a thousand jobs only the changed one is written again, with the run's page and summary."""
    run, rows = big(1_000)
    place = MemoryPlace()
    site = Site(place, "a/")
    site.run(run, rows, NOW)
    place.log.clear()
    changed = row(rows[7].job.case, attempt(duration_s=99), module=rows[7].job.module, browser=rows[7].job.browser)
    rows[7] = changed
    site.run(run, rows, NOW + 1)
    folder = f"runs/{run.id}"
    assert place.log == [f"{folder}/{changed.job.key}.html", f"{folder}/index.html", f"{folder}/summary.json"]


def test_a_heartbeat_changes_no_job_page() -> None:
    """A prolonged lease is no news; its end is."""
    run, _ = every_outcome()
    one = row("x", lease=30)
    place = MemoryPlace()
    site = Site(place, "a/")
    site.run(run, [one], NOW)
    name = f"runs/{run.id}/{one.job.key}.html"
    site.run(run, [replace(one, lease_until=NOW + 90)], NOW + 1)
    assert place.log.count(name) == 1
    site.run(run, [replace(one, lease_until=NOW + 90)], NOW + 91)
    assert place.log.count(name) == 2
    assert "lost" in Page(place.files[name]).text


def test_assets_are_written_once() -> None:
    """Style, script and logo go out with the first page."""
    run, rows = all_green()
    place = MemoryPlace()
    site = Site(place, "a/")
    site.home([], NOW)
    site.run(run, rows, NOW)
    assert [place.log.count(name) for name in ("style.css", "app.js", "logo.svg")] == [1, 1, 1]


def test_what_could_not_be_written_is_written_next_time() -> None:
    """A failed write raises, and its page is not taken for done."""

    class Full(MemoryPlace):
        full = True

        def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
            if self.full and "~" in name:
                raise PlaceError("no room")
            super().write(name, data, content_type)

    run, rows = all_green()
    place = Full()
    site = Site(place, "a/")
    with pytest.raises(PlaceError, match="no room"):
        site.run(run, rows, NOW)
    assert f"runs/{run.id}/index.html" not in place.files
    place.full = False
    site.run(run, rows, NOW)
    assert f"runs/{run.id}/{rows[0].job.key}.html" in place.files


def test_pages_refresh_only_while_the_run_is_alive() -> None:
    """A running run's page looks for news; a stale or finished one does not, and stale is told."""
    run, rows = every_outcome()
    name = f"runs/{run.id}/index.html"

    def refreshes(page: Page) -> bool:
        return any(meta.get("http-equiv") == "refresh" for meta in page.all("meta"))

    live = Page(written(run, rows).files[name])
    stale = Page(written(run, rows, NOW + 100).files[name])
    finished = Page(written(replace(run, state=RunState.FINISHED), rows).files[name])
    assert [refreshes(live), refreshes(stale), refreshes(finished)] == [True, False, False]
    assert "Coordinator not responding" in stale.text
    assert "hidden" not in next(p for p in stale.all("p") if p.get("id") == "silent")
    assert "hidden" in next(p for p in live.all("p") if p.get("id") == "silent")


def test_empty_states() -> None:
    """No runs, no failures and no jobs are told in words."""
    place = MemoryPlace()
    site = Site(place, "a/")
    site.home([], NOW)
    assert "No runs yet" in Page(place.files["index.html"]).text
    run, rows = all_green()
    site.run(run, rows, NOW)
    assert "None. Enjoy the quiet." in Page(place.files[f"runs/{run.id}/index.html"]).text
    site.run(replace(run, id="bare", planned=0), [], NOW)
    assert "No jobs are planned yet." in Page(place.files["runs/bare/index.html"]).text


def test_home_tells_verdict_numbers_and_source() -> None:
    """The latest verdict is the page's heading; each run has its numbers, branch and commit."""
    place = MemoryPlace()
    Site(place, "a/").home(past_runs(3), NOW)
    page = Page(place.files["index.html"])
    assert page.all("h1")
    assert "Passed" in page.text
    labels = [td["data-label"] for td in page.all("td") if td.get("class", "").startswith("n ")]
    assert labels[:9] == [
        "planned",
        "passed",
        "flaky",
        "failed",
        "error",
        "lost",
        "skipped",
        "cancelled",
        "not started",
    ]
    assert "main" in page.text


def test_summary_has_fresh_counts_and_no_secrets() -> None:
    """The summary is the header with folded counts, without private settings and passwords."""
    run, rows = every_outcome()
    run = replace(run, url="https://me:pw@shop.example/", counts={}, settings={"branch": "b", "token": "hush"})
    place = written(run, rows)
    summary = json.loads(place.files[f"runs/{run.id}/summary.json"])
    assert summary["counts"]["passed"] == 3
    assert summary["settings"] == {"branch": "b"}
    assert Run.from_json(summary).id == run.id
    everything = b"".join(place.files.values())
    assert b"hush" not in everything
    assert b"pw@" not in everything


def test_times_read_without_javascript() -> None:
    """Every time is there in UTC, with the number the script needs."""
    run, rows = all_green()
    source = written(run, rows).files[f"runs/{run.id}/index.html"].decode()
    assert re.search(
        r'<time datetime="2025-10-09T08:45:00Z" data-time="1759999500.0">2025-10-09 08:45:00 UTC</time>',
        source,
    )


def test_pages_of_ten_thousand_jobs() -> None:
    """The page of a big run has every job and stays within a few megabytes."""
    run, rows = big(10_000)
    place = MemoryPlace()
    Site(place, "a/").run(run, [JobRow(r.job) for r in rows], NOW)
    source = place.files[f"runs/{run.id}/index.html"]
    assert source.count(b"data-b=") == 10_000
    assert len(source) < 4_000_000
