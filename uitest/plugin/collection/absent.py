"""Explains why an existing case was not collected: its module skips itself, or it was deselected or ignored."""

import ast
import inspect
import logging
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

from uitest import log
from uitest.compat import pytest_private
from uitest.model import Job, Verdict
from uitest.plugin.collection.case_ids import Ids, case_id, is_file_id
from uitest.trace.source import Project

LOGGER = logging.getLogger(__name__)

OWN_HOOKS = ("_pytest.", "xdist.", "__channelexec__", "uitest.")
"""Modules whose hooks report each test that they deselect; the third is xdist's in a worker."""


@dataclass(frozen=True, slots=True)
class Uncollected:
    """A file whose tests are unknown, since it skipped itself or tried to end pytest during its import.

    A conftest file stands for all tests in its folder.
    """

    path: Path
    reason: str

    def may_hold(self, case: str) -> bool:
        """Whether a case may be one of its tests, by the file's name or because the id of a mark is in it.

        A case with the name of the file itself stands for all that are in it (see ``case_ids.file_id``).
        """
        is_it = f"/{self.path.as_posix()}".endswith(f"/{case}")
        return is_it or is_in(case, self.place) or case.partition("[")[0] in self._texts()

    @property
    def place(self) -> Path:
        """The file, or the folder of a conftest file."""
        return self.path.parent if self.path.name == "conftest.py" else self.path

    def _texts(self) -> set[str]:
        files = self.place.rglob("*.py") if self.place.is_dir() else [self.place]
        return {text for file in files for text in _texts(file)}


def _texts(file: Path) -> set[str]:
    with log.suppress(LOGGER, f"{file} cannot be searched for ids", OSError, ValueError, SyntaxError):
        values = [node.value for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.Constant)]
        return {value for value in values if isinstance(value, str)}
    return set()


def is_in(case: str, path: Path) -> bool:
    """Whether an id without a mark belongs to this file, or to a file in this folder."""
    file, separator, _ = case.partition("::")
    if not separator:
        return False
    files = path.rglob(f"{file.rpartition('/')[2]}.py") if path.is_dir() else [path]
    return any(f"/{path.with_suffix('').as_posix()}".endswith(f"/{file}") for path in files)


class Absences:
    """A pytest plugin that records skipped and ignored files, and who deselected which case."""

    def __init__(self) -> None:
        self.skipped: list[Uncollected] = []
        self._ignored: list[Path] = []
        self._deselected: dict[str, str] = {}
        """Who deselected each case, by its id."""
        self._config: pytest.Config | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Keep the configuration."""
        self._config = config

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record a file that skipped itself."""
        if report.skipped and self._config is not None:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
            path = self._config.rootpath / report.nodeid.partition("::")[0]
            self.skipped.append(Uncollected(path, reason.removeprefix("Skipped: ")))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> Generator[None, bool | None, bool | None]:
        """Record ignored paths: ``collect_ignore`` of a conftest file, ``--ignore``, ``norecursedirs``."""
        ignored = yield
        if ignored and collection_path.name != "__pycache__":
            self._ignored.append(collection_path)
        return ignored

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Record who deselected these tests: the caller of this hook."""
        frame = sys._getframe(1)
        while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith("pluggy"):
            frame = frame.f_back
        who = self._deselector(frame)
        for item in items:
            self._deselected.setdefault(case_id(item), who)

    def verdict(self, job: Job, ids: Ids, left_out: Sequence[Uncollected]) -> tuple[Verdict, str]:
        """Verdict and reason of a job for whose case there is no test; ``left_out`` are the files that end pytest."""
        case = job.case
        ended, skipped = (
            next((file.reason for file in files if file.may_hold(case)), None) for files in (left_out, self.skipped)
        )
        if ended is None and skipped is not None:
            return Verdict.SKIPPED, skipped
        return Verdict.ERROR, ended or self._explain(case, ids) or (
            f"no case {case!r} in the case files; correct module {job.module!r} or the case's id"
        )

    def _explain(self, case: str, ids: Ids) -> str | None:
        """Why an existing case was not collected; None for one that does not exist."""
        if is_file_id(case):
            return (
                f"case {case!r} stands for a file that ended pytest, and no longer does: start a new run for its cases"
            )
        own = ids.accepted.get(case, case)
        if own in self._deselected:
            return f"case {case!r} was deselected by {self._deselected[own]}; a run takes only what pytest would run"
        if case in ids.accepted:
            return f"case {case!r} was removed by {self._removers()}; a run takes only what pytest would run"
        path = next((path for path in self._ignored if is_in(case, path)), None)
        if path is None:
            return None
        return (
            f"case {case!r} was not collected: {path.name} is left out by collect_ignore in a conftest file, "
            "--ignore or norecursedirs"
        )

    def _deselector(self, caller: FrameType) -> str:
        """Who called the hook: an option, a line of the suite or a package."""
        module = str(caller.f_globals.get("__name__", ""))
        option = self._config.option if self._config is not None else None
        named = pytest_private.selecting_options(module)
        given = [f"{name} {_words(value)}".strip() for name, dest in named if (value := getattr(option, dest, None))]
        return " or ".join(given) or self._place(caller.f_code.co_filename, caller.f_lineno, module)

    def _removers(self) -> str:
        """The hooks that may have removed a case without calling ``pytest_deselected``."""
        hooks = self._config.hook.pytest_collection_modifyitems.get_hookimpls() if self._config is not None else []
        functions = [inspect.unwrap(hook.function) for hook in hooks]
        codes = [(getattr(function, "__code__", None), function.__module__) for function in functions]
        places = [
            self._place(code.co_filename, code.co_firstlineno, module)
            for code, module in codes
            if code is not None and not module.startswith(OWN_HOOKS)
        ]
        hook = f"a pytest_collection_modifyitems hook{' of ' + ' or '.join(dict.fromkeys(places)) if places else ''}"
        return f"{hook}, which did not report it as deselected"

    def _place(self, file: str, line: int, module: str) -> str:
        """A line of the suite, or the package of another file."""
        name = Project(self._config.rootpath).name(file) if self._config is not None else None
        return f"{name}:{line}" if name is not None else f"the package {module.partition('.')[0]}"


def _words(value: object) -> str:
    """The value of an option as on the command line; none for a switch."""
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return "" if value is True else str(value)
