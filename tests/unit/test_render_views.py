"""From rows to what the pages show."""

import shlex
from dataclasses import replace

import pytest

from tests.support.samples import HOSTILE, NOW, all_green, attempt, big, every_outcome, header, past_runs, row
from uitest.model import Outcome, RunState, Verdict
from uitest.render.counts import bar, extra_tiles, tiles
from uitest.render.home import duration, home_view
from uitest.render.job import job_page, keyword, pytest_command, uitest_command
from uitest.render.run import run_page


def test_failures_come_first_and_have_their_reason() -> None:
    """Failed, error and lost jobs are listed with the first line of what went wrong; flaky ones apart."""
    page = run_page(*every_outcome(), NOW)
    assert [(cell.case, cell.outcome) for cell in page.failures] == [
        ("fails", Outcome.FAILED),
        ("errors", Outcome.ERROR),
        ("is_lost", Outcome.LOST),
    ]
    assert page.failures[0].error.startswith("AssertionError")
    assert page.failures[2].error == "nobody reported"
    assert [cell.case for cell in page.flaky] == ["is_flaky"]


def test_matrix_has_a_column_per_browser() -> None:
    """A case that is not planned in a browser leaves a hole, not a wrong outcome."""
    page = run_page(*every_outcome(), NOW)
    login, checkout = page.modules
    assert page.browsers == ("chrome", "firefox")
    assert [[c and c.outcome.value for c in line.cells] for line in login.chunks[0]] == [
        ["passed", "passed"],
        ["flaky", None],
        ["skipped", None],
        ["failed", "passed"],
    ]
    assert checkout.jobs == 5


def test_only_jobs_with_an_attempt_link_to_a_page() -> None:
    """A job nobody claimed has nothing to tell; one under way has."""
    cells = {
        c.case: c for m in run_page(*every_outcome(), NOW).modules for line in m.chunks[0] for c in line.cells if c
    }
    assert cells["waits"].href is None
    assert cells["is_running"].href
    assert cells["is_lost"].href


def test_a_big_green_module_is_folded() -> None:
    """Ten thousand jobs are shown as modules, in blocks that browsers can skip."""
    page = run_page(*big(10_000), NOW)
    assert len(page.modules) == 20
    assert not any(module.open for module in page.modules)
    assert max(len(chunk) for module in page.modules for chunk in module.chunks) == 200
    assert len(page.failures) + page.more_failures == 200


def test_slowest_first() -> None:
    """The slowest list has the longest last attempts on top."""
    page = run_page(*every_outcome(), NOW)
    assert [cell.case for cell in page.slowest[:2]] == ["fails", "is_flaky"]


def test_attempts_are_newest_first() -> None:
    """A job's page starts with what happened last, the attempt under way included."""
    run, _ = every_outcome()
    page = job_page(row("x", attempt(1, Verdict.FAILED), lease=60), run, NOW, "../a/", "../../")
    assert [(one.number, one.verdict) for one in page.tries] == [(2, "running"), (1, "failed")]
    assert page.live


def test_artifacts_are_pictures_texts_or_downloads() -> None:
    """Screenshots are shown, logs are opened, a saved page is only ever downloaded."""
    run, _ = every_outcome()
    [one] = job_page(row("x", attempt(1, Verdict.FAILED)), run, NOW, "../a/", "../../").tries
    key = row("x").job.key
    assert [file.href for file in one.images] == [f"../../../a/{run.id}/{key}/1/screenshot.png"]
    assert [(file.name, file.download) for file in one.files] == [("page.html", True), ("console.log", False)]


@pytest.mark.parametrize("text", HOSTILE)
def test_commands_are_quoted(text: str) -> None:
    """Whatever the names hold, a shell reads back exactly the words that were meant."""
    one = row(text, module=text)
    run = header([one], url=f"https://x/{text}", settings={"cases": text})
    assert shlex.split(pytest_command(run, one.job))[1] == text
    assert text in shlex.split(uitest_command(run, one.job))
    assert f"https://x/{text}" in shlex.split(pytest_command(run, one.job))


def test_commands() -> None:
    """The lines people would have typed."""
    one = row("tc001")
    run = header([one], url="https://me:pw@shop.example/", settings={})
    assert pytest_command(run, one.job) == (
        "pytest cases -k tc001 --base-url 'https://me:***@shop.example/' --browser chrome"
    )
    assert uitest_command(run, one.job) == "uitest run login --url 'https://me:***@shop.example/' --browser chrome"
    dashed = row("!!!", module="--site").job
    assert "-k" not in pytest_command(run, dashed)
    assert uitest_command(run, dashed).endswith("-- --site")


@pytest.mark.parametrize(
    ("case", "expression"),
    [
        ("tc001", "tc001"),
        ("test_cart::test_add[a b]", "test_cart and test_add[a and b"),
        ("rock and roll or not", "rock and roll"),
        ("!!!", ""),
    ],
)
def test_keyword(case: str, expression: str) -> None:
    """Case ids become words that ``pytest -k`` can read."""
    assert keyword(case) == expression


def test_home_is_newest_first_and_knows_the_trend() -> None:
    """The latest run is on top whatever order the store gave; the trend goes from old to new."""
    runs = past_runs(50)
    live = every_outcome()[0]
    page = home_view([*reversed(runs), live], NOW)
    assert [line.id for line in page.lines[:2]] == [live.id, runs[0].id]
    assert page.live
    assert page.previous is not None
    assert page.previous.id == runs[0].id
    assert len(page.trend) == 40
    assert runs[0].id in page.trend[-1].title
    assert all(one.bad >= 4 or not one.bad for one in page.trend)


def test_no_runs() -> None:
    """An empty store makes an empty page, not an error."""
    page = home_view([], NOW)
    assert (page.lines, page.previous, page.trend, page.live) == ((), None, (), False)


def test_duration_of_a_run() -> None:
    """A run lasts to its end, to now while it goes on, to its last beat when its coordinator died."""
    run = every_outcome()[0]
    assert duration(run, NOW) == 500
    assert duration(replace(run, beat_at=NOW - 400), NOW) == 100
    assert duration(all_green()[0], NOW + 9999) == 480


def test_bars_never_overflow_and_never_hide_a_failure() -> None:
    """One failure among ten thousand has a visible share, and shares end at 100."""
    segments = bar({"passed": 9_999, "failed": 1}, 10_000)
    assert segments[-1].kind == "failed"
    assert segments[-1].width > 0.7
    assert segments[-1].start + segments[-1].width <= 100.001
    assert bar({}, 0) == ()


def test_tiles_have_every_count() -> None:
    """Every outcome has its number; running and missing ones only where there are any."""
    run = replace(every_outcome()[0], planned=20)
    shown = {tile.word: tile.number for tile in tiles(run, run.counts) + extra_tiles(run, run.counts)}
    assert shown == {
        "planned": 20, "passed": 3, "flaky": 1, "failed": 1, "error": 1, "lost": 1, "skipped": 1,
        "cancelled": 1, "not started": 1, "running": 1, "missing": 9,
    }  # fmt: skip


def test_cancelled_jobs_of_a_cancelled_run() -> None:
    """What a cancelled run never began is cancelled, without a page of its own."""
    rows = [row("never")]
    page = run_page(header(rows, RunState.CANCELLED), rows, NOW)
    assert page.summary == "1 cancelled"
