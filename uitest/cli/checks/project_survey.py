"""Looks at a folder before ``uitest init`` writes into it: tests, configuration, and what belongs to a CI service."""

import configparser
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uitest import config_file

DEFAULT_CASES = "cases"

CI_FILES = {
    "github": ".github/workflows/uitest.yml",
    "gitlab": ".gitlab-ci.yml",
    "jenkins": "Jenkinsfile",
    "codebuild": "buildspec.yml",
}
"""The file of each CI service."""

CI_SIGNS = {**CI_FILES, "github": ".github"}
"""What shows that a project uses a CI service."""

OTHER_FOLDERS = ("node_modules", "site-packages", "build", "dist", "__pycache__")
"""Folders, besides hidden ones and virtual environments, that hold no tests of the project."""

MOST_FILES = 2_000
"""How many test files are looked into."""

USES_BROWSER = re.compile(rb"\b(selenium|webdriver|driver)\b")

PYTEST_FILES = ("pytest.ini", "tox.ini", "setup.cfg", "conftest.py")


@dataclass(frozen=True)
class Survey:
    """What there is in a project's folder."""

    cases: str
    """The folder that is meant by the project's tests or configuration, else the default."""
    tests: int
    """The number of test files in it."""
    configured: str | None
    """Where settings of uitest are already; None if there are none."""
    url: str | None
    """The address in them."""
    sections: frozenset[str]
    """Names of the sections in them."""
    ci: str
    """The CI service that the project uses, or ``none``."""
    kept: tuple[str, ...]
    """Files of the project that say how its tests run, and stay as they are."""


def survey(folder: Path) -> Survey:
    """Look at a folder, which need not exist. Raises UsageError for a configuration file with mistakes."""
    file = _config_file(folder)
    configured = os.path.relpath(file.path, folder) if file is not None else None
    values = file.settings("").values if file is not None else {}
    sections = frozenset(file.sections) if file is not None else frozenset[str]()
    cases = values.get("cases") or _cases(folder)
    ci = next((name for name, path in CI_SIGNS.items() if (folder / path).exists()), "none")
    kept = tuple(name for name in PYTEST_FILES if (folder / name).exists())
    tests = sum(1 for _ in test_files(folder / cases))
    return Survey(cases, tests, configured, values.get("url"), sections, ci, kept)


def _config_file(folder: Path) -> config_file.ConfigFile | None:
    """The configuration file in the folder itself."""
    file = config_file.read(folder)
    return file if file is not None and file.path.parent == folder else None


def _cases(folder: Path) -> str:
    """The folder with the project's browser tests: the one that pytest is told, else the one that holds them all."""
    stated = [path for path in _testpaths(folder) if (folder / path).is_dir()]
    if len(stated) == 1:
        return stated[0]
    folders = [path.parent for path in test_files(folder) if USES_BROWSER.search(content(path))]
    return os.path.relpath(os.path.commonpath(folders), folder) if folders else DEFAULT_CASES


def content(path: Path) -> bytes:
    """What a file contains; nothing if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_files(folder: Path) -> Iterator[Path]:
    """Files that pytest takes for tests by their names, of the project's own."""
    number = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in OTHER_FOLDERS
            and not os.path.exists(Path(parent) / name / "pyvenv.cfg")  # noqa: PTH110  Path.exists raises where it may not look
        )
        for name in files:
            if re.fullmatch(r"test_.*\.py|.*_test\.py", name) and number < MOST_FILES:
                number += 1
                yield Path(parent) / name


def _testpaths(folder: Path) -> list[str]:
    """pytest's setting ``testpaths``, from the first file with settings of pytest; one with mistakes has none."""
    for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read(folder / name, "utf-8")
        except (configparser.Error, UnicodeError):
            continue
        if parser.has_section(section):
            return parser.get(section, "testpaths", fallback="").split()
    try:
        table: Any = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
        stated = table["tool"]["pytest"]["ini_options"]["testpaths"]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    return stated.split() if isinstance(stated, str) else [str(path) for path in stated]
