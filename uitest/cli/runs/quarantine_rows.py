"""The rows of the quarantine that a project's file has, and the owners of rows that name none."""

import logging
import os
from collections.abc import Iterable, Sequence
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


def file_rows(context: click.Context) -> list[Quarantine]:
    """The rows of the project's file; none without one. Raises UsageError."""
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


def _repository() -> Path:
    """The root of the repository around the working directory; that directory itself where there is none."""
    here = Path.cwd()
    return next((one for one in (here, *here.parents) if any((one / name).exists() for name in REPOSITORY_ROOTS)), here)


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeError):
        return None
