"""A pytest plugin for sessions of ``uitest watch``: runs what the watcher has selected, and tells it what has failed.

Loaded with ``-p``, so that workers of pytest-xdist load it as well.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from uitest.plugin.selection import Selection, note, selection_file


class Selector:
    """Limits a session to a selection."""

    def __init__(self, file: Path) -> None:
        self._selection = Selection.read(file)

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


class Recorder:
    """Tells the watcher what happens in a session."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that cannot be collected."""
        if report.failed:
            note(self._file, "failed", report.nodeid)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note a test that begins."""
        note(self._file, "started", nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test goes, with the trace of one that failed."""
        if report.when == "call":
            note(self._file, "called", report.nodeid)
        if report.failed:
            note(self._file, "failed", report.nodeid)
        lines = [line for name, text in report.sections if name == "Browser" for line in text.splitlines()]
        for line in lines:
            if line.startswith("trace: "):
                note(self._file, "trace", line.removeprefix("trace: "))
        if report.when == "teardown":
            note(self._file, "finished", report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Note that pytest ends the session."""
        note(self._file, "complete")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Note a conftest file that cannot be imported, as its folder: pytest ends before there is a session."""
    try:
        return (yield)
    except Exception as exc:
        file, path = selection_file(os.environ), getattr(exc, "path", None)
        if file is not None and isinstance(path, Path):
            note(file, "root", str(early_config.rootpath))
            note(file, "failed", Path(os.path.relpath(path.parent, early_config.rootpath)).as_posix())
        raise


def pytest_configure(config: pytest.Config) -> None:
    """Limit a session of the watcher, and record it except in workers of pytest-xdist, whose controller does."""
    file = selection_file(os.environ)
    if file is not None:
        config.pluginmanager.register(Selector(file), "uitest-watch-selector")
        if not hasattr(config, "workerinput"):
            note(file, "root", str(config.rootpath))
            config.pluginmanager.register(Recorder(file), "uitest-watch-recorder")
