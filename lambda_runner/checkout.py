"""Gives each session a copy of the repository that the image holds, as its working directory.

In Lambda the image cannot be written to, but suites expect what they have on a developer's machine: they read files by
paths relative to the root of the repository, and their pytest options write reports there. Trade-off: copying takes
0.2 to 0.6 ms for each file in each invocation, hence ``image-folders`` for large repositories.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from uitest.config import RunSettings
from uitest.errors import UsageError

PROJECT = "UITEST_PROJECT"
"""The variable of the image that names the folder with the repository."""

IGNORED = shutil.ignore_patterns(".uitest")
"""Results of earlier commands."""


@dataclass(frozen=True)
class Checkout:
    """Where a session runs."""

    folder: Path
    """Its working directory."""
    cases: str
    """The folder with the cases, as seen from there."""


def check_out(scratch: Path) -> Checkout:
    """A copy of the image's repository in a folder below ``scratch``; where none is named, the working directory.

    Raises UsageError if it cannot be copied.
    """
    cases = os.environ.get("UITEST_CASES") or RunSettings.cases
    project = os.environ.get(PROJECT)
    if not project:
        return Checkout(Path.cwd(), cases)
    folder = scratch / "project"
    try:
        shutil.copytree(project, folder, symlinks=True, ignore=IGNORED, copy_function=shutil.copy)
    except (OSError, shutil.Error) as exc:
        raise UsageError(f"the repository in {project} ({PROJECT}) cannot be copied to {folder}: {exc}") from exc
    return Checkout(folder, os.path.relpath(cases, project))
