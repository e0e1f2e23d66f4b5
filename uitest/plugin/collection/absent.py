"""Explains why an existing case was not collected: its module skips itself, or it was deselected or ignored."""

import ast
import logging
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from uitest import log
from uitest.plugin.collection.cases import Ids

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that skipped itself during import, so that its tests are unknown."""

    path: Path
    reason: str

    def may_hold(self, case: str) -> bool:
        """Whether a case may be one of its tests: by the file's name, or because the file contains the id of a mark."""
        return is_in(case, self.path) or case.partition("[")[0] in self._texts()

    def _texts(self) -> set[str]:
        with log.suppress(LOGGER, f"{self.path} cannot be searched for ids", OSError, ValueError, SyntaxError):
            tree = ast.parse(self.path.read_bytes())
            values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
            return {value for value in values if isinstance(value, str)}
        return set()


def is_in(case: str, path: Path) -> bool:
    """Whether an id without a mark belongs to this file, or to a file in this folder."""
    file, separator, _ = case.partition("::")
    if not separator:
        return False
    if path.is_dir():
        return any(path.rglob(f"{file.rpartition('/')[2]}.py"))
    return f"/{path.with_suffix('').as_posix()}".endswith(f"/{file}")


class Absences:
    """A pytest plugin that records skipped and ignored files."""

    def __init__(self) -> None:
        self.skipped: list[Skipped] = []
        self._ignored: list[Path] = []
        self._config: pytest.Config | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Keep the configuration."""
        self._config = config

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record a file that skipped itself."""
        if report.skipped and self._config is not None:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
            path = self._config.rootpath / report.nodeid.partition("::")[0]
            self.skipped.append(Skipped(path, reason.removeprefix("Skipped: ")))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> Generator[None, bool | None, bool | None]:
        """Record ignored paths: ``collect_ignore`` of a conftest file, ``--ignore``, ``norecursedirs``."""
        ignored = yield
        if ignored and collection_path.name != "__pycache__":
            self._ignored.append(collection_path)
        return ignored

    def skip_reason(self, case: str) -> str | None:
        """The reason why the case's module skips itself; None if it does not."""
        return next((file.reason for file in self.skipped if file.may_hold(case)), None)

    def explain(self, case: str, ids: Ids) -> str | None:
        """Why an existing case was not collected; None for one that does not exist."""
        if case in ids.accepted:
            return f"case {case!r} was deselected by {self._deselector()}; a run takes only what pytest would run"
        path = next((path for path in self._ignored if is_in(case, path)), None)
        if path is None:
            return None
        return (
            f"case {case!r} was not collected: {path.name} is left out by collect_ignore in a conftest file, "
            "--ignore or norecursedirs"
        )

    def _deselector(self) -> str:
        options = self._config.option if self._config is not None else None
        named = {"-k": "keyword", "-m": "markexpr", "--deselect": "deselect"}
        deselectors = [f"{option} {value}" for option, dest in named.items() if (value := getattr(options, dest, None))]
        return " and ".join(deselectors) or "a conftest file or a plugin"
