"""Reminds the user of a run that destructive tests are not skipped.

pytest-selenium skips every test without the mark ``nondestructive`` unless it is told which addresses are sensitive;
uitest skips none until it is told. A suite that uses the mark and names no sensitive address may rely on being skipped.

Trade-off: files are searched for the mark and the setting, since collecting the cases takes a second. A setting that is
put together elsewhere, in a plugin for example, is not found, and costs a line too many.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from uitest.cli.checks.project_survey import content, test_files

MARK = re.compile(rb"\bmark\.nondestructive\b")
SETTING = re.compile(rb"^[^#;\n]*\bsensitive[_-]url\b", re.MULTILINE | re.IGNORECASE)
"""The option, the setting or the fixture that says which addresses are sensitive, outside of a comment."""

VARIABLES = ("SENSITIVE_URL", "UITEST_SENSITIVE_URL")
CONFIGURATION = (
    "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "pyproject.toml", "tox.ini", "setup.cfg", "uitest.toml",
    "conftest.py",
)  # fmt: skip


def reminder(cases: Path, environ: Mapping[str, str]) -> str | None:
    """The reminder for cases that use the mark where no address is sensitive, or None."""
    if any(environ.get(name) for name in VARIABLES) or SETTING.search(environ.get("PYTEST_ADDOPTS", "").encode()):
        return None
    files = [content(path) for path in test_files(cases if cases.is_dir() else cases.parent)]
    if not any(map(MARK.search, files)):
        return None
    folder = cases.resolve()
    settings = [content(parent / name) for parent in (folder, *folder.parents) for name in CONFIGURATION]
    if any(map(SETTING.search, (*files, *settings))):
        return None
    return (
        "cases use @pytest.mark.nondestructive, but the tests without it run as well; to skip them, as pytest-selenium "
        "does, set SENSITIVE_URL='.*' (or sensitive_url in pytest's configuration)"
    )
