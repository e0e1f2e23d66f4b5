"""What a session of ``uitest watch`` is limited to, and what it tells the watcher; both are files.

The variable ``UITEST_WATCH`` names the file with the selection; the result is written beside it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Self

import pytest

VARIABLE = "UITEST_WATCH"

COMMON = ("conftest.py", "__init__.py")
"""Files that are not collected for their own sake."""


def nodes_with(test: str) -> set[str]:
    """The ids of a test, of its file, and of all folders above; that of the root is a dot."""
    file = test.partition("::")[0]
    return {test, file, *map(str, PurePosixPath(file).parents)}


@dataclass(frozen=True)
class Selection:
    """What a session is limited to; None means no limit."""

    files: frozenset[str] | None = None
    """Test files."""
    nodes: frozenset[str] | None = None
    """Ids of tests, and of files and folders with all tests in them."""

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
        return self.has_file(item.path) and (self.nodes is None or bool(nodes_with(item.nodeid) & self.nodes))


@dataclass
class SessionResult:
    """How a session went, as far as it came."""

    root: str = ""
    """pytest's root folder."""
    failed: list[str] = field(default_factory=list)
    """Ids of tests that failed, and of files and folders that could not be collected."""
    traces: list[str] = field(default_factory=list)
    """Traces of failed tests."""
    ran: int = 0
    """Number of tests that ran."""
    finished: list[str] = field(default_factory=list)
    """Ids of tests that came to their end, passed or not."""
    running: list[str] = field(default_factory=list)
    """Ids of tests that began and did not come to their end."""
    is_complete: bool = False
    """Whether pytest ended the session itself."""

    @classmethod
    def read(cls, selection: Path) -> Self:
        """The result of the session with this file of a selection; empty if it was not even configured."""
        file, result = _result_file(selection), cls()
        for line in file.read_text().splitlines() if file.exists() else ():
            result._add(*json.loads(line))
        return result

    def _add(self, event: str, value: str) -> None:
        """Add what ``note`` has written."""
        if event == "root":
            self.root = value
        elif event == "failed" and value not in self.failed:
            self.failed.append(value)
        elif event == "trace":
            self.traces.append(value)
        elif event == "started":
            self.running.append(value)
        elif event == "called":
            self.ran += 1
        elif event == "finished":
            self.finished.append(value)
            self.running = [test for test in self.running if test != value]
        elif event == "complete":
            self.is_complete = True


def note(selection: Path, event: str, value: str = "") -> None:
    """Write down an event of the session at once: its process may be killed at any moment.

    Events are ``root``, ``failed``, ``trace``, ``started``, ``called``, ``finished`` and ``complete``.
    """
    with _result_file(selection).open("a") as file:
        file.write(json.dumps([event, value]) + "\n")


def _result_file(selection: Path) -> Path:
    """The file of the result, with a line for each event."""
    return selection.with_suffix(".result")


def selection_file(environ: Mapping[str, str]) -> Path | None:
    """The file with the selection, None outside of a watcher's session."""
    return Path(environ[VARIABLE]) if VARIABLE in environ else None
