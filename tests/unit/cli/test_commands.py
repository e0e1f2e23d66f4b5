"""The ``uitest`` command where no case needs to run: bad input, and looking at what was kept.

Every mistake ends with its exit code and one line on standard error, and leaves what was there as it was.
"""

import os
from pathlib import Path

import pytest
from moto import mock_aws

from tests.support.aws.servers import FAKE_AWS
from tests.support.builders import NOW
from tests.support.extensions import install
from tests.unit.cli.conftest import Call, one_line
from tests.unit.cli.stored_runs import make_run
from uitest.browsers.process.process_group import free_port
from uitest.cli.checks.preflight import check_url
from uitest.cli.commands.run import new_run_id
from uitest.errors import UsageError
from uitest.local_aws.emulator import check_packages
from uitest.storage.stores.sqlite import SqliteStore


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


@pytest.mark.parametrize("namespace", ["AWS/Lambda", ":", "a b", "x" * 256, "ünï"])
def test_run_refuses_a_namespace_that_cloudwatch_refuses(call: Call, store: SqliteStore, namespace: str) -> None:
    """Before anything is run."""
    one_line(call("run", "--url", "http://127.0.0.1:1", "--metrics", namespace), "--metrics", repr(namespace))


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


def test_unwritable_junit_file_is_found_before_the_run(
    call: Call, store: SqliteStore, url: str, tmp_path: Path
) -> None:
    """It is found before the run."""
    (tmp_path / "file").touch()
    one_line(call("run", "--url", url, "--junit", "file/j.xml"), "--junit 'file/j.xml' cannot be written")
    one_line(call("run", "--url", url, "--site", "file/site"), "--site: cannot write")
    assert store.runs() == []


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
