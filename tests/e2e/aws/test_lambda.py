"""``uitest run --executor lambda``: tables and bucket of an emulator, the real handler in AWS's runtime client."""

import json
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.aws.cloud import BROKEN, Cloud, account, run_with_unexplained_exit_status
from tests.e2e.conftest import Project
from tests.support.processes import eventually
from uitest.local_aws.process import Image
from uitest.model import RunState
from uitest.quarantine import Quarantine

CASES = """
def test_shop(driver, base_url):
    driver.get(base_url)
    assert driver.title == "Shop"
def test_wrong(driver, base_url):
    driver.get(base_url)
    assert driver.title == "Bank"
def test_flaky():
    ran("flaky")
    assert (HERE / "ran.txt").read_text().count("flaky") > 1
def test_wait():
    ran("wait")
    wait_for("go")
"""


@pytest.fixture
def cloud(project: Project) -> Iterator[Cloud]:
    """With the functions ``good`` and ``broken``, whose case files lie where no coordinator looks for them."""
    project.cases(CASES)
    images = Image("good"), Image("broken", BROKEN)
    with account(project, *images, UITEST_EXECUTOR="lambda", UITEST_FUNCTION="good") as cloud:
        yield cloud


def within(script: str) -> dict[str, Any]:
    """The object that a script of the pages hands over last."""
    data: dict[str, Any] = json.loads(script[script.index("{") : script.rindex("}") + 1])
    return data


@pytest.mark.parametrize(
    "more",
    [
        pytest.param([], id="fresh browsers"),
        pytest.param(["--reuse-browser"], id="reused browsers", marks=pytest.mark.slow),
    ],
)
def test_lambda_run_keeps_outcomes_files_and_cost(cloud: Cloud, more: list[str]) -> None:
    """Outcomes, retries, files in the bucket, JUnit file and exit code as on this machine, and what was billed."""
    cloud.modules("shop", "wrong", "flaky")
    words = ("run", "--run-id", "r", "--retries", "1", "--trace", "retain-on-failure", *more)
    output = cloud.project.run(*words, code=1, environ=cloud.environ).stderr
    assert "up to 2 at once in Lambda function good" in output
    run = cloud.store.run("r")
    assert (run.state, run.counts) == (RunState.FINISHED, {"passed": 1, "flaky": 1, "failed": 1})
    rows = cloud.rows()
    attempts = [attempt for row in rows.values() for attempt in row.attempts]
    assert len(attempts) == 5
    assert len({attempt.owner for attempt in attempts}) == 5
    assert all(attempt.owner.startswith("lambda:") and attempt.memory_mb == 2048 for attempt in attempts)
    assert all((attempt.billed_s or 0) >= attempt.duration_s for attempt in attempts)
    shown = cloud.project.run("status", "r", "--json", environ=cloud.environ).stdout
    cost = json.loads(shown)["cost"]
    assert cost["requests"] == 5
    assert cost["gb_s"] == pytest.approx(sum(2 * (attempt.billed_s or 0) for attempt in attempts), abs=0.01)
    assert "an estimate: 5 requests" in cloud.project.run("status", "r", environ=cloud.environ).stdout
    key = rows["wrong"].job.key
    assert {"index.html", f"artifacts/r/{key}/1/screenshot.png"} <= cloud.files()
    assert {name for name in cloud.files() if name.endswith("/trace.js") and name.startswith("artifacts/")} == {
        f"artifacts/r/{key}/{number}/trace.js" for number in (1, 2)
    }
    detail = within(cloud.read(f"runs/r/jobs/{key}.js"))
    (address,) = [file["href"] for file in detail["2"]["files"] if file["kind"] == "trace"]
    trace = within(cloud.read(posixpath.normpath(f"runs/r/{address}")))
    assert trace["case"] == "test_it::test_wrong"
    assert [step["n"] for step in trace["steps"]] == ["open", "title", "failed"]
    assert trace["steps"][-2]["result"] == "“Shop”"
    assert "<h1>Shop</h1>" in trace["pages"][-1]["html"]
    assert cloud.project.junit() == {
        "test_it::test_shop": "passed",
        "test_it::test_wrong": "failure",
        "test_it::test_flaky": "passed",
    }
    cloud.store.put_quarantine([Quarantine("9999-12-31", case="test_it::test_wrong", error="'Shop' == 'Bank'")])
    cloud.modules("wrong")
    cloud.project.run("run", "--run-id", "excused", environ=cloud.environ)
    assert cloud.store.run("excused").counts == {"quarantined": 1}
    assert cloud.project.junit() == {"test_it::test_wrong": "skipped"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "message"),
    [("missing", "Lambda function 'missing' does not exist"), ("broken", "Lambda function 'broken' is broken")],
)
def test_function_that_cannot_work_ends_the_run_with_the_reason(cloud: Cloud, function: str, message: str) -> None:
    """The run ends with the reason before any attempt, and nothing is lost; its modules were discovered here."""
    words = ("run", "--run-id", "r", "--function", function, "--cases", "cases")
    result = cloud.project.run(*words, code=3, environ=cloud.environ)
    assert "Discovered 1 module with 4 cases in cases" in result.stderr
    assert message in result.stderr
    assert [row.attempt for row in cloud.rows().values()] == [0, 0, 0, 0]
    assert cloud.store.run("r").state is RunState.INTERRUPTED


def test_broken_case_files_in_lambda_are_reported_once(cloud: Cloud) -> None:
    """Told once, as bad input, not once for each job."""
    cloud.project.cases("import nothing_of_that_name\n")
    cloud.modules("shop", "wrong")
    result = cloud.project.run("run", "--run-id", "r", code=2, environ=cloud.environ)
    assert "nothing_of_that_name" in result.stderr
    assert [row.attempt for row in cloud.rows().values()] == [0, 0]


@pytest.mark.slow
def test_cancelled_run_starts_no_case_that_waits_in_lambda(cloud: Cloud) -> None:
    """What waits in Lambda's own queue begins no case; what runs is reported."""
    cloud.modules("wait", "shop", "wrong", "flaky")
    words = ("run", "--run-id", "r", "--cases-per-invocation", "4")
    running = cloud.project.start(*words, environ=cloud.environ)
    cloud.project.wait_until_ran("wait")
    cloud.project.run("cancel", "r", environ=cloud.environ)
    cloud.project.end(running, code=3)
    cloud.project.open_gate()
    eventually(lambda: cloud.rows()["wait"].attempts, "the case under way is reported")
    cloud.service.close()  # which waits for whatever Lambda has
    assert [row.attempt for row in cloud.rows().values()] == [1, 0, 0, 0]
    assert cloud.store.run("r").state is RunState.CANCELLED


@pytest.mark.slow
def test_resume_elsewhere_does_not_repeat_what_runs(cloud: Cloud, tmp_path: Path) -> None:
    """With nothing but the run's name and its store; what was under way is not repeated."""
    cloud.modules("wait", "flaky", "shop")
    words = ("run", "--run-id", "r", "--retries", "1")
    running = cloud.project.start(*words, environ=cloud.environ)
    cloud.project.wait_until_ran("wait")
    running.kill()
    running.communicate()
    cloud.project.open_gate()
    elsewhere = Project(tmp_path / "elsewhere", cloud.project.url, {**cloud.project.environ})
    elsewhere.folder.mkdir()
    only = {name: text for name, text in cloud.environ.items() if name.startswith("AWS_") or name == "UITEST_STORE"}
    elsewhere.run("resume", "r", environ=only)
    assert cloud.store.run("r").counts == {"passed": 2, "flaky": 1}
    assert cloud.rows()["wait"].attempt == 1
    assert len(elsewhere.junit()) == 3


@pytest.mark.slow
def test_unexplained_exit_status_makes_the_run_red(cloud: Cloud) -> None:
    """The run is red with that reason, as on this machine, though every case passed."""
    cloud.project.open_gate()
    run_with_unexplained_exit_status(cloud, "wait", cloud.environ)
    assert cloud.project.junit() == {"nothing broke outside of the cases": "error", "test_it::test_wait": "passed"}
