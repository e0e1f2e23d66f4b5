"""What uitest is called where packages are installed from, its version, and the stranger of the same name.

The package is imported and called as ``uitest``. On PyPI that name belongs to another project, which is imported as
``uitest`` too, so this one is distributed as ``uitest-fanout``. Both in one environment overwrite each other's files.
This module imports nothing of ``uitest/__init__.py``, because that file may be the other project's.
"""

import json
import os
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

NAME = "uitest-fanout"
"""The distribution's name, as pip knows it."""

VERSION = "0.1.0"

PLACEHOLDER = f"{NAME} @ git+https://ADDRESS.invalid"
"""Stands for the place to install from until that is known. The name alone is not on PyPI: whoever registers it there
could run code in our users' builds. No host can have a name that ends with .invalid (RFC 2606)."""

OTHER = "uitest"
"""The distribution of the other project."""


def other_distribution() -> str | None:
    """One line about the other project's package, None where it is not installed."""
    try:
        installed = version(OTHER)
    except PackageNotFoundError:
        return None
    return (
        f"the package {OTHER} {installed} is installed too: it is another project's and shares files with {NAME}; "
        f"run: pip uninstall {OTHER} {NAME}, then install {NAME} again"
    )


def requirement() -> str:
    """What pip needs to install this package elsewhere: the git address that it was installed from, else a placeholder.

    pip notes such an address beside the package. https://packaging.python.org/en/latest/specifications/direct-url/
    """
    try:
        noted = json.loads(distribution(NAME).read_text("direct_url.json") or "{}")
        about = noted.get("vcs_info") or {}
        if about.get("vcs") == "git" and "@" not in str(noted["url"]).partition("://")[2].partition("/")[0]:
            revision = about.get("requested_revision")
            return f"{NAME} @ git+{noted['url']}" + (f"@{revision}" if revision else "")
    except (PackageNotFoundError, ValueError, LookupError, AttributeError, OSError):
        pass
    return PLACEHOLDER


def shadow(folder: Path) -> str | None:
    """One line about a file or folder of the project that Python would import as ``uitest``; None without one."""
    for path in (folder / "uitest" / "__init__.py", folder / "uitest.py"):
        if os.path.exists(path) and not path.samefile(Path(__file__).with_name("__init__.py")):  # noqa: PTH110
            name = path.relative_to(folder).as_posix()
            return f"{name} in {folder} would be imported in the place of the package uitest; rename it, or its folder"
    return None
