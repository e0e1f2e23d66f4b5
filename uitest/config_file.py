"""Reads the configuration file: ``uitest.toml``, or ``[tool.uitest]`` in ``pyproject.toml``.

A key is the name of an option of ``uitest run``, ``uitest ci`` or the pytest plugin, as on the command line but without
the two dashes: ``case-timeout = 30``. A table is a named section, ``[ci]`` or ``[tool.uitest.ci]``, whose values
replace those above it when ``--section ci`` or ``UITEST_SECTION=ci`` chooses it. The whole file is checked whenever it
is read, so that a mistake in a section is found before the night in which the section is used.

The file is searched for in the working directory and above, up to the root of the repository. Its folder is the
project's folder: relative paths in it, and default paths, are relative to it.
"""

import os
import re
import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from uitest.config_keys import DEFAULT_PATHS, KEYS, Kind, check_values, located, suggestion
from uitest.errors import UsageError

FILE = "uitest.toml"
PYPROJECT = "pyproject.toml"
REPOSITORY_ROOTS = (".git", ".hg")
"""What the root folder of a repository contains."""

SECTION = "UITEST_SECTION"
"""The variable that chooses a section."""
CI_SECTION = "ci"
"""The section for builds, where the file has one."""


@dataclass(frozen=True)
class ConfigFile:
    """A configuration file that has been checked."""

    path: Path
    shown: str
    """The path for messages, relative to the working directory where possible."""
    working_directory: Path
    plain: Mapping[str, Any]
    """Values by key, without those of sections."""
    sections: Mapping[str, Mapping[str, Any]]

    def place(self, section: str = "") -> str:
        """Where values stand, for messages: ``uitest.toml`` or ``[ci] of uitest.toml``."""
        names = [*(("tool", "uitest") if self.path.name == PYPROJECT else ()), *filter(None, (section,))]
        return f"[{'.'.join(names)}] of {self.shown}" if names else self.shown

    def check(self) -> None:
        """Raises UsageError for an unknown key, and for a value that is not what its key takes."""
        if "tool" in self.sections and self.path.name == FILE:
            raise UsageError(f"{self.shown}: [tool.uitest] is for {PYPROJECT}; here the keys stand without a heading")
        check_values(self.plain, self.place())
        for name, values in self.sections.items():
            check_values(values, self.place(name))

    def settings(self, section: str) -> "FileSettings":
        """The settings with those of a section, empty for none. Raises UsageError for an unknown section."""
        if section and section not in self.sections:
            known = ", ".join(map(repr, self.sections)) or "none"
            hint = suggestion(section, self.sections)
            raise UsageError(f"{self.shown} has no section {section!r}{hint}; its sections are: {known}")
        chosen = self.sections.get(section, {})
        origins = {name: f"{name} in {self.place()}" for name in self.plain}
        origins |= {name: f"{name} in {self.place(section)}" for name in chosen}
        values = {name: self._usable(name, value) for name, value in {**self.plain, **chosen}.items()}
        defaults = {name: self._usable(name, text) for name, text in DEFAULT_PATHS.items()}
        return FileSettings(self.path, section or None, values, origins, defaults)

    def _usable(self, name: str, value: Any) -> Any:
        """A value as commands take it: a list where there may be several, paths from the working directory."""
        kind = KEYS[name]
        if kind is Kind.TEXTS and isinstance(value, str):
            return [value]
        return located(kind, value, self.path.parent) if self.path.parent != self.working_directory else value


@dataclass(frozen=True)
class FileSettings:
    """The settings of a configuration file, with those of the chosen section merged in."""

    path: Path
    section: str | None
    values: Mapping[str, Any]
    origins: Mapping[str, str]
    """Where each value stands, for messages: ``retries in [ci] of uitest.toml``."""
    default_paths: Mapping[str, Any]
    """The values of ``DEFAULT_PATHS``, usable from the working directory."""

    def limited_to(self, keys: Container[str]) -> Self:
        """The same with the values of these keys only."""
        return replace(self, values={name: value for name, value in self.values.items() if name in keys})


def read(folder: Path) -> ConfigFile | None:
    """The configuration file for the working directory ``folder``; None if there is none.

    Raises UsageError in one line for a file that cannot be used.
    """
    section = _find(folder)
    if section is None:
        return None
    path, table = section
    shown = _shown(path, folder)
    if not isinstance(table, dict):
        raise UsageError(f"{shown}: tool.uitest is {table!r}; it takes a table, [tool.uitest]")
    sections = {name: value for name, value in table.items() if isinstance(value, dict) and name not in KEYS}
    plain = {name: value for name, value in table.items() if name not in sections}
    file = ConfigFile(path, shown, folder, plain, sections)
    file.check()
    return file


def choose(file: ConfigFile | None, section: str | None) -> FileSettings | None:
    """The file's settings with those of the section, if one is chosen; None without a file.

    Raises UsageError for a section that does not exist.
    """
    if file is None and section:
        raise UsageError(
            f"there is no section {section!r}: neither {FILE} nor [tool.uitest] in {PYPROJECT} was found in the "
            "working directory or above it"
        )
    return file.settings(section or "") if file is not None else None


def _find(folder: Path) -> tuple[Path, Any] | None:
    """The nearest file with settings of uitest, from ``folder`` up to the root of its repository, and its settings.

    None if no file has any. Raises UsageError if a folder has two of them.
    """
    for parent in (folder, *folder.parents):
        own, shared = parent / FILE, parent / PYPROJECT
        has_own = _exists(own)
        table = _tool_table(_parse(shared, _shown(shared, folder))) if _exists(shared) else None
        if has_own and table is not None:
            raise UsageError(
                f"both {_shown(own, folder)} and [tool.uitest] in {_shown(shared, folder)} have settings of uitest; "
                "keep one of the two"
            )
        if has_own:
            return own, _parse(own, _shown(own, folder))
        if table is not None:
            return shared, table
        if any(_exists(parent / name) for name in REPOSITORY_ROOTS):
            return None
    return None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder above that may not be searched
        return False


def _shown(path: Path, folder: Path) -> str:
    return os.path.relpath(path, folder)


def _tool_table(parsed: Mapping[str, Any]) -> Any:
    tool = parsed.get("tool")
    return tool.get("uitest") if isinstance(tool, dict) else None


def _parse(path: Path, shown: str) -> Mapping[str, Any]:
    """The content of a TOML file. Raises UsageError with the line of a mistake."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as exc:
        message, line = _mistake(str(exc), path)
        raise UsageError(f"{shown}:{line}: this is not TOML: {message}") from exc
    except UnicodeError as exc:
        raise UsageError(f"{shown} is not UTF-8: {exc}") from exc
    except RecursionError as exc:
        raise UsageError(f"{shown}: brackets are nested too deeply") from exc
    except OSError as exc:
        raise UsageError(f"{shown} cannot be read: {exc.strerror}") from exc


def _mistake(message: str, path: Path) -> tuple[str, str]:
    """tomllib's message without its place, and the place as ``LINE`` or ``LINE:COLUMN``."""
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if place is None:
        return message, "1"
    line = f"{place[1]}:{place[2]}" if place[1] else str(len(path.read_text("utf-8-sig").splitlines()))
    return message[: place.start()], line
