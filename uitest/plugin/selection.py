"""What a session of ``uitest watch`` is limited to, and what it tells the watcher; both are files.

The variable ``UITEST_WATCH`` names the file with the selection; the result is written beside it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

VARIABLE = "UITEST_WATCH"

COMMON = ("conftest.py", "__init__.py")
"""Files that are not collected for their own sake."""


@dataclass(frozen=True)
class Selection:
    """What a session is limited to; None means no limit."""

    files: frozenset[str] | None = None
    """Test files."""
    nodes: frozenset[str] | None = None
    """Tests by pytest's id."""

    def write(self, file: Path) -> None:
        """Write it for the session. Raises OSError."""
        limits = {"files": self.files, "nodes": self.nodes}
        file.write_text(json.dumps({name: sorted(limit) for name, limit in limits.items() if limit is not None}))

    @classmethod
    def read(cls, file: Path) -> Self:
        """What was written. Raises OSError."""
        return cls(**{name: frozenset(limit) for name, limit in json.loads(file.read_text()).items()})

    def has_file(self, path: Path) -> bool:
        """Whether tests of this file are to run."""
        return self.files is None or path.name in COMMON or str(path) in self.files

    def has(self, item: pytest.Item) -> bool:
        """Whether this test is to run."""
        file = item.nodeid.partition("::")[0]
        return self.has_file(item.path) and (self.nodes is None or bool({item.nodeid, file} & self.nodes))


@dataclass
class SessionResult:
    """How a session ended."""

    root: str = ""
    """pytest's root folder."""
    failed: list[str] = field(default_factory=list)
    """Ids of tests that failed, and of files that could not be collected."""
    traces: list[str] = field(default_factory=list)
    """Traces of failed tests."""
    ran: int = 0
    """Number of tests that ran."""

    @classmethod
    def read(cls, selection: Path) -> Self:
        """The result of the session with this file of a selection; empty if it was not even configured."""
        file = result_file(selection)
        return cls(**json.loads(file.read_text())) if file.exists() else cls()


def result_file(selection: Path) -> Path:
    """The file of the result."""
    return selection.with_suffix(".result")


def selection_file(environ: Mapping[str, str]) -> Path | None:
    """The file with the selection, None outside of a watcher's session."""
    return Path(environ[VARIABLE]) if VARIABLE in environ else None
