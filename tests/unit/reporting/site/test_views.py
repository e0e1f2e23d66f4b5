"""From rows to what the pages show."""

import shlex
from dataclasses import replace
from typing import Any

import pytest

from tests.support.samples import HOSTILE, NOW, all_green, attempt, big, every_outcome, header, past_runs, row
from uitest.embedded_json import as_json
from uitest.model import JobRow, Run, RunState, TimeCategory, Verdict, digest
from uitest.reporting.site.history import Past, PastRun
from uitest.reporting.site.home import home_view, summary
from uitest.reporting.site.job import case_word, commands, file_kind, has_detail, job_detail, keyword, module_word
from uitest.reporting.site.page import Pages
from uitest.reporting.site.run import duration_s, outcomes_view, revision, run_view, workers_at_once


def view(run: Run, rows: list[JobRow], past: Past | None = None, now: float = NOW) -> dict[str, Any]:
    """The view of a run, without earlier ones unless there are some."""
    return run_view(run, rows, past or Past(), now)


def summaries(runs: list[Run]) -> list[dict[str, Any]]:
    """What these runs left in the site."""
    return [summary(run, {**view(run, []), "counts": dict(run.counts)}, "x") for run in runs]


def test_jobs_have_outcome_reason_and_attempts() -> None:
    """Each job tells what became of it, the first line of what went wrong, and all of its attempts."""
    result = view(*every_outcome())
    jobs = {(job["c"], result["browsers"][job["b"]]): job for job in result["jobs"]}
    assert jobs["fails", "chrome"]["o"] == "failed"
    assert jobs["fails", "chrome"]["x"].startswith("AssertionError")
    assert [item[:2] for item in jobs["is_flaky", "chrome"]["a"]] == [[1, "failed"], [2, "passed"]]
    assert jobs["is_lost", "chrome"]["x"] == "nobody reported"
    assert jobs["is_running", "chrome"]["r"][0] == 2
    assert "a" not in jobs["waits", "chrome"]
    assert result["counts"]["not_started"] == 1


def test_one_error_is_one_group() -> None:
    """Errors that differ in numbers alone share a place in the list of errors."""
    rows = [row(f"c{n}", attempt(1, Verdict.FAILED, error=f"ValueError: {n} items", detail="")) for n in range(3)]
    result = view(header(rows), rows)
    assert [job["e"] for job in result["jobs"]] == [0, 0, 0]
    assert result["errors"] == ["ValueError | N items"]


def test_news_are_told_from_what_was_known() -> None:
    """A failure is new if the job's last outcome before was none, or if it has no past."""
    rows = [
        row("old", attempt(1, Verdict.FAILED)),
        row("new", attempt(1, Verdict.FAILED)),
        row("first", attempt(1, Verdict.LOST)),
    ]
    before = {digest(rows[0].job.key): ["f", None], digest(rows[1].job.key): ["p", 2.0]}
    result = view(header(rows), rows, Past((PastRun("r0", before),)))
    assert [job.get("n", 0) for job in result["jobs"]] == [0, 1, 1]
    assert [job.get("h") for job in result["jobs"]] == ["f", "p", None]
    assert result["past"] == [{"id": "r0", "folder": "runs/r0"}]


def test_outcomes_file_is_read_by_the_next_run() -> None:
    """Letters, seconds and error keys by digest, durations of green attempts only."""
    run, rows = every_outcome(RunState.FINISHED)
    left = outcomes_view(view(run, rows))
    assert left[digest(rows[0].job.key)] == ["p", 2.35]
    assert left[digest(rows[3].job.key)] == ["f", None, "AssertionError | assert '41.99 EUR' == '42.00 EUR'"]
    assert len(left) == len(rows)


def test_time_in_an_attempt_is_split() -> None:
    """Browser and test apart, as the worker measured them."""
    spent = {
        TimeCategory.BROWSER.value: 0.5,
        TimeCategory.CONTEXT.value: 0.25,
        TimeCategory.TEST.value: 1.0,
        TimeCategory.COMMANDS.value: 0.5,
    }
    rows = [row("x", attempt(spent=spent))]
    [item] = view(header(rows), rows)["jobs"][0]["a"]
    assert item[7:] == [0.75, 1.5]


def test_revision_changes_with_rows_and_not_with_time() -> None:
    """A later look at the same rows is no news; another attempt is."""
    run, rows = every_outcome()
    before = revision(view(run, rows))
    assert revision(view(replace(run, beat_at=NOW + 2), rows, now=NOW + 2)) == before
    rows[0] = replace(rows[0], attempts=(*rows[0].attempts, attempt(2)), attempt=2)
    assert revision(view(run, rows)) != before


def test_detail_has_errors_and_files() -> None:
    """A picture is shown, text is shown as text, a saved page is only ever downloaded."""
    run, _ = every_outcome()
    item = row("x", attempt(1, Verdict.FAILED), lease=60)
    result = job_detail(item, run, NOW, "../a/", "../../")
    assert result["1"]["error"].startswith("AssertionError")
    assert result["1"]["files"][0]["href"] == f"../../../a/{run.id}/{item.job.key}/1/screenshot.png"
    assert [file["kind"] for file in result["1"]["files"]] == ["image", "other", "text"]
    assert file_kind("page.html.txt") == "text"
    assert [file_kind(name) for name in ("trace.js", "trace.js.txt", "my-trace.js")] == ["trace", "text", "other"]


def test_most_green_jobs_have_no_detail() -> None:
    """What the run's own file tells needs no second one."""
    assert [has_detail(item) for item in all_green()[1]] == [False] * 12
    assert has_detail(row("x", attempt(1, Verdict.FAILED)))


def test_tags_come_from_the_plan() -> None:
    """Modules have the tags they had when the run was planned."""
    rows = [row("x", attempt())]
    result = view(header(rows, settings={"tags": {"login": ["smoke"]}}), rows)
    assert result["modules"] == [{"name": "login", "word": "login", "tags": ["smoke"]}]


def line(parts: list[str], *words: str) -> list[str]:
    """A command as a shell reads it."""
    return shlex.split(parts[0] + words[0] + parts[1] + words[1])


@pytest.mark.parametrize("text", HOSTILE)
def test_commands_are_quoted_for_the_shell(text: str) -> None:
    """A shell reads back exactly the intended arguments, for any names."""
    run = header([row(text, module=text)], url=f"https://x/{text}", settings={"cases": text})
    created = commands(run)
    case = line(created["case"], case_word(text), "chrome")
    assert case[:3] == ["pytest", text, "-k"]
    assert case[3:] == [keyword(text), "--base-url", f"https://x/{text}", "--browser", "chrome"]
    assert line(created["module"], "chrome", module_word(text))[-1] == text


def test_commands_hide_the_password() -> None:
    """The shown commands are those a user would type, without the password."""
    created = commands(header([row("tc001")], url="https://me:pw@shop.example/", settings={}))
    assert "".join([created["case"][0], case_word("tc001"), created["case"][1], "chrome"]) == (
        "pytest cases -k tc001 --base-url 'https://me:***@shop.example/' --browser chrome"
    )
    assert "".join([created["module"][0], "chrome", created["module"][1], module_word("login")]) == (
        "uitest run --url 'https://me:***@shop.example/' --browser chrome login"
    )
    assert module_word("--site") == "-- --site"


@pytest.mark.parametrize(
    ("case", "expression"),
    [
        ("tc001", "tc001"),
        ("test_cart::test_add[a b]", "test_cart and test_add[a and b"),
        ("rock and roll or not", "rock and roll"),
        ("!!!", ""),
    ],
)
def test_keyword_of_any_case_id_is_valid(case: str, expression: str) -> None:
    """Case ids become expressions that ``pytest -k`` accepts."""
    assert keyword(case) == expression


def test_home_is_newest_first() -> None:
    """The latest run is on top whatever order the summaries come in."""
    runs = past_runs(50)
    live = every_outcome()[0]
    page = home_view(summaries([*reversed(runs), live]), NOW)
    assert [item["id"] for item in page["runs"][:2]] == [live.id, runs[0].id]
    assert page["runs"][0]["active"]
    assert page["runs"][0]["stale"]["word"] == "Coordinator not responding"
    assert page["runs"][1]["counts"] == dict(runs[0].counts)
    assert page["runs"][1]["branch"] == "main"


def test_home_has_suites_and_the_default_branch() -> None:
    """Each run belongs to a suite; the page without scripts shows the newest run of the branch that changes are for."""
    main = past_runs(2)
    change = replace(main[0], id="change", started_at=NOW, settings={"branch": "feature", "against": "main"})
    smoke = replace(main[0], id="smoke", started_at=NOW + 1, modules=("smoke",), settings={})
    summary_of_change = {"run": change.to_json(), "groups": {"Fixed": 2}}
    page = home_view([*summaries([*main, smoke]), summary_of_change], NOW)
    assert [run["suite"] for run in page["runs"]] == [0, 1, 1, 1]
    assert page["suites"] == ["smoke", "no modules"]
    assert (page["branch"], page["runs"][page["first"]]["id"]) == ("main", main[0].id)
    assert [run["groups"] for run in page["runs"][:2]] == [{}, {"Fixed": 2}]


def test_home_page_without_runs_is_empty() -> None:
    """A site without runs has an empty home page and no error."""
    assert home_view([], NOW)["runs"] == []


def test_duration_of_a_run() -> None:
    """A run lasts to its end, to now while it goes on, and not much beyond its last beat when its coordinator died."""
    run = every_outcome()[0]
    assert duration_s(run, NOW) == 500
    assert duration_s(replace(run, beat_at=NOW - 400), NOW) == 160
    assert duration_s(all_green()[0], NOW + 9999) == 480


def test_missing_jobs_are_told() -> None:
    """Planned jobs without a row have their own number."""
    run, rows = every_outcome()
    assert view(replace(run, planned=20), rows)["missing"] == 9


def test_cancelled_jobs_of_a_cancelled_run() -> None:
    """What a cancelled run never began is cancelled."""
    rows = [row("never")]
    assert view(header(rows, RunState.CANCELLED), rows)["counts"] == {"cancelled": 1}


def test_run_in_lambda_shows_its_cost() -> None:
    """The estimate, and none where nobody bills."""
    rows = [row("x", attempt(billed_s=10.0, memory_mb=2048))]
    assert view(header(rows), rows)["cost_usd"] > 0
    assert view(*all_green())["cost_usd"] is None


def test_ten_thousand_jobs_are_compact() -> None:
    """Names that many jobs share are written once."""
    result = view(*big(10_000))
    assert len(result["jobs"]) == 10_000
    assert len(result["modules"]) == 20
    assert len(result["owners"]) == 2


def test_workers_that_replace_others_are_not_counted_twice() -> None:
    """Two workers at a time are two, whoever of them was replaced in the meantime."""
    times = [("a", 0, 10), ("b", 0, 4), ("c", 4, 8), ("d", 8, 10)]
    rows = [
        row(f"c{n}", attempt(1, Verdict.PASSED, owner=owner, started_at=NOW + begin, duration_s=float(end - begin)))
        for n, (owner, begin, end) in enumerate(times)
    ]
    assert workers_at_once(rows, NOW + 20) == 2
    assert workers_at_once([], NOW) == 0


def test_failed_jobs_are_in_the_page_without_javascript() -> None:
    """Whoever allows no scripts still reads what failed; names are text there too."""
    rows = [row("<b>bad", attempt(1, Verdict.FAILED, error="assert <1> == 2")), row("good", attempt(1))]
    shown = view(header(rows), rows)
    page = Pages().linked("run", shown, as_json(shown).encode(), "../../").decode()
    plain = page[page.index("<noscript>") : page.index("</noscript>")]
    assert " › &lt;b&gt;bad</bdi> in chrome: <bdi>assert &lt;1&gt; == 2</bdi></li>" in plain
    assert "good" not in plain
