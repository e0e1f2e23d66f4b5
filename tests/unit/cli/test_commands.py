"""The ``uitest`` command where no case needs to run: bad input, and looking at what was kept.

Every mistake ends with its exit code and one line on standard error, and leaves what was there as it was.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from moto import mock_aws

from tests.support import builders
from tests.support.aws.servers import FAKE_AWS
from tests.support.builders import NOW, make_attempt
from tests.support.extensions import install
from tests.unit.cli.conftest import Call, one_line
from uitest import log
from uitest.browsers.process.process_group import free_port
from uitest.cli.checks.preflight import check_url
from uitest.cli.commands.run import new_run_id
from uitest.errors import UsageError
from uitest.executors.attempt import worker_id
from uitest.jobs.plan import make_plan
from uitest.local_aws.emulator import check_packages
from uitest.model import Module, RunState, Verdict
from uitest.reporting.web_server import SiteServer
from uitest.storage.stores.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """The default store, with two modules."""
    store = SqliteStore(tmp_path / ".uitest" / "uitest.db")
    store.put_modules([Module("m1", ("tc1", "tc2")), Module("m2", ("tc1",), browsers=("firefox",))])
    yield store
    store.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site that answers."""
    with SiteServer(tmp_path_factory.mktemp("site")) as server:
        yield server.url


def make_run(
    store: SqliteStore,
    run_id: str = "r",
    verdicts: tuple[Verdict, Verdict] = (Verdict.PASSED, Verdict.FAILED),
    **fields: Any,
) -> None:
    """A finished run of two jobs, by default one that passed and one that failed."""
    jobs = make_plan([Module("m1", ("tc1", "tc2"))], ["chrome"])
    store.create_run(
        builders.make_run(run_id, **{"planned": 2, "state": RunState.FINISHED, "finished_at": NOW + 5, **fields}), jobs
    )
    for job, verdict in zip(jobs, verdicts, strict=True):
        store.claim(run_id, job.key, 1, "me", NOW, 60)
        error = "expected 3" if verdict is Verdict.FAILED else None
        store.finish(run_id, job.key, make_attempt(verdict=verdict, error=error))


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["m1", "nope"], ["unknown module 'nope'", "'m1', 'm2'"]),
        (["--browser", "opera"], ["unknown browser 'opera'", "chrome, firefox, webkit"]),
        (["--cases", "nowhere"], ["'nowhere' does not exist", "--cases"]),
        (["m2"], ["nothing to run", "chrome"]),
        (["--run-id", "x" * 301], ["301 characters", "300"]),
        (["--run-id", "a\nb"], ["unprintable characters"]),
        (["--run-id", " "], ["must not be empty"]),
        (["--run-id", "a\udcff"], ["not valid UTF-8"]),
        (["--store", "mysql:x"], ["'mysql:x'", "sqlite:PATH"]),
        (["--artifacts", "ftp://x"], ["'ftp://x'", "s3://BUCKET/PREFIX"]),
        (["--url", "shop.example"], ["'shop.example' is not the address"]),
        (["--url", "ftp://shop.example"], ["http://"]),
        (["--executor", "lambda"], ["cannot reach the store 'sqlite:", "--store dynamodb:"]),
        (["--executor", "lambda", "--store", "dynamodb:a,b"], ["--artifacts", "s3://BUCKET/PREFIX"]),
    ],
)
def test_bad_options_are_rejected_before_the_run(
    call: Call, store: SqliteStore, url: str, words: list[str], parts: list[str]
) -> None:
    """Bad options are rejected before anything is stored."""
    one_line(call("run", *(["--url", url] if "--url" not in words else []), *words), *parts)
    assert store.runs() == []


def test_missing_url_names_all_ways_to_set_it(call: Call, store: SqliteStore) -> None:
    """The message for a missing address names all three ways to set it."""
    one_line(call("run"), "--url", "UITEST_URL", "WebURL")


def test_unreachable_site_is_reported_before_the_run(call: Call, store: SqliteStore) -> None:
    """An address without a site is reported before any browser starts."""
    one_line(call("run", "--url", f"http://127.0.0.1:{free_port()}"), "does not answer", "refused")
    assert store.runs() == []


def test_missing_driver_says_what_to_install(call: Call, store: SqliteStore, url: str, tmp_path: Path) -> None:
    """On a machine without browsers the message says what to install."""
    os.environ["PATH"] = str(tmp_path)
    one_line(call("run", "--url", url), "not installed", "uitest install chrome")
    assert store.runs() == []


def test_file_that_is_no_store_is_refused_and_kept(call: Call, tmp_path: Path, url: str) -> None:
    """Not a database, and a place where none can be: nothing is overwritten."""
    (tmp_path / "text").write_text("shopping list, quite long, so that it could be a header")
    one_line(call("run", "--url", url, "--store", "sqlite:text"), "not a valid uitest database")
    assert (tmp_path / "text").read_text().startswith("shopping list")
    one_line(call("run", "--url", url, "--store", "sqlite:text/uitest.db"), "cannot create the folder")
    one_line(call("status", "--store", "sqlite:/proc/uitest.db"), "/proc/uitest.db")


def test_places_that_cannot_be_written(call: Call, store: SqliteStore, url: str, tmp_path: Path) -> None:
    """They are tried before the run is written down, so its id stays free."""
    (tmp_path / "file").write_text("")
    one_line(call("run", "--url", url, "--site", "file/site", "--run-id", "r"), "cannot write", "file/site")
    one_line(call("run", "--url", url, "--artifacts", "file/shots", "--run-id", "r"), "cannot write", "file/shots")
    assert store.runs() == []


def test_missing_tables_and_bucket(call: Call, store: SqliteStore, url: str) -> None:
    """Each names what is missing and how to make it."""
    os.environ.update(FAKE_AWS)
    with mock_aws():
        one_line(call("run", "--url", url, "--store", "dynamodb:mods,stat"), "'mods'", "does not exist")
        one_line(call("run", "--url", url, "--site", "s3://nowhere"), "'nowhere'", "aws s3 mb")
    assert store.runs() == []


def test_run_id_in_use_is_refused(call: Call, store: SqliteStore, url: str) -> None:
    """The run that is there stays as it is."""
    make_run(store)
    before = store.run("r"), store.jobs("r")
    one_line(call("run", "m1", "--url", url, "--run-id", "r"), "already in the store", "--run-id")
    assert (store.run("r"), store.jobs("r")) == before


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[{"module": "m1",', [":1:", "not JSON"]),
        ("[]", ["no modules found"]),
        ('{"m1": "tc1"}', ["list of strings"]),
        ('{"m1": ["tc1"], "m1": ["tc2"]}', ["already"]),
        ('[{"module": "m1", "testcases": ["a"], "browsers": ["opera"]}]', ["'opera'"]),
        ('[{"module": "m1", "testcases": ["a"], "timeout": -1}]', ["timeout"]),
    ],
)
def test_bad_modules_file_changes_nothing(
    call: Call, store: SqliteStore, tmp_path: Path, text: str, parts: list[str]
) -> None:
    """A file with a mistake changes nothing in the table."""
    (tmp_path / "m.json").write_text(text)
    before = store.modules()
    one_line(call("modules", "load", "m.json"), "m.json", *parts)
    assert store.modules() == before


def test_modules_are_loaded_listed_and_shown(call: Call, tmp_path: Path) -> None:
    """Modules can be loaded, listed and shown."""
    assert call("modules", "list")[:2] == (
        0,
        "The module table is empty, so that uitest run runs every case; fill it with: uitest modules load FILE, "
        "or uitest modules sync --discover\n",
    )
    (tmp_path / "m.json").write_text('[{"module": "m [x]", "testcases": ["tc1", "tc2"], "tags": ["smoke"]}]')
    assert call("modules", "load", "m.json")[1] == "Loaded 1 module with 2 cases from m.json\n"
    listed = call("modules", "list")[1]
    assert "m [x]" in listed
    assert "smoke" in listed
    assert call("modules", "show", "m [x]")[1] == "tc1\ntc2\n"
    one_line(call("modules", "show", "y"), "unknown module 'y'", "'m [x]'")
    one_line(call("modules", "load", "none.json"), "none.json")


def test_modules_sync_and_dry_run(call: Call, tmp_path: Path) -> None:
    """The table becomes what the file says, if every case exists; a plan can be looked at without running it."""
    (tmp_path / "cases" / "test_it.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
    file = tmp_path / "cases" / "modules.json"
    file.write_text('{"m": ["test_it::test_a", "nope"]}')
    one_line(call("modules", "sync"), "'nope' (module 'm')")
    assert "empty" in call("modules", "list")[1]
    file.write_text('{"m": ["test_it::test_a"]}')
    code, out, _ = call("modules", "sync")
    assert code == 0
    assert "In no module: test_it::test_b" in out
    code, out, _ = call("run", "--dry-run", "--browser", "chrome,firefox")
    assert (code, out.count("test_it::test_a")) == (0, 2)


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
        "error": "expected 3",
    }  # fmt: skip


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
        "module": "m1", "case": "tc1", "browser": "chrome", "runs": 3, "flaky_runs": ["again"], "percent": 33.3,
        "error": "expected 3",
    }  # fmt: skip
    assert call("errors", "--branch", "none")[1] == "0 errors in 0 runs\n"


@pytest.mark.parametrize("namespace", ["AWS/Lambda", ":", "a b", "x" * 256, "ünï"])
def test_run_refuses_a_namespace_that_cloudwatch_refuses(call: Call, store: SqliteStore, namespace: str) -> None:
    """Before anything is run."""
    one_line(call("run", "--url", "http://127.0.0.1:1", "--metrics", namespace), "--metrics", repr(namespace))


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


def test_wrong_use_exits_with_2(call: Call) -> None:
    """Wrong arguments exit with click's message and code 2."""
    for words in (["run", "--nonsense"], ["fly"], ["run", "--workers", "0"], ["run", "--retries", "-1"]):
        code, _, err = call(*words)
        assert code == 2
        assert "Error:" in err


def test_one_table_without_the_other_is_an_error(call: Call, store: SqliteStore) -> None:
    """One table without the other is reported in one line."""
    os.environ.update({"ModuleTable": "mods"})
    one_line(call("status"), "StatusTable")


def test_options_from_the_environment(call: Call, store: SqliteStore) -> None:
    """UITEST_ and the option's name; names of existing projects too."""
    os.environ.update({"UITEST_BROWSER": "opera"})
    one_line(call("run"), "'opera'")
    os.environ["UITEST_BROWSER"] = "chrome"
    os.environ["MODULES"] = "m1, nope"
    one_line(call("run"), "unknown module 'nope'")
    os.environ["UITEST_STORE"] = "sqlite:"
    one_line(call("status"), "'sqlite:'")


def test_local_aws_errors_are_one_line(call: Call) -> None:
    """Errors are reported in one line, also after processes were started."""
    one_line(call("local-aws", "--cases", "nowhere"), "'nowhere' does not exist", "--cases DIR")
    one_line(call("local-aws", "--", "no-such-program"), "cannot run 'no-such-program'")
    with pytest.raises(UsageError, match=r"^local AWS needs no_such_package; install it with: pip install no_such_"):
        check_packages(("boto3", "no_such_package"))


def test_serve_a_bucket_that_is_missing(call: Call) -> None:
    """It is told before a browser asks for a page."""
    os.environ.update(FAKE_AWS)
    with mock_aws():
        one_line(call("serve", "--site", "s3://nowhere"), "S3 bucket 'nowhere' does not exist")


def test_run_ids_sort_by_time() -> None:
    """And two of one second differ."""
    assert new_run_id(NOW) < new_run_id(NOW + 1)
    assert new_run_id(NOW) != new_run_id(NOW)


def test_check_url_removes_the_last_slash_only() -> None:
    """Only the last slash of an address is removed."""
    assert check_url("https://user@shop.example:8443/a/?q=1") == "https://user@shop.example:8443/a/?q=1"
    assert check_url("http://127.0.0.1/") == "http://127.0.0.1"
    with pytest.raises(UsageError):
        check_url("http://")


@pytest.mark.parametrize("value", ["nan", "inf", "1e300", "-1", "x"])
@pytest.mark.parametrize("option", ["--timeout", "--case-timeout", "--max-starts-per-second", "--lease"])
def test_seconds_without_an_end(call: Call, store: SqliteStore, url: str, option: str, value: str) -> None:
    """No number of seconds, and the message says what is."""
    code, _, message = call("run", "--url", url, f"{option}={value}")
    assert code == 2
    assert option in message
    assert value in message
    assert store.runs() == []


def test_wrong_value_of_a_variable_names_the_variable(call: Call, store: SqliteStore, url: str) -> None:
    """Whoever did not type the wrong value is told where it is from, also where another name stands for ours."""
    os.environ |= {"UITEST_URL": url, "UITEST_WORKERS": "many"}
    assert "The value is from the variable UITEST_WORKERS." in call("run")[2]
    del os.environ["UITEST_WORKERS"]
    os.environ["BROWSER"] = "phantomjs"
    one_line(call("run"), "unknown browser 'phantomjs'", "(the value is from the variable BROWSER)")
    del os.environ["UITEST_BROWSER"]
    os.environ |= {"BROWSER": "", "MODULES": "nope"}
    one_line(call("run"), "unknown module 'nope'", "(the value is from the variable MODULES)")
    os.environ |= {"WebURL": "shop.example"}
    del os.environ["UITEST_MODULES"], os.environ["MODULES"], os.environ["UITEST_URL"]
    one_line(call("run"), "'shop.example' is not the address", "(the value is from the variable WebURL)")


def test_variable_that_is_not_set_is_not_named(call: Call, store: SqliteStore, url: str) -> None:
    """An empty module table is nobody's wrong value."""
    store.delete_modules([module.name for module in store.modules()])
    code, _, error = call("run", "--url", url)
    assert (code, "variable" in error) == (2, False)
    assert "the module table is empty" in error


@pytest.mark.parametrize(
    "value", ["/usr/bin/helper", "xdg-open", "sh", "google-chrome:firefox", "wslview %s", "none", "brave"]
)
def test_foreign_browser_variable_is_ignored_with_a_line(call: Call, store: SqliteStore, value: str) -> None:
    """A program that opens addresses is no engine, and no mistake; it is ignored, which one line says."""
    os.environ["BROWSER"] = value
    code, _, error = call("run")
    ignored, problem = error.splitlines()
    assert code == 2
    assert ignored == f"uitest: BROWSER={value!r} is ignored: engines are chrome, firefox, webkit"
    assert problem.startswith("uitest: the address of the site under test is missing")
    one_line(call("run", "--browser", "firefox"), "the address of the site under test is missing")


def test_dry_run_by_variable_runs_nothing(call: Call, store: SqliteStore, url: str, tmp_path: Path) -> None:
    """UITEST_DRY_RUN is respected: nothing runs."""
    (tmp_path / "cases" / "test_it.py").write_text("import pytest\n@pytest.mark.case('tc1')\ndef test_a(): pass\n")
    os.environ |= {"UITEST_DRY_RUN": "1", "UITEST_URL": url}
    assert "tc2" in call("run", "m1")[2]
    assert store.runs() == []


@pytest.mark.parametrize("words", [["rerun", "r", "--failed"], ["resume", "r"]])
def test_dry_run_of_the_environment_stops_commands_that_have_none(
    call: Call, store: SqliteStore, words: list[str]
) -> None:
    """Whoever asks for a dry run gets no real one."""
    make_run(store)
    os.environ["UITEST_DRY_RUN"] = "1"
    one_line(call(*words), f"UITEST_DRY_RUN='1' is set, but uitest {words[0]} has no dry run; unset the variable")


def test_unwritable_junit_file_is_found_before_the_run(
    call: Call, store: SqliteStore, url: str, tmp_path: Path
) -> None:
    """It is found before the run."""
    (tmp_path / "file").touch()
    one_line(call("run", "--url", url, "--junit", "file/j.xml"), "--junit 'file/j.xml' cannot be written")
    one_line(call("run", "--url", url, "--site", "file/site"), "--site: cannot write")
    assert store.runs() == []


COMMAND = [sys.executable, "-m", "uitest"]


def test_output_that_nobody_takes(store: SqliteStore) -> None:
    """A full disk is told with exit code 3, or that of the mistake."""
    make_run(store)
    with Path("/dev/full").open("w") as full:
        process = subprocess.run([*COMMAND, "status", "r", "--json"], stdout=full, stderr=PIPE, text=True, check=False)
    assert process.returncode == 3
    assert process.stderr.splitlines() == ["uitest: standard output cannot be written: No space left on device"]
    with Path("/dev/full").open("w") as full:
        codes = [
            subprocess.run([*COMMAND, *words], stdout=full, stderr=full, check=False).returncode
            for words in (["status", "r"], ["--help"], ["status", "nope"], ["nonsense"])
        ]
    assert codes == [3, 3, 2, 2]


@pytest.mark.parametrize("words", [("status", "r", "--json"), ("status", "r"), ("--help",)])
def test_reader_that_leaves_early_is_no_mistake(store: SqliteStore, words: tuple[str, ...]) -> None:
    """As in ``uitest status | head -1``: exit code 0 and no word, so that a script with ``pipefail`` goes on.

    This holds for what click, rich and Python write, before and at the end of the command.
    """
    make_run(store)
    left = subprocess.Popen([*COMMAND, *words], stdout=PIPE, stderr=PIPE)
    assert left.stdout is not None
    left.stdout.close()
    assert (left.communicate()[1], left.returncode) == (b"", 0)


def test_deleted_working_directory_is_one_line(tmp_path: Path) -> None:
    """One line."""
    script = f'mkdir gone; cd gone; rmdir ../gone; exec "{sys.executable}" -m uitest status'
    process = subprocess.run(["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.splitlines() == ["uitest: the working directory has been deleted; change to an existing one"]


@pytest.mark.parametrize("words", [("-v", "status", "r", "--json"), ("status", "-v", "r", "--json", "-v")])
def test_log_goes_to_standard_error_only(call: Call, store: SqliteStore, words: tuple[str, ...]) -> None:
    """What scripts read stays as it is, before and after the command's name."""
    make_run(store)
    plain = call("status", "r", "--json")
    logged = call(*words)
    assert (plain[0], plain[1], plain[2]) == (0, logged[1], "")
    assert "opening the store sqlite:" in logged[2]
    assert log.installed() is None


@pytest.mark.parametrize("name", ["modules list", "cancel r", "status r"])
def test_every_command_can_log(call: Call, name: str) -> None:
    """Subcommands too; -vv shows where an error came from."""
    code, _, err = call(*name.split(), "-v")
    assert "uitest.storage.stores: opening the store" in err
    assert code == (0 if name == "modules list" else 2)


def test_wrong_log_variable_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every other mistake."""
    monkeypatch.setenv("UITEST_LOG", "loud")
    one_line(call("status"), "UITEST_LOG='loud'", "debug")
    monkeypatch.setenv("UITEST_LOG", "info:/dev/null/x")
    one_line(call("status"), "UITEST_LOG", "/dev/null/x", "Not a directory")


def test_log_file_shows_where_an_error_came_from(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: SqliteStore
) -> None:
    """Standard error keeps its one line."""
    monkeypatch.setenv("UITEST_LOG", f"debug:{tmp_path / 'it.log'}")
    one_line(call("status", "nosuch"), "nosuch")
    assert "Traceback" in (tmp_path / "it.log").read_text()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--reporter", "nobody"), "no installed package offers 'nobody' to uitest.reporters"),
        (("--store", "broken:x"), "uitest.stores: 'broken' of broken_all 1.0 is broken: ModuleNotFoundError"),
        (("--site", "broken://x"), "uitest.files: 'broken' of broken_all 1.0 is broken: ModuleNotFoundError"),
    ],
)
def test_broken_extension_is_one_line(
    call: Call,
    store: SqliteStore,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    part: str,
) -> None:
    """With its distribution's name, before anything is written down."""
    monkeypatch.syspath_prepend(tmp_path)
    install(
        tmp_path,
        "broken_all",
        "uitest.stores",
        "broken = nowhere_at_all:make\n[uitest.files]\nbroken = nowhere_at_all:make",
    )
    one_line(call("run", "m1", "--url", url, "--run-id", "r", *words), part)
    assert store.runs() == []


def test_executor_that_nobody_offers_is_a_usage_error(call: Call, url: str) -> None:
    """With those there are."""
    code, _, err = call("run", "--url", url, "--executor", "nobody")
    assert code == 2
    assert "'nobody' is not one of 'local', 'lambda', 'stepfunctions'" in err


def test_command_that_is_misspelled_is_answered_with_the_nearest(call: Call) -> None:
    """If any is like it."""
    code, _, err = call("deploi")
    assert (code, err.splitlines()[-1]) == (2, "Error: No such command 'deploi'. Did you mean 'deploy'?")
    assert call("zzz")[2].splitlines()[-1] == "Error: No such command 'zzz'."
