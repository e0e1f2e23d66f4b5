"""Records which file a pytest process is importing, so that a file that ends its process can be named."""

import contextlib
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from uitest.compat import pytest_private
from uitest.executors.pytest_session import import_file
from uitest.plugin.worker.exits import EXIT_EXCEPTIONS, described


class ImportNotes:
    """A pytest plugin object that keeps a file with the name of what is being imported; empty when nothing is."""

    def __init__(self, plan: Path) -> None:
        """``plan`` is the file that the notes lie beside (see ``pytest_session.import_file``)."""
        self._plan = plan
        self._file: int | None = None
        self._names: list[str] = []
        """What is being imported, the outermost first."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> None:
        """Begin before any conftest file is loaded."""
        self.watch(early_config)

    def watch(self, config: pytest.Config) -> None:
        """Note each conftest file that is loaded from now on, and turn one that tries to end pytest into an error."""

        def load_noted(path: str, load: Callable[[], Any]) -> Any:
            name = os.path.relpath(path, config.rootpath)
            refuse = pytest.Collector.CollectError if self._names else pytest.UsageError
            with self._importing(name):
                try:
                    return load()
                except (Exception, *EXIT_EXCEPTIONS) as exc:
                    stop = exc if isinstance(exc, EXIT_EXCEPTIONS) else exc.__cause__
                    if not isinstance(stop, EXIT_EXCEPTIONS):
                        raise
                    raise refuse(f"{name} cannot be loaded: it tried to end pytest: {described(stop)}") from exc

        pytest_private.around_conftests(config, load_noted)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Note each file that is collected."""
        with self._importing(collector.nodeid or "the cases"):
            return (yield)

    @contextlib.contextmanager
    def _importing(self, name: str) -> Iterator[None]:
        self._names.append(name)
        self._write()
        try:
            yield
        finally:
            self._names.pop()
            self._write()

    def _write(self) -> None:
        if self._file is None:
            self._file = os.open(import_file(self._plan), os.O_WRONLY | os.O_CREAT, 0o600)
        name = self._names[-1].encode(errors="replace") if self._names else b""
        os.pwrite(self._file, name, 0)
        os.ftruncate(self._file, len(name))
