"""Leaves out files that end pytest, or its process, when they are imported, so that all other cases can run.

``sys.exit``, ``pytest.exit`` and KeyboardInterrupt are caught. Nothing catches ``os._exit`` or a crash: this process
notes what it imports, and a later one leaves the file out (see ``executors.import_notes``). The jobs of a file's cases
end as errors with the reason. A conftest file stands for the cases in its folder. That of the case folder itself is for
all of them, so that it ends the session.
"""

import contextlib
import functools
import linecache
import os
import sys
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NoReturn

import pytest

from uitest.compat import pytest_private
from uitest.executors.import_notes import ImportNote, encode, fatal, left_behind, note_file
from uitest.plugin.collection.absent import Uncollected
from uitest.plugin.worker.exits import EXIT_EXCEPTIONS, described
from uitest.short_text import first_line
from uitest.trace.source import Project

IMPORT_NOTES = "uitest-import-notes"
"""The plugin's name in a run."""

UNLOADABLE = "cannot be loaded"
"""What is said of a conftest file that raises another exception."""


class ImportNotes:
    """A pytest plugin that notes each import, and leaves out the files that end pytest by it."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is where the processes of this session keep their notes."""
        self.left_out: list[Uncollected] = []
        self._folder = folder
        self._file: int | None = None
        self._notes: list[ImportNote] = []
        """What is being imported, the outermost first."""
        self._root = Path()
        self._project = Project(self._root)
        self._given: list[Path] = []
        self._pid = os.getpid()
        self._exit: Callable[[int], NoReturn] = os._exit

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> None:
        """Begin before any conftest file is loaded."""
        self.watch(early_config)

    def watch(self, config: pytest.Config) -> None:
        """Begin, with what earlier processes have left behind."""
        self._root, self._project = config.rootpath, Project(config.rootpath)
        folder = config.invocation_params.dir
        self._given = [Path(os.path.normpath(folder / given)) for given in pytest_private.folders_given(config)]
        for note in fatal(left_behind(self._folder).values()):
            if note.optional:
                self.left_out.append(Uncollected(Path(note.path), note.reason))
        pytest_private.around_conftests(config, self._load)

    def _load(self, path: str, load: Callable[[], Any]) -> Any:
        """Load a conftest file; returns an empty module for one that is left out."""
        file, is_collecting = Path(path), bool(self._notes)
        optional = is_collecting or any(given in file.parent.parents for given in self._given)
        if not self._is_left_out(file.parent):
            with self._noted(file, optional):
                try:
                    return load()
                except (Exception, *EXIT_EXCEPTIONS) as exc:
                    cause = exc if isinstance(exc, EXIT_EXCEPTIONS) else exc.__cause__ or exc
                    if not (optional and isinstance(cause, EXIT_EXCEPTIONS)):
                        refuse = pytest.Collector.CollectError if is_collecting else pytest.UsageError
                        raise refuse(self._reason(file, cause)) from exc
                    self._leave_out(file, cause)
        return ModuleType("conftest")

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out a file that ended an earlier process, or the folder of such a conftest file."""
        return self._is_left_out(collection_path) or None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Note the import of each file, and collect nothing of one that tries to end pytest."""
        is_file = collector.path.is_file()
        if is_file:
            collector.collect = functools.partial(self._collect, collector, collector.collect)  # type: ignore[method-assign]
        try:
            with self._noted(collector.path, optional=is_file):
                report = yield
        except EXIT_EXCEPTIONS as exc:  # in a hook for a folder
            return pytest.CollectReport(collector.nodeid, "failed", self._reason(collector.path, exc), [])
        if self._is_left_out(collector.path):  # its conftest file is loaded only now
            return pytest.CollectReport(collector.nodeid, "passed", None, [])
        return report

    def _collect(self, collector: pytest.Collector, collect: Callable[[], Iterable[Any]]) -> Iterable[Any]:
        try:
            return list(collect())
        except EXIT_EXCEPTIONS as exc:
            self._leave_out(collector.path, exc)
            return []

    def _is_left_out(self, path: Path) -> bool:
        return any(left_out.place == path for left_out in self.left_out)

    def _leave_out(self, path: Path, stop: BaseException) -> None:
        self.left_out.append(Uncollected(path, self._reason(path, stop)))

    def _reason(self, path: Path, cause: BaseException) -> str:
        file, number = self._line(traceback.walk_tb(cause.__traceback__))
        place = f", at {self._name(Path(file))}:{number}: {linecache.getline(file, number).strip()}" if file else ""
        what = "tries to end pytest when it is imported" if isinstance(cause, EXIT_EXCEPTIONS) else UNLOADABLE
        return f"{self._name(path)} {what}: {first_line(described(cause))}{place}"

    def _line(self, frames: Iterable[tuple[FrameType, int]]) -> tuple[str, int]:
        """The innermost line of the suite, given the innermost frame last; an empty name if there is none."""
        lines = [(frame.f_code.co_filename, number) for frame, number in frames]
        return next((line for line in reversed(lines) if self._project.name(line[0]) is not None), ("", 0))

    def _name(self, path: Path) -> str:
        return os.path.relpath(path, self._root)

    @contextlib.contextmanager
    def _noted(self, path: Path, optional: bool) -> Iterator[None]:
        if not self._notes:
            self._exit, os._exit = os._exit, self._exit_noted
        self._notes.append(ImportNote(str(path), self._name(path), optional))
        self._write(self._notes[-1])
        try:
            yield
        finally:
            self._notes.pop()
            self._write(self._notes[-1] if self._notes else None)
            if not self._notes:
                os._exit = self._exit  # type: ignore[assignment]

    def _exit_noted(self, status: int) -> NoReturn:
        """``os._exit`` during an import, with a note of its place; a child of this process ends without one."""
        if self._notes and os.getpid() == self._pid:
            file, number = self._line(reversed(list(traceback.walk_stack(sys._getframe(1)))))
            place = f", at {self._name(Path(file))}:{number}" if file else ""
            self._write(replace(self._notes[-1], call=f"os._exit({status!r}){place}"))
        self._exit(status)

    def _write(self, note: ImportNote | None) -> None:
        if self._file is None:
            self._file = os.open(note_file(self._folder), os.O_WRONLY | os.O_CREAT, 0o600)
        content = encode(note) if note is not None else b""
        os.pwrite(self._file, content, 0)
        os.ftruncate(self._file, len(content))
