"""The earlier run that met the same error, which a run's page names beside a failure."""

from dataclasses import replace
from typing import Any

from tests.support.samples import HOSTILE, NOW, MemoryPlace, attempt, header, row
from tests.unit.reporting.site.written_pages import Page, data
from uitest.model import JobRow, Run, RunState, Verdict
from uitest.reporting.site import Site
from uitest.short_text import safe_name

BROKEN = "NoSuchElementException: Message: Unable to locate element: #buy"
TIMEOUT = "TimeoutException: Message: no basket"


def failed(case: str, error: str = BROKEN) -> JobRow:
    """A job that met this error."""
    return row(case, attempt(1, Verdict.FAILED, error=error, detail=None))


def write(place: MemoryPlace, run_id: str, age: float, *rows: JobRow, branch: str = "main", **changes: Any) -> Run:
    """A finished run that began ``age`` seconds ago and took a second."""
    began = NOW - age
    settings = {"branch": branch, "against": changes.pop("against", None)}
    run = header(list(rows), id=run_id, started_at=began, finished_at=began + 1, settings=settings)
    Site(place, "a/").run(replace(run, **changes), rows, NOW)
    return run


def same_as(place: MemoryPlace, run_id: str) -> dict[str, Any]:
    """By case, the run that its error is the same as in; only cases with such a run."""
    view = data(place.files[f"runs/{safe_name(run_id)}/index.html"])
    return {
        job["c"]: view["same_runs"][view["same_as"][job["e"]]]
        for job in view["jobs"]
        if "e" in job and view["same_as"][job["e"]] is not None
    }


def names(place: MemoryPlace, run_id: str) -> dict[str, str]:
    """The ids of these runs by case."""
    return {case: run["id"] for case, run in same_as(place, run_id).items()}


def test_newest_earlier_run_of_the_base_is_named() -> None:
    """Though another branch met the error later; what is new has no run."""
    place = MemoryPlace()
    write(place, "older", 900, failed("a"))
    write(place, "base", 800, failed("b"), row("c", attempt()))
    write(place, "green", 700, row("a", attempt()))
    write(place, "side", 600, failed("a"), branch="side")
    write(place, "change", 500, failed("a"), failed("c", TIMEOUT), branch="feature", against="main")
    assert same_as(place, "change") == {"a": {"id": "base", "folder": "runs/base", "branch": "main"}}


def test_else_the_newest_earlier_run_of_the_suite_is_named() -> None:
    """On any branch, finished, and of no other suite."""
    place = MemoryPlace()
    write(place, "base", 900, row("a", attempt()))
    write(place, "side", 800, failed("b"), branch="side")
    write(place, "elsewhere", 700, failed("a"), branch="side", url="https://other.example/")
    write(place, "going-on", 600, failed("a"), branch="side", state=RunState.RUNNING)
    write(place, "change", 500, failed("a"), branch="feature", against="main")
    write(place, "later", 400, failed("a"), branch="side")
    assert names(place, "change") == {"a": "side"}
    assert names(place, "side") == {}


def test_first_failure_of_a_flaky_case_counts_and_a_reason_to_skip_does_not() -> None:
    """In the base's runs as in others."""
    place = MemoryPlace()
    reason = attempt(1, Verdict.SKIPPED, error=TIMEOUT, detail=None)
    rows = row("a", *failed("a").attempts, attempt(2)), row("b", reason)
    write(place, "base", 900, *rows)
    write(place, "change", 500, failed("a"), failed("b", TIMEOUT), branch="feature", against="main")
    write(place, "change-too", 400, failed("a"), failed("b", TIMEOUT), branch="main")
    assert names(place, "change") == {"a": "base"}
    assert names(place, "change-too") == {"a": "change", "b": "change"}


def test_a_base_in_another_site_is_named_without_a_link() -> None:
    """Pages do not know its address."""
    other, place = MemoryPlace(), MemoryPlace()
    write(other, "base", 900, failed("a"))
    run = header([failed("a")], id="change", settings={"branch": "feature", "against": "main"})
    Site(place, "a/", base=other).run(run, [failed("a")], NOW)
    assert same_as(place, "change") == {"a": {"id": "base", "folder": None, "branch": "main"}}
    assert ", same as in base" in Page(place.files["runs/change/index.html"]).text


def test_runs_are_named_once_whatever_the_number_of_failures() -> None:
    """A run of thousands of failures stays small."""
    place = MemoryPlace()
    rows = [failed(f"case {n}", (BROKEN, TIMEOUT)[n % 2]) for n in range(200)]
    write(place, "name-of-the-base", 900, *rows)
    write(place, "change", 500, *rows, branch="feature", against="main")
    view = data(place.files["runs/change/index.html"])
    assert [run["id"] for run in view["same_runs"]] == ["name-of-the-base"]
    assert view["same_as"] == [0, 0]
    assert len(names(place, "change")) == 200


def test_page_without_scripts_has_the_link() -> None:
    """Escaped, whatever the run is called."""
    for name in HOSTILE:
        place = MemoryPlace()
        write(place, name, 900, failed("a"), branch=name)
        write(place, "change", 500, failed("a"), failed("b", TIMEOUT), branch="feature", against=name)
        source = place.files["runs/change/index.html"]
        page = Page(source)
        assert [a["href"] for a in page.all("a") if "/runs/" in a.get("href", "")] == [
            f"../../runs/{safe_name(name)}/index.html"
        ]
        assert page.text.count(", same as in ") == 1
        [same] = same_as(place, "change").values()
        assert f", same as in {same['id']}" in page.text
