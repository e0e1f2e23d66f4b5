"""Commands with a configuration file: precedence, what each reads, and where the value of a message is from."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.builders import NOW, make_run
from tests.unit.cli.conftest import Call, one_line
from uitest.cli.commands import rerun
from uitest.cli.commands.deploy import deploy
from uitest.cli.commands.image import image
from uitest.cli.settings.configuration import configurable
from uitest.jobs.plan import make_plan
from uitest.model import Module, Run, RunState
from uitest.storage.stores.sqlite import SqliteStore


def write(text: str) -> None:
    """Write the configuration file of the working directory."""
    Path("uitest.toml").write_text(text)


def shown(call: Call, *words: str) -> dict[str, Any]:
    """What ``uitest config`` says of each setting."""
    code, out, err = call("config", "--json", *words)
    assert (code, err) == (0, "")
    settings: dict[str, Any] = json.loads(out)["settings"]
    return settings


def test_variables_win_over_the_file_and_sections_over_the_top(call: Call) -> None:
    """``uitest config`` shows each value with its source."""
    write(
        'url = "http://u:secret@a"\nretries = 1\nheaded = true\ninsecure = false\n'
        'modules = ["m1", "m2"]\n[ci]\nretries = 2\n'
    )
    values = shown(call)
    assert values["retries"] == {"value": 1, "from": "retries in uitest.toml"}
    assert values["url"] == {"value": "http://u:***@a", "from": "url in uitest.toml"}
    assert values["headed"] == {"value": True, "from": "headed in uitest.toml"}
    assert values["modules"] == {"value": ["m1", "m2"], "from": "modules in uitest.toml"}
    assert values["workers"] == {"value": "auto", "from": "default"}
    assert values["browser"] == {"value": ["chrome"], "from": "default"}
    assert shown(call, "--section", "ci")["retries"] == {"value": 2, "from": "retries in [ci] of uitest.toml"}
    os.environ |= {"UITEST_RETRIES": "3", "UITEST_INSECURE": "1", "UITEST_SECTION": "ci", "MODULES": "m3"}
    values = shown(call)
    assert values["retries"] == {"value": 3, "from": "the variable UITEST_RETRIES"}
    assert values["insecure"] == {"value": True, "from": "the variable UITEST_INSECURE"}
    assert values["modules"] == {"value": ["m3"], "from": "the variable MODULES"}


@pytest.mark.parametrize(("text", "deployed", "built"), [("retries = 1", None, "cases"), ('cases = "ui"', "ui", "ui")])
def test_default_path_of_the_file_is_for_options_with_a_default(
    text: str, deployed: str | None, built: str, tmp_path: Path
) -> None:
    """``uitest deploy`` keeps the cases folder of the last deployment where neither it nor the file names one."""
    (tmp_path / "uitest.toml").write_text(text)
    assert configurable(deploy).make_context("deploy", ["shop"]).params["cases"] == deployed
    assert configurable(image).make_context("image", []).params["cases"] == built


def test_config_shows_settings_of_pytest_and_ci(call: Call) -> None:
    """Those that ``uitest run`` hands on are in the list, and a wrong one is an error here, too."""
    write('window-size = "800x600"\npoll-frequency = 0.5\n')
    os.environ["UITEST_LOCALE"] = "de-DE"
    values = shown(call)
    assert values["window-size"] == {"value": "800x600", "from": "window-size in uitest.toml"}
    assert values["poll-frequency"]["value"] == 0.5
    assert values["locale"] == {"value": "de-DE", "from": "the variable UITEST_LOCALE"}
    write('serve = "site"\nbase-site = "s3://b"\nprotected-branches = ["main", "release/*"]\n')
    os.environ["UITEST_AGAINST"] = "main"
    values = shown(call)
    assert values["serve"] == {"value": "site", "from": "serve in uitest.toml"}
    assert values["base-site"] == {"value": "s3://b", "from": "base-site in uitest.toml"}
    assert values["protected-branches"]["from"] == "protected-branches in uitest.toml"
    assert values["against"] == {"value": "main", "from": "the variable UITEST_AGAINST"}
    write('window-size = "wide"\n')
    one_line(call("config"), "'wide', from window-size in uitest.toml", "not WIDTHxHEIGHT")


def test_config_is_a_table_for_people(call: Call) -> None:
    """With the file's path below it, or how to get one."""
    code, out, _ = call("config")
    assert code == 0
    assert "Configuration file: none" in out
    write("retries = 1\n")
    out = call("config")[1]
    assert "retries in uitest.toml" in out
    assert f"Configuration file: {Path.cwd()}/uitest.toml" in out


def test_command_line_wins_over_the_file(call: Call) -> None:
    """A run gets its store and modules from the file, unless they are given."""
    write('store = "sqlite:mine.db"\nmodules = ["m1"]\nurl = "http://127.0.0.1:1"\nbrowser = ["firefox"]\n')
    store = SqliteStore(Path("mine.db"))
    store.put_modules([Module("m1", ("tc1",)), Module("m2", ("tc2",), browsers=("chrome",))])
    store.close()
    one_line(call("run", "m2"), "nothing to run", "firefox")
    one_line(call("run", "--browser", "opera"), "unknown browser 'opera'", "(the value is from --browser)")
    one_line(call("run", "--store", "sqlite:other.db"), "the module table is empty")
    assert "m2" in call("modules", "list")[1]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('browser = "opera"', ["unknown browser 'opera'", "(the value is from browser in uitest.toml)"]),
        ("retries = 11", ["retries in uitest.toml cannot be used: 11 is not in the range"]),
        ("[ci]\ntimeout = -1", ["timeout in [ci] of uitest.toml cannot be used: -1 is not a number of seconds"]),
        ('executor = "cloud"', ["executor in uitest.toml cannot be used: 'cloud' is not one of"]),
        ('trace = "yes"', ["trace in uitest.toml cannot be used: 'yes' is not one of"]),
        ('cases = "nowhere"', ["'nowhere' does not exist", "(the value is from cases in uitest.toml)"]),
        ('store = "mysql:x"', ["'mysql:x'", "(the value is from store in uitest.toml)"]),
        ('modules = "nope"', ["unknown module 'nope'", "(the value is from modules in uitest.toml)"]),
        ('topic = "mine"', ["--topic takes the ARN", "(--topic is from topic in uitest.toml)"]),
        ('site = "s3://x"\nexecutor = "lambda"', ["--store dynamodb:", "(--executor is from", "in uitest.toml"][:1]),
    ],
)
def test_messages_say_which_key_is_wrong(call: Call, text: str, parts: list[str]) -> None:
    """In one line, with exit code 2."""
    with_module = SqliteStore(Path(".uitest/uitest.db"))
    with_module.put_modules([Module("m1", ("tc1",))])
    with_module.close()
    write(text)
    os.environ["UITEST_SECTION"] = "ci" if "[ci]" in text else ""
    one_line(call("run", "--url", "http://127.0.0.1:1"), *parts)


def test_section_that_does_not_exist(call: Call) -> None:
    """The message says who asked for it."""
    write("[ci]\n")
    one_line(call("status", "--section", "nightly"), "no section 'nightly'", "'ci'", "(the value is from --section)")
    os.environ["UITEST_SECTION"] = "nightly"
    one_line(call("run"), "no section 'nightly'", "(the value is from the variable UITEST_SECTION)")


def test_other_commands_read_what_they_share(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's folder is the file's: from a folder below, its store and its default store are found."""
    write('junit = "a/b/c.xml"\ntimeout = 1\nurl = "http://x"\n')
    monkeypatch.chdir(tmp_path / "cases")
    one_line(call("status"), "there are no runs yet")
    assert (tmp_path / ".uitest" / "uitest.db").exists()
    assert not (tmp_path / "cases" / ".uitest").exists()
    one_line(call("report"), "there are no runs yet")
    assert call("prune")[:2] == (0, "0 runs deleted\n")
    one_line(call("rerun", "r", "--failed"), "'r'")


def test_runs_are_continued_with_their_own_address_and_section(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file's address is for new runs; a section that is chosen anew counts, and one that is gone is told."""
    store, jobs = SqliteStore(Path(".uitest/uitest.db")), make_plan([Module("m1", ("tc1",))], ["chrome"])
    for run_id, state in (("r", RunState.FINISHED), ("i", RunState.INTERRUPTED)):
        settings = {"section": "ci", "no_url_check": True}
        run = make_run(run_id, planned=1, state=state, settings=settings)
        store.create_run(replace(run, url="http://127.0.0.1:8"), jobs)
    store.close()
    begun: list[tuple[str, str | None]] = []

    def begin(opened: SqliteStore, _spec: str, header: Run) -> int:
        begun.append((header.url, os.environ.pop("UITEST_SECTION", None)))
        opened.update_run(header.id, state=RunState.INTERRUPTED, finished_at=NOW)
        return 0

    monkeypatch.setattr(rerun, "run_to_end", begin)
    write('url = "http://127.0.0.1:9"\n[ci]\nlocale = "de"\n[nightly]\n')
    for words in (("rerun", "r", "--failed"), ("resume", "i")):
        assert call(*words)[::2] == (0, "")
        assert call(*words, "--section", "nightly")[::2] == (0, "")
    assert begun == [("http://127.0.0.1:8", "ci"), ("http://127.0.0.1:8", "nightly")] * 2
    write("")
    code, _, err = call("rerun", "r", "--failed", "--url", "http://127.0.0.1:7")
    assert (code, begun[-1]) == (0, ("http://127.0.0.1:7", None))
    assert err.startswith("uitest: the run was started with --section ci, and goes on without it: uitest.toml has no")


def test_broken_file_is_an_error_of_every_command_that_reads_it(call: Call) -> None:
    """With its line, before anything else is done."""
    write("retries =\n")
    one_line(call("run"), "uitest.toml:1:10: this is not TOML")
    one_line(call("serve"), "uitest.toml:1:10: this is not TOML")
