"""A pytest plugin for sessions of ``uitest watch``: runs what the watcher has selected, and tells it what has failed.

Loaded with ``-p``, so that workers of pytest-xdist load it as well.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from uitest.plugin.selection import Selection, SessionResult, result_file, selection_file


class Watched:
    """The plugin of one session."""

    def __init__(self, file: Path) -> None:
        self._file, self._selection, self._result = file, Selection.read(file), SessionResult()

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out files that are not selected, without importing them."""
        is_ours = collection_path.suffix == ".py" and collection_path.is_file()
        return True if is_ours and not self._selection.has_file(collection_path) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out tests that are not selected."""
        others = [item for item in items if not self._selection.has(item)]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if self._selection.has(item)]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that cannot be collected."""
        if report.failed:
            self._result.failed.append(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that failed, with its trace."""
        self._result.ran += report.when == "call"
        if report.failed and report.nodeid not in self._result.failed:
            self._result.failed.append(report.nodeid)
        lines = [line for name, text in report.sections if name == "Browser" for line in text.splitlines()]
        self._result.traces += [line.removeprefix("trace: ") for line in lines if line.startswith("trace: ")]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the result."""
        self._result.root = str(session.config.rootpath)
        result_file(self._file).write_text(json.dumps(asdict(self._result)))


class WatchedWorker(Watched):
    """The same in a worker of pytest-xdist, where the result is the controller's."""

    def pytest_sessionfinish(self, session: Any) -> None:
        """Nothing to write."""


def pytest_configure(config: pytest.Config) -> None:
    """Limit a session of the watcher."""
    file = selection_file(os.environ)
    if file is not None:
        kind = WatchedWorker if hasattr(config, "workerinput") else Watched
        config.pluginmanager.register(kind(file), "uitest-watched")
