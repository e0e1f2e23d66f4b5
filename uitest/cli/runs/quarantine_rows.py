"""The rows of the quarantine that a project's file has, the owners of rows that name none, and rows without a case."""

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from uitest import log
from uitest.cli.settings.origins import project_folder
from uitest.config_file import REPOSITORY_ROOTS
from uitest.errors import UsageError
from uitest.jobs.owners import PLACES, code_owners, owned
from uitest.model import Module
from uitest.plugin.collection.case_discovery import collect_cases
from uitest.quarantine import Quarantine
from uitest.storage.quarantine_file import FILE, read_quarantine

LOGGER = logging.getLogger(__name__)

SHOWN = 3
"""Rows that the line of a run names."""


def file_rows(context: click.Context) -> dict[str, Quarantine]:
    """The rows of the project's file by their places; none without one. Raises UsageError."""
    return read_quarantine(project_folder(context) / FILE)


def with_owners(
    rows: Iterable[Quarantine], modules: Sequence[Module], cases: str, secrets: Sequence[str] = ()
) -> list[Quarantine]:
    """The rows, with the owner that a module or CODEOWNERS names where the row names none.

    The cases are collected only where CODEOWNERS is needed. Cases that cannot be collected leave such rows without an
    owner: whether they run is another matter.
    """
    rows = [owned(row, modules, {}, lambda _: "") for row in rows]
    if all(row.owner or not row.case for row in rows):
        return rows
    root = _repository()
    text = next((text for place in PLACES if (text := _text(root / place)) is not None), None)
    if text is None:
        return rows
    with log.suppress(LOGGER, "the owners of quarantined cases are not known", UsageError):
        files = {case: test.partition("::")[0] for case, test in collect_cases(cases, secrets).tests.items()}
        paths = {case: Path(os.path.relpath(file, root)).as_posix() for case, file in files.items()}
        return [owned(row, modules, paths, code_owners(text)) for row in rows]
    return rows


def rows_without_case(
    rows: Iterable[Quarantine], modules: Sequence[Module], cases: str, secrets: Sequence[str] = ()
) -> set[Quarantine]:
    """The rows whose case neither a module nor the folder has. Raises UsageError if the folder cannot be collected.

    A file that skips itself or ends pytest may hold any case that is named like one of its own, or by a pattern.
    """
    left = _not_in(modules, rows)
    if not left:
        return set()
    collection = collect_cases(cases, secrets)
    own, unknown = set(collection.accepted.values()), [*collection.skipped, *collection.left_out.values()]
    return {
        row
        for row in left
        if not any(map(row.names, own)) and not any("*" in row.case or file.may_hold(row.case) for file in unknown)
    }


def reminder(rows: Mapping[str, Quarantine], modules: Sequence[Module]) -> str | None:
    """A line about the rows, given by their places, whose case no module has; None if there is no such row."""
    left = _not_in(modules, rows.values())
    named = [f"{row.case!r} ({place})" for place, row in rows.items() if row in left]
    if not named:
        return None
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return f"no module has these quarantined cases: {', '.join(named[:SHOWN])}{more}; see: uitest quarantine check"


def _not_in(modules: Iterable[Module], rows: Iterable[Quarantine]) -> set[Quarantine]:
    """The rows whose case no module has."""
    listed = {case for module in modules for case in module.cases}
    return {row for row in rows if row.case and not any(map(row.names, listed))}


def _repository() -> Path:
    """The root of the repository around the working directory; that directory itself where there is none."""
    here = Path.cwd()
    folders = (here, *here.parents)
    return next((folder for folder in folders if any((folder / name).exists() for name in REPOSITORY_ROOTS)), here)


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeError):
        return None
