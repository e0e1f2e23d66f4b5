"""Commands about runs that are in the store."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.builders import NOW
from tests.unit.cli.conftest import Call, one_line
from tests.unit.cli.stored_runs import make_run
from uitest.executors.attempt import worker_id
from uitest.model import RunState, Verdict
from uitest.quarantine import Quarantine
from uitest.storage.stores.sqlite import SqliteStore


@pytest.mark.parametrize(
    "words", [["status", "x"], ["rerun", "x", "--failed"], ["resume", "x"], ["cancel", "x"], ["report", "x"]]
)
def test_unknown_run_is_reported_by_every_command(call: Call, store: SqliteStore, words: list[str]) -> None:
    """Every command that takes a run reports an unknown one."""
    one_line(call(*words), "no run 'x'")


def test_first_step_is_named_without_runs(call: Call, store: SqliteStore) -> None:
    """Without any run the message names the first step."""
    one_line(call("status"), "uitest run --url")


def test_status_shows_the_newest_run_by_default(call: Call, store: SqliteStore) -> None:
    """The newest run is shown by default, as a table and as JSON."""
    make_run(store, "old")
    make_run(store, "new [/x] :heart:", started_at=NOW + 10)
    code, out, _ = call("status")
    assert code == 0
    assert "new [/x] :heart:" in out
    assert "1 passed, 1 failed" in out
    assert call("status", "old", "--brief")[1] == "1 passed, 1 failed: failed m1/tc2 in chrome\n"
    status = json.loads(call("status", "old", "--json")[1])
    assert (status["run"], status["state"], status["counts"]) == ("old", "finished", {"passed": 1, "failed": 1})
    assert status["jobs"][1] == {
        "module": "m1", "case": "tc2", "browser": "chrome", "outcome": "failed", "attempts": 1, "duration_s": 0.1,
        "peak_mb": None,
        "error": "expected 3", "group": None, "quarantine": None,
    }  # fmt: skip
    assert status["base"] is None


def test_status_tells_that_a_quarantine_is_over(
    call: Call, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the table, whose outcomes stay whole on a narrow terminal, and in the one line."""
    monkeypatch.setenv("COLUMNS", "80")
    rule, held = Quarantine("2020-01-01", case="tc1", owner="[me]"), Quarantine("9999-12-31", case="tc2")
    make_run(store, "over", (Verdict.FAILED, Verdict.FAILED), quarantine=(rule, held))
    out = call("status", "over")[1]
    assert "its quarantine" in out
    assert out.count("│ quarantined │") == 1
    assert "its quarantine is over: until 2020-01-01, [me]" in call("status", "over", "--brief")[1]


def test_status_shows_the_groups_of_the_page(call: Call, store: SqliteStore, tmp_path: Path) -> None:
    """What the change broke beside its base, and what is excused; a site that is gone is told, no more."""
    failed = (Verdict.FAILED, Verdict.FAILED)
    make_run(store, "base", (Verdict.PASSED, Verdict.FAILED), settings={"branch": "main"})
    call("report", "base")
    settings = {"branch": "feature", "against": "main"}
    rule = Quarantine("9999-12-31", case="tc2", owner="[me]")
    make_run(store, "plain", failed, started_at=NOW + 10, settings=settings)
    make_run(store, "excused", failed, started_at=NOW + 10, settings=settings, quarantine=(rule,))
    out = call("status", "plain")[1]
    assert "Compared with main (run base): 1 broken by this change, 1 red on the base too." in out
    assert "Broken by this change: 1\nfailed      m1 / tc1 · chrome  expected 3\nRed on the base too: 1\n" in out
    out = call("status", "excused")[1]
    assert "1 quarantined, 1 failed" in out
    assert out.endswith("Quarantine: 1\nquarantined m1 / tc2 · chrome  expected 3  (until 9999-12-31, [me])\n")
    status = json.loads(call("status", "excused", "--json")[1])
    assert status["base"] == {
        "run": "base", "branch": "main", "commit": None,
        "groups": {"broken": 1, "red_on_base": 0, "fixed": 0, "never_ran": 0, "flaky": 0},
    }  # fmt: skip
    assert [(job["outcome"], job["group"]) for job in status["jobs"]] == [("failed", "broken"), ("quarantined", None)]
    assert status["jobs"][1]["quarantine"] == {"until": "9999-12-31", "case": "tc2", "owner": "[me]", "is_over": False}
    shutil.rmtree(tmp_path / ".uitest" / "site")
    code, out, _ = call("status", "plain")
    assert code == 0
    assert "Not compared with a base: there is no earlier finished run of main." in out


def test_status_of_a_period_is_by_module_and_browser(call: Call, store: SqliteStore) -> None:
    """Runs that began before the period are left out; a period that cannot be read is one line."""
    now = time.time()
    make_run(store, "long ago", started_at=now - 90_000)
    code, out, _ = call("status", "--since", "24h")
    assert (code, out) == (0, "No runs in this period.\n")
    make_run(store, "today", started_at=now - 60)
    code, out, _ = call("status", "--since", "24h")
    assert code == 0
    assert "50 %" in out
    assert "today" in out
    assert "long ago" not in out
    assert out.endswith("1 run\n")
    assert json.loads(call("status", "--since", "2d", "--json")[1]) == {
        "runs": 2,
        "running": 0,
        "modules": [
            {
                "module": "m1", "browser": "chrome", "runs": 2, "counts": {"passed": 2, "failed": 2},
                "success_percent": 50.0, "median_s": 0.1, "last_red_run": "today",
            }
        ],
    }  # fmt: skip
    make_run(store, "going on", started_at=now - 5, state=RunState.RUNNING, finished_at=None)
    out = call("status", "--since", "24h")[1]
    assert out.endswith("2 runs, 1 still running\n")
    for period in ("yesterday", "0h", "1.5h", "24", "-1h"):
        code, _, err = call("status", f"--since={period}")
        assert code == 2
        assert "such as 90m, 24h or 7d" in err
    one_line(call("status", "today", "--since", "24h"), "leave out the run")


def test_errors_and_flaky_cases_of_a_period(call: Call, store: SqliteStore) -> None:
    """Tables for people and JSON for scripts; a branch and a period can be chosen."""
    now = time.time()
    make_run(store, "old", started_at=now - 90, settings={"branch": "main", "commit": "a1"})
    make_run(store, "new", started_at=now - 60, settings={"branch": "[red]", "commit": "b2"})
    code, out, _ = call("errors")
    assert code == 0
    assert all(part in out for part in ("expected 3", "tc2", "old", "new"))
    assert out.endswith("1 error in 2 runs\n")
    assert json.loads(call("errors", "--branch", "[red]", "--json")[1]) == {
        "runs": 1,
        "errors": [
            {
                "key": "expected N", "error": "expected 3", "attempts": 1, "cases": ["tc2"], "browsers": ["chrome"],
                "branches": ["[red]"], "runs": ["new"], "first_run": "new", "last_run": "new",
            }
        ],
    }  # fmt: skip
    assert call("flaky")[1] == "0 flaky cases in 2 runs\n"
    make_run(store, "again", started_at=now - 30, settings={"commit": "b2"}, verdicts=(Verdict.FAILED, Verdict.PASSED))
    code, out, _ = call("flaky", "--since", "1h")
    assert code == 0
    assert "33.3 %" in out
    assert out.endswith("2 flaky cases in 3 runs\n")
    assert json.loads(call("flaky", "--json")[1])["flaky"][0] == {
        "suite": "no modules", "module": "m1", "case": "tc1", "browser": "chrome", "runs": 3, "flaky_runs": ["again"],
        "percent": 33.3, "error": "expected 3",
    }  # fmt: skip
    assert call("errors", "--branch", "none")[1] == "0 errors in 0 runs\n"
    for number, verdicts in enumerate([(Verdict.FAILED, Verdict.PASSED), (Verdict.PASSED, Verdict.PASSED)]):
        make_run(store, f"x{number}", started_at=now - 20, settings={"commit": "c3"}, verdicts=verdicts)
        store.update_run(f"x{number}", url="https://other.example")
    out = call("flaky")[1]
    assert out.endswith("3 flaky cases in 5 runs\n")
    assert "suite" in out
    cases = json.loads(call("flaky", "--json")[1])["flaky"]
    assert [case["suite"].rpartition(" ")[2] == "other.example" for case in cases] == [True, False, False]


def test_cancel_marks_active_runs_only(call: Call, store: SqliteStore) -> None:
    """An active run is marked as cancelled; a finished one is rejected."""
    make_run(store)
    one_line(call("cancel", "r"), "over (finished)")
    make_run(store, "live", state=RunState.RUNNING, finished_at=None)
    assert call("cancel", "live")[0] == 0
    assert store.run("live").state is RunState.CANCELLED


def test_live_run_is_neither_resumed_nor_rerun(call: Call, store: SqliteStore, url: str) -> None:
    """Neither resume nor rerun takes a run from its coordinator."""
    live: dict[str, Any] = {"state": RunState.RUNNING, "finished_at": None, "beat_at": time.time()}
    make_run(store, **live, settings={"coordinator": worker_id()})
    store.update_run("r", url=url)
    before = store.run("r")
    one_line(call("resume", "r"), "uitest cancel r")
    one_line(call("rerun", "r", "--failed"), "uitest cancel r")
    assert store.run("r") == before


def test_form_that_cannot_be_written_does_not_cost_the_others(call: Call, store: SqliteStore, tmp_path: Path) -> None:
    """The command says which one it is."""
    make_run(store)
    (tmp_path / "file").touch()
    one_line(call("report", "--csv", "file/r.csv", "--markdown", "r.md"), "'r.csv'")
    assert "UI tests" in (tmp_path / "r.md").read_text()
    answer = call("report", "--csv", "file/r.csv", "--single-file", "file/r.html", "--markdown", "r.md")
    one_line(answer, "r.csv", "r.html")


def test_report_renders_and_prune_deletes_everything(call: Call, store: SqliteStore, tmp_path: Path) -> None:
    """Pages are rendered again, and old runs are deleted with all their files."""
    make_run(store)
    assert call("report", "--junit", "out/j.xml")[0] == 0
    assert (tmp_path / "out" / "j.xml").is_file()
    pages = tmp_path / ".uitest" / "site" / "runs" / "r"
    assert (pages / "index.html").is_file()
    assert (tmp_path / ".uitest" / "site" / "index" / "r.json").is_file()
    (tmp_path / ".uitest" / "site" / "artifacts" / "r" / "job" / "1").mkdir(parents=True)
    shot = tmp_path / ".uitest" / "site" / "artifacts" / "r" / "job" / "1" / "screenshot.png"
    shot.write_bytes(b"x")
    store.update_run("r", started_at=time.time() - 10 * 86_400)
    assert "would delete r" in call("prune", "--keep-days", "9", "--dry-run")[1]
    assert shot.exists()
    assert call("prune", "--keep-days", "11")[1] == "0 runs deleted\n"
    assert "deleting r" in call("prune", "--keep-days", "9")[1]
    assert store.runs() == []
    assert not pages.exists()
    assert not (tmp_path / ".uitest" / "site" / "index" / "r.json").exists()
    assert not shot.exists()
    assert "runs/r/" not in (tmp_path / ".uitest" / "site" / "index.html").read_text()
