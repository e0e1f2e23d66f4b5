"""Pages as files: which are written, what they hold, and that nothing in them can run."""

import hashlib
import json
import re
from base64 import b64encode
from dataclasses import replace

import pytest

from tests.support import traces
from tests.support.samples import (
    HOSTILE,
    NOW,
    MemoryPlace,
    all_green,
    attempt,
    big,
    every_outcome,
    hostile,
    row,
)
from tests.unit.reporting.site.written_pages import Page, data, pages, written
from uitest.errors import PlaceError
from uitest.model import RunState, Verdict, digest
from uitest.reporting.site import Site
from uitest.reporting.site.index import Index, outcomes_name, runs_of_base, summary_name
from uitest.reporting.site.page import Pages
from uitest.short_text import safe_name


@pytest.mark.parametrize("sample", [every_outcome, all_green, hostile])
def test_files_that_a_page_refers_to_exist(sample) -> None:  # type: ignore[no-untyped-def]
    """Styles, scripts and links lead to files of the site; the home page and the runs find each other."""
    run, rows = sample()
    place = written(run, rows)
    for name, page in pages(place).items():
        for _, attributes in page.tags:
            for target in filter(None, (attributes.get("href"), attributes.get("src"))):
                if target.startswith("#"):
                    continue
                steps = name.split("/")[:-1]
                for part in target.partition("?")[0].split("/"):
                    steps = steps[:-1] if part == ".." else [*steps, part]
                assert "/".join(steps) in place.files, (name, target)
    folder = f"runs/{safe_name(run.id)}"
    assert data(place.files["index.html"])["runs"][0]["folder"] == folder
    view = data(place.files[f"{folder}/index.html"])
    for job in view["jobs"]:
        assert (f"{folder}/jobs/{job['k']}.js" in place.files) == ("d" in job)


@pytest.mark.parametrize("sample", [every_outcome, all_green, hostile])
def test_nothing_on_a_page_can_run(sample) -> None:  # type: ignore[no-untyped-def]
    """The only scripts are ours, nothing has a handler or a style of its own, and the policy says so."""
    for page in pages(written(*sample())).values():
        scripts = [script for script in page.all("script") if script.get("type") != "application/json"]
        assert scripts
        assert all(re.fullmatch(r"(\.\./\.\./)?assets/[a-z-]+\.js\?[0-9a-f]{10}", script["src"]) for script in scripts)
        assert not {"iframe", "object", "embed", "form", "style", "base"} & {tag for tag, _ in page.tags}
        assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on") or a == "style"]
        [policy] = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;")
        assert "unsafe" not in policy


def test_hostile_texts_are_kept_as_they_are() -> None:
    """Escaping loses nothing: each hostile name comes back from the page's data."""
    run, rows = hostile()
    result = data(written(run, rows).files[f"runs/{safe_name(run.id)}/index.html"])
    assert [job["c"] for job in result["jobs"]] == list(HOSTILE)
    assert [module["name"] for module in result["modules"]] == list(HOSTILE)


def test_detail_file_is_one_call_with_json() -> None:
    """The detail files are scripts that hand over JSON and nothing else."""
    run, rows = hostile()
    place = written(run, rows)
    details = [content for name, content in place.files.items() if "/jobs/" in name]
    assert len(details) == len(rows)
    for content in details:
        result = re.fullmatch(r"ui\.detail\((\"[^\"]*\"),(.*)\);\n", content.decode())
        assert result
        assert json.loads(result[2])["1"]["files"]


def test_update_of_one_job_writes_few_files() -> None:
    """Of a thousand jobs only the changed one is written again, with the run's page, its JSON and its summary."""
    run, rows = big(1_000)
    place = MemoryPlace()
    site = Site(place, "a/")
    site.run(run, rows, NOW)
    site.home(NOW)
    place.log.clear()
    failed = attempt(1, Verdict.FAILED, duration_s=99)
    rows[7] = row(rows[7].job.case, failed, module=rows[7].job.module, browser=rows[7].job.browser)
    running = replace(run, state=RunState.RUNNING)
    site.run(running, rows, NOW + 1)
    site.home(NOW + 1)
    folder = f"runs/{run.id}"
    assert sorted(place.log) == sorted(
        [
            f"{folder}/jobs/{rows[7].job.key}.js",
            f"{folder}/index.html",
            f"{folder}/run.json",
            f"index/{run.id}.json",
            "index.html",
            "home.json",
        ]
    )


def test_heartbeat_changes_no_detail_file() -> None:
    """A prolonged lease is no news; its end is."""
    run, _ = every_outcome()
    item = row("x", attempt(1, Verdict.FAILED), lease=30)
    place = MemoryPlace()
    site = Site(place, "a/")
    site.run(run, [item], NOW)
    name = f"runs/{run.id}/jobs/{item.job.key}.js"
    site.run(run, [replace(item, lease_until=NOW + 90)], NOW + 1)
    assert place.log.count(name) == 1
    site.run(run, [replace(item, lease_until=NOW + 90)], NOW + 91)
    assert place.log.count(name) == 2
    assert b"nobody reported" in place.files[name]


def test_assets_are_written_once() -> None:
    """Styles, scripts and logo go out with the first page."""
    run, rows = all_green()
    place = MemoryPlace()
    site = Site(place, "a/")
    site.home(NOW)
    site.run(run, rows, NOW)
    written = [place.log.count(name) for name in place.files if name.startswith("assets/")]
    assert len(written) > 5
    assert set(written) == {1}


def test_failed_write_is_repeated_at_the_next_update() -> None:
    """A failed write raises, and its detail is not taken for done."""

    class Full(MemoryPlace):
        full = True

        def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
            if self.full and "~" in name:
                raise PlaceError("no room")
            super().write(name, data, content_type)

    run, rows = every_outcome()
    place = Full()
    site = Site(place, "a/")
    with pytest.raises(PlaceError, match="no room"):
        site.run(run, rows, NOW)
    assert f"runs/{run.id}/index.html" not in place.files
    place.full = False
    site.run(run, rows, NOW)
    assert f"runs/{run.id}/jobs/{rows[3].job.key}.js" in place.files


def test_verdict_is_readable_without_javascript() -> None:
    """Word, numbers and time of both pages are in the HTML itself, an empty site too."""
    run, rows = every_outcome()
    place = written(run, rows)
    for name in ("index.html", f"runs/{run.id}/index.html"):
        page = Page(place.files[name])
        assert "Running, with failures" in page.text
        assert "1 failed, 1 error, 1 lost" in page.text
        assert "2025-10-09 08:45:00 UTC" in page.text
    empty = MemoryPlace()
    Site(empty, "a/").home(NOW)
    assert "No runs yet" in Page(empty.files["index.html"]).text


def test_one_file_holds_everything() -> None:
    """Nothing is asked for elsewhere, and only the scripts and the style that are inside may run."""
    run, rows = hostile()
    detail = {rows[0].job.key: {"1": {"error": HOSTILE[0]}}}
    source = Site(MemoryPlace(), "a/").single(run, rows, NOW, detail, {HOSTILE[1]: traces.hostile()})
    [kept] = [item for item in alone(source).all("script") if item.get("id") == HOSTILE[1]]
    assert kept["type"] == "application/json"
    assert data(source)["jobs"][0]["c"] == HOSTILE[0]


def test_trace_is_one_self_contained_file() -> None:
    """With the viewer and the data inside, hostile ones too, under the same policy."""
    source = Pages().trace(traces.hostile())
    assert alone(source).all("script")
    assert data(source)["trace"]["steps"] == traces.hostile()["steps"]


def alone(source: bytes) -> "Page":
    """A page that needs no other file: its policy names each of its scripts, and nothing else may run."""
    page = Page(source)
    assert not [
        attributes
        for tag, attributes in page.tags
        if tag in ("img", "script") and attributes.get("src", "data:")[:5] != "data:"
    ]
    [policy] = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    inline = re.findall(rb"<script>(.*?)</script>", source, re.DOTALL)
    assert inline
    for script in inline:
        assert f"'sha256-{b64encode(hashlib.sha256(script).digest()).decode()}'" in policy
    assert "'self'" not in policy.partition("img-src")[0]
    assert "unsafe" not in policy
    return page


def test_past_is_that_of_the_branch_where_it_has_one() -> None:
    """Earlier finished runs of the same branch where there are any, else all of them, oldest first."""
    run, rows = all_green()
    place = MemoryPlace()
    for number, branch in enumerate(["main", "side", "main"]):
        early = replace(run, id=f"r{number}", started_at=run.started_at - 100 + number, settings={"branch": branch})
        Site(place, "a/").run(early, rows, NOW)
    Site(place, "a/").run(replace(run, id="later", started_at=run.started_at + 5), rows, NOW)
    Site(place, "a/").run(replace(run, id="live", started_at=run.started_at - 1, state=RunState.RUNNING), rows, NOW)

    def past(**settings: str) -> list[str]:
        return [item.id for item in Site(place, "a/").past(replace(run, settings=settings)).runs]

    assert past(branch="main") == ["r0", "r2"]
    assert past(branch="new") == ["r0", "r1", "r2"]
    assert past() == ["r0", "r1", "r2"]


def test_base_has_up_to_a_hundred_runs() -> None:
    """Fewer for a run of many jobs, whose outcomes are all kept."""
    run, rows = all_green()
    place = MemoryPlace()
    for number in range(105):
        past = replace(run, id=f"run-{number:03}", started_at=NOW - 9000 + number, finished_at=NOW - 8000 + number)
        place.write(summary_name(past.id), json.dumps({"run": past.to_json()}).encode())
        place.write(outcomes_name(past.id), json.dumps({"jobs": {digest(rows[0].job.key): ["y", 1.0]}}).encode())
    base = Index(place).base(run, "main")
    assert base.past.record(rows[0].job.key) == {"flaky": 100, "red": 0, "of": 100, "last": None}
    assert base.run is not None
    assert base.run.id == "run-104"
    assert [runs_of_base(jobs) for jobs in (0, 4_000, 5_000, 10_000, 100_000)] == [100, 100, 80, 40, 40]


def test_pages_of_ten_thousand_jobs() -> None:
    """The page of a big run has every job and stays within a few megabytes."""
    run, rows = big(10_000)
    place = MemoryPlace()
    Site(place, "a/").run(run, rows, NOW)
    source = place.files[f"runs/{run.id}/index.html"]
    assert len(data(source)["jobs"]) == 10_000
    assert len(source) < 4_000_000
