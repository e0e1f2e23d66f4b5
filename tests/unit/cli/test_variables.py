"""Settings that come from environment variables."""

import os
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Call, one_line
from tests.unit.cli.stored_runs import make_run
from uitest.storage.stores.sqlite import SqliteStore


def test_options_from_the_environment(call: Call, store: SqliteStore) -> None:
    """UITEST_ and the option's name; names of existing projects too."""
    os.environ.update({"UITEST_BROWSER": "opera"})
    one_line(call("run"), "'opera'")
    os.environ["UITEST_BROWSER"] = "chrome"
    os.environ["MODULES"] = "m1, nope"
    one_line(call("run"), "unknown module 'nope'")
    os.environ["UITEST_STORE"] = "sqlite:"
    one_line(call("status"), "'sqlite:'")


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
