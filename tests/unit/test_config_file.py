"""The configuration file: where it is found, what may stand in it, and what its mistakes are called."""

import dataclasses
from pathlib import Path
from tomllib import loads as tomllib_loads

import click
import pytest

from uitest import config_file
from uitest.cli.commands import run as run_command
from uitest.config import RunSettings
from uitest.config_file import FileSettings, choose, read
from uitest.config_keys import DEFAULT_PATHS, KEYS, PYTEST_KEYS, RUN_KEYS, Kind
from uitest.errors import UsageError
from uitest.plugin.option_table import OPTIONS

WITHOUT_KEY = {"dry_run"}
"""Options of ``uitest run`` that are decided for one call, and have no variable either."""

KINDS_OF_TYPES = {
    "int": Kind.WHOLE,
    "seconds": Kind.NUMBER,
    "N|auto": Kind.COUNT,
    "boolean": Kind.FLAG,
    "integer range": Kind.WHOLE,
}

KINDS_OF_TEXT = {Kind.TEXT, Kind.PATH, Kind.PLACE, Kind.STORE}
"""An option of any other type takes a text; what the text names makes its kind."""


def settings(folder: Path, section: str | None = None) -> FileSettings:
    """The settings for a working directory that has a file."""
    chosen = choose(read(folder), section)
    assert chosen is not None
    return chosen


def path_of(folder: Path) -> Path | None:
    """The file that a working directory has."""
    file = read(folder)
    return file.path if file is not None else None


def test_every_option_of_run_is_a_key_of_its_type() -> None:
    """Whoever adds an option adds its key."""
    options = [param for param in run_command.run.params if isinstance(param, click.Option) and param.name]
    assert {str(param.name).replace("_", "-") for param in options} - {"dry-run"} == {*RUN_KEYS} - {"modules"}
    for param in options:
        if param.name in WITHOUT_KEY:
            continue
        kind = RUN_KEYS[str(param.name).replace("_", "-")]
        expected = Kind.TEXTS if param.multiple else KINDS_OF_TYPES.get(param.type.name)
        assert kind in (KINDS_OF_TEXT if expected is None else {expected}), param.name


def test_keys_of_the_plugin_are_its_options() -> None:
    """Every other option of pytest that takes one value is a key, too; those of pytest-selenium's servers are not."""
    known = {option.name for option in OPTIONS if "nargs" not in option.kwargs}
    assert known - {*KEYS} == {"section", "assignment", "selenium-host", "selenium-port", "variables"}
    assert {*PYTEST_KEYS} <= known


def test_default_paths_are_those_of_a_run() -> None:
    """The values that become relative to the file are the defaults of the options."""
    defaults = {param.name: param.default for param in run_command.run.params}
    assert {name: defaults[name] for name in DEFAULT_PATHS} == DEFAULT_PATHS
    assert {field.name for field in dataclasses.fields(RunSettings)} >= {"cases", "artifacts", "site", "junit"}


@pytest.mark.parametrize(
    ("name", "heading", "ci", "origin"),
    [
        ("uitest.toml", "", "[ci]", "uitest.toml"),
        ("pyproject.toml", "[tool.uitest]", "[tool.uitest.ci]", "[tool.uitest] of pyproject.toml"),
    ],
)
def test_section_replaces_values_above_it(tmp_path: Path, name: str, heading: str, ci: str, origin: str) -> None:
    """Both files have the same keys, a single text stands for a list of one, and each value's place is known."""
    (tmp_path / name).write_text(f'{heading}\nretries = 1\nbrowser = "firefox"\n{ci}\nretries = 2\n')
    plain, chosen = settings(tmp_path), settings(tmp_path, "ci")
    assert plain.values == {"retries": 1, "browser": ["firefox"]}
    assert plain.origins["retries"] == f"retries in {origin}"
    assert chosen.values == {"retries": 2, "browser": ["firefox"]}
    assert chosen.origins["retries"] == f"retries in {ci} of {name}"
    assert chosen.origins["browser"] == f"browser in {origin}"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """They stay as they are written in the file's own folder; addresses, tables and empty texts stay anywhere."""
    (tmp_path / "uitest.toml").write_text(
        'cases = "ui"\nstore = "sqlite:x.db"\nsite = "s3://b/x"\nartifacts = "../shots"\njunit = ""\n'
        '[aws]\nstore = "dynamodb:a,b"\n'
    )
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert settings(tmp_path).values["cases"] == "ui"
    assert settings(below).values == {
        "cases": str(tmp_path / "ui"),
        "store": f"sqlite:{tmp_path}/x.db",
        "site": "s3://b/x",
        "artifacts": str(tmp_path.parent / "shots"),
        "junit": "",
    }
    assert settings(below).default_paths["store"] == f"sqlite:{tmp_path}/.uitest/uitest.db"
    assert settings(tmp_path).default_paths == DEFAULT_PATHS
    assert settings(below, "aws").values["store"] == "dynamodb:a,b"
    assert settings(below).origins["cases"] == "cases in ../../uitest.toml"


def test_search_ends_at_the_repository(tmp_path: Path) -> None:
    """The nearest folder with settings counts; a pyproject.toml without any is passed over."""
    inner = tmp_path / "repository" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "uitest.toml").write_text("")
    assert path_of(inner) == tmp_path / "uitest.toml"
    (inner.parent / ".git").mkdir()
    (inner / "pyproject.toml").write_text("[tool.ruff]\n")
    assert read(inner) is None
    (inner.parent / "pyproject.toml").write_text("[tool.uitest]\n")
    assert path_of(inner) == inner.parent / "pyproject.toml"


def test_each_file_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of the two has the settings."""
    parsed: list[str] = []
    monkeypatch.setattr(config_file.tomllib, "loads", lambda text: parsed.append(text) or tomllib_loads(text))
    (tmp_path / "pyproject.toml").write_text("[tool.uitest]\nretries = 1\n")
    assert settings(tmp_path).values == {"retries": 1}
    assert len(parsed) == 1
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    (tmp_path / "uitest.toml").write_text("retries = 2\n")
    assert settings(tmp_path).values == {"retries": 2}
    assert len(parsed) == 3


def test_two_files_in_a_folder_are_an_error(tmp_path: Path) -> None:
    """Neither wins silently, and both are named."""
    (tmp_path / "uitest.toml").write_text("")
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    assert path_of(tmp_path) == tmp_path / "uitest.toml"
    (tmp_path / "pyproject.toml").write_text("[tool.uitest]\n")
    with pytest.raises(UsageError, match=r"both uitest\.toml and \[tool\.uitest\] in pyproject\.toml"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("retrys = 1", r"^uitest\.toml: unknown key 'retrys' \(did you mean 'retries'\?\)"),
        ("case_timeout = 1", r"did you mean 'case-timeout'\?"),
        ("[ci]\nbrowsers = 'x'", r"^\[ci\] of uitest\.toml: unknown key 'browsers' \(did you mean 'browser'\?\)"),
        ("zzzzzz = 1", r"unknown key 'zzzzzz'; keys are options without --, see uitest run --help, "),
        ("[ci.more]\nretries = 1", r"^\[ci\] of uitest\.toml: a section cannot contain the table 'more'"),
        ("[tool.uitest]\nretries = 1", r"\[tool\.uitest\] is for pyproject\.toml; here the keys stand without"),
        ('retries = "1"', "retries is '1'; it takes a whole number"),
        ("retries = true", "retries is true; it takes a whole number"),
        ("retries = 1.5", "retries is 1.5; it takes a whole number"),
        ("headed = 1", "headed is 1; it takes true or false"),
        ("url = 1", "url is 1; it takes a text"),
        ("url = 2026-01-01", "url is .*; it takes a text"),
        ("browser = [1]", r"browser is \[1\]; it takes a text or a list of texts"),
        ("[browser]\nx = 1", r"browser is \{'x': 1\}; it takes a text or a list"),
        ('workers = "many"', "workers is 'many'; it takes a whole number or \"auto\""),
        ('timeout = "1"', "timeout is '1'; it takes a number"),
        ("cases = 1", "cases is 1; it takes the path of a file or folder"),
        ("retries =\n", r"^uitest\.toml:1:10: this is not TOML: Invalid value"),
        ("retries = 1\n\nretries = 2\n", r"^uitest\.toml:3:12: this is not TOML: Cannot overwrite a value"),
        ('url = "', r"^uitest\.toml:1: this is not TOML: |^uitest\.toml:1:8: this is not TOML: "),
        ("x = " + "[" * 5000, r"^uitest\.toml: brackets are nested too deeply"),
    ],
)
def test_mistakes_name_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    """In one line."""
    (tmp_path / "uitest.toml").write_text(text)
    with pytest.raises(UsageError, match=message) as raised:
        read(tmp_path)
    assert "\n" not in str(raised.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder, bytes that are no text, and a table that is none."""
    (tmp_path / "uitest.toml").mkdir()
    with pytest.raises(UsageError, match=r"^uitest\.toml cannot be read: Is a directory"):
        read(tmp_path)
    (tmp_path / "uitest.toml").rmdir()
    (tmp_path / "uitest.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"^uitest\.toml is not UTF-8"):
        read(tmp_path)
    (tmp_path / "uitest.toml").unlink()
    (tmp_path / "pyproject.toml").write_text("tool.uitest = 3\n")
    with pytest.raises(UsageError, match=r"^pyproject\.toml: tool\.uitest is 3; it takes a table"):
        read(tmp_path)


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    """Editors of Windows write one."""
    (tmp_path / "uitest.toml").write_text("retries = 1\n", "utf-8-sig")
    assert settings(tmp_path).values == {"retries": 1}


def test_unknown_section_is_named_with_the_known_ones(tmp_path: Path) -> None:
    """It is named with those that there are; without a file there is none."""
    with pytest.raises(UsageError, match=r"no section 'ci': neither uitest\.toml nor"):
        choose(read(tmp_path), "ci")
    (tmp_path / "uitest.toml").write_text("[nightly]\n[ci]\n")
    with pytest.raises(UsageError, match=r"no section 'nigthly' \(did you mean 'nightly'\?\); .* 'nightly', 'ci'"):
        choose(read(tmp_path), "nigthly")
