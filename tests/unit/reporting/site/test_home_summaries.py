"""A run's summary for the home page: current, without secrets, and of every run that any coordinator writes."""

import json
from dataclasses import replace
from threading import Thread

from tests.support.samples import (
    NOW,
    MemoryPlace,
    all_green,
    attempt,
    every_outcome,
    past_runs,
    row,
)
from tests.unit.reporting.site.written_pages import data, written
from uitest.model import Run, Verdict
from uitest.reporting.site import Site


def test_summary_has_current_counts_and_no_secrets() -> None:
    """The header with folded counts, without private settings; passwords are in no file of the site."""
    run, rows = every_outcome()
    rows[3] = row(
        "fails", attempt(1, Verdict.FAILED, error="at https://me:pw@shop.example/x", detail="https://me:pw@h")
    )
    settings = {"branch": "b", "token": "hush", "grid": "http://u:pw@grid"}
    run = replace(run, url="https://me:pw@shop.example/", counts={}, settings=settings, note="http://u:pw@h failed")
    place = written(run, rows)
    summary = json.loads(place.files[f"index/{run.id}.json"])
    assert summary["run"]["counts"]["passed"] == 3
    assert summary["run"]["settings"] == {"branch": "b"}
    assert Run.from_json(summary["run"]).id == run.id
    everything = b"".join(place.files.values())
    assert b"hush" not in everything
    assert b"pw@" not in everything


def test_several_coordinators_lose_no_run() -> None:
    """Whoever writes the home page last has every run on it, with stores that know nothing of each other."""
    runs = past_runs(6)
    place = MemoryPlace()
    threads = [Thread(target=_coordinate, args=(place, run)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = {item["id"] for item in data(place.files["index.html"])["runs"]}
    assert result == {run.id for run in runs}


def _coordinate(place: MemoryPlace, run: Run) -> None:
    site = Site(place, "a/")
    for moment in range(8):
        site.run(run, [row("x", attempt())], NOW + moment)
        site.home(NOW + moment)


def test_summary_written_during_a_home_page_update_is_shown() -> None:
    """The page is written again: the other coordinator may have written its own before ours."""
    late, early = past_runs(2)
    place = MemoryPlace()
    Site(place, "a/").run(early, [], NOW)

    class Slow(MemoryPlace):
        def write(self, name: str, content: bytes, content_type: str | None = None) -> None:
            if name == "index.html" and f"index/{late.id}.json" not in place.files:
                Site(place, "a/").run(late, [], NOW)
            super().write(name, content, content_type)

    slow = Slow()
    slow.files = place.files
    Site(slow, "a/").home(NOW)
    assert {item["id"] for item in data(place.files["index.html"])["runs"]} == {late.id, early.id}


def test_unreadable_summary_is_left_out_of_the_home_page() -> None:
    """A file that cannot be understood costs nobody the home page."""
    run, rows = all_green()
    place = written(run, rows)
    place.write("index/other.json", b"<html>")
    place.write("index/more.json", b'{"run": {"id": 3}}')
    Site(place, "a/").home(NOW)
    assert [item["id"] for item in data(place.files["index.html"])["runs"]] == [run.id]
