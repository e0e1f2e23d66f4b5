"""Whole runs in real processes: a project in an empty folder, and the command as a user would call it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.inner_pytest import FEW_PLUGINS
from tests.support.processes import eventually
from uitest.cli.commands.status import describe
from uitest.model import JobRow, Module
from uitest.reporting.web_server import SiteServer
from uitest.storage.stores.sqlite import SqliteStore

LIMIT_S = 120
"""No command takes nearly so long; one that does fails its test."""

OURS = ("UITEST_", "PYTEST_", "AWS_", "CODEBUILD_")
ALIASES = ("BROWSER", "WebURL", "MODULES", "ModuleTable", "StatusTable", "ArtifactBucket")

HELPERS = '''
import os, time
from pathlib import Path

HERE = Path(__file__).parent

def ran(name):
    """Remember each execution, with its process."""
    with (HERE / "ran.txt").open("a") as file:
        file.write(f"{name} {os.getpid()}\\n")

def wait_for(name):
    """Block until the test lets us go on."""
    for _ in range(3000):
        if (HERE / name).exists():
            return
        time.sleep(0.02)
    raise AssertionError("nobody opened the gate")
'''


@dataclass
class Project:
    """A folder with case files, a store and a site, and a command to work on them."""

    folder: Path
    url: str
    environ: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def cases(self, text: str, name: str = "test_it.py") -> None:
        """Write a case file that may use the helpers."""
        folder = self.folder / "cases"
        folder.mkdir(exist_ok=True)
        (folder / "helpers.py").write_text(HELPERS)
        (folder / name).write_text(f"from helpers import *\nimport pytest\n{text}")

    def modules(self, *modules: Module) -> None:
        """Fill the module table."""
        with self.store() as store:
            store.put_modules(modules)

    def store(self) -> "Opened":
        """The store, to be closed at the end of a block."""
        return Opened(self.folder / ".uitest" / "uitest.db")

    def start(
        self, *words: str, environ: Mapping[str, str] | None = None, stderr: Any = None, program: str = "uitest"
    ) -> subprocess.Popen[str]:
        """The command, not waited for; it is killed at the end of the test if it still runs."""
        process = subprocess.Popen(
            [sys.executable, "-m", program, *words],
            cwd=self.folder,
            env={**self.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if stderr is None else stderr,
            text=True,
        )
        self.started.append(process)
        return process

    def run(
        self, *words: str, code: int = 0, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """The command, its exit code checked; a defect shows everything it said."""
        return self.end(self.start(*words, environ=environ), code)

    def end(self, process: subprocess.Popen[str], code: int = 0) -> subprocess.CompletedProcess[str]:
        """Wait for a command and check its exit code."""
        out, err = process.communicate(timeout=LIMIT_S)
        assert "Traceback" not in (err or ""), err
        assert process.returncode == code, f"exit code {process.returncode}\n{out}\n{err}"
        return subprocess.CompletedProcess(process.args, process.returncode, out, err or "")

    def ran(self) -> list[str]:
        """Names of the executions so far."""
        return [line.split()[0] for line in self._lines()]

    def process_of(self, name: str) -> int:
        """The process that executed a case last."""
        return next(int(line.split()[1]) for line in reversed(self._lines()) if line.split()[0] == name)

    def _lines(self) -> list[str]:
        path = self.folder / "cases" / "ran.txt"
        return path.read_text().splitlines() if path.exists() else []

    def wait_until_ran(self, name: str) -> None:
        """Wait until a case has begun."""
        eventually(lambda: name in self.ran(), f"{name} ran")

    def open_gate(self, name: str = "go") -> None:
        """Let waiting cases go on."""
        (self.folder / "cases" / name).touch()

    def status(self, run_id: str) -> dict[str, Any]:
        """What ``status --json`` prints of a run, without a process for it."""
        with self.store() as store:
            status: dict[str, Any] = json.loads(
                json.dumps(describe(store.run(run_id), store.jobs(run_id), time.time()))
            )
            return status

    def rows(self, run_id: str) -> dict[str, JobRow]:
        """The rows of a run by case."""
        with self.store() as store:
            return {row.job.case: row for row in store.jobs(run_id)}

    def junit(self) -> dict[str, str]:
        """Case ids of the JUnit file and what became of them."""
        root = ElementTree.parse(self.folder / ".uitest" / "junit.xml").getroot()  # noqa: S314  our own file
        bad = {"failure", "error", "skipped"}
        return {
            case.get("name", ""): next((child.tag for child in case if child.tag in bad), "passed")
            for case in root.iter("testcase")
        }


class Opened:
    """A store in a ``with`` statement."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> SqliteStore:
        self._store = SqliteStore(self._path)
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()


@pytest.fixture(scope="session")
def site_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site under test with one page that complains on its console."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>Shop</title><h1>Shop</h1>"
        "<script>console.error('the basket is broken')</script>"
    )
    with SiteServer(folder) as server:
        yield server.url


@pytest.fixture
def project(tmp_path: Path, site_url: str) -> Iterator[Project]:
    """An empty one, without any setting of whoever runs these tests."""
    clean = {n: v for n, v in os.environ.items() if not n.startswith(OURS) and n not in ALIASES}
    environ = {
        **clean,
        "UITEST_URL": site_url,
        "UITEST_WORKERS": "1",
        "UITEST_OFFLINE": "1",
        # Of no use to these cases, and half of what starting their pytest costs.
        "PYTEST_ADDOPTS": FEW_PLUGINS,
    }
    project = Project(tmp_path, site_url, environ)
    yield project
    for process in project.started:
        if process.poll() is None:
            process.kill()
        process.communicate()
