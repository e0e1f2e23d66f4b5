"""A function's environment, with a folder of cases and an embedded store."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from tests.support.aws.servers import FAKE_AWS
from tests.support.builders import make_run
from tests.support.inner_pytest import FEW_PLUGINS
from uitest.executors.attempt import Assignment, Task
from uitest.executors.aws.event import Invocation
from uitest.model import Job, JobRow
from uitest.storage.stores.sqlite import SqliteStore


@dataclass
class Function:
    """One environment of the function, and the store that it reports to."""

    folder: Path
    store: SqliteStore
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def cases(self, text: str) -> None:
        """What is in the image."""
        (self.folder / "cases").mkdir(exist_ok=True)
        (self.folder / "cases" / "test_it.py").write_text(text)

    def plan(self, *cases: str, engine: str = "chrome", run: str = "r") -> list[Task]:
        """A run of these tests, written down."""
        jobs = [Job("m", f"test_it::{case}", engine) for case in cases]
        self.store.create_run(make_run(run, planned=len(jobs)), jobs)
        return [Task(job, 1) for job in jobs]

    def event(self, tasks: list[Task], *, run: str = "r", reuse: bool = False, **more: Any) -> bytes:
        """What the executor would send for these tasks."""
        assignment = Assignment(
            run, f"sqlite:{self.folder / 'uitest.db'}", str(self.folder / "shots"), 0, tuple(tasks), **more
        )
        return Invocation("http://127.0.0.1:1", assignment, reuse_browser=reuse).to_event()

    def start(self, seconds: float = 60.0, **more: str) -> subprocess.Popen[str]:
        """An environment whose invocations may take so long, with more variables."""
        (self.folder / "tmp").mkdir(exist_ok=True)
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("UITEST_", "PYTEST_"))}
        ours = {
            "TMPDIR": str(self.folder / "tmp"),
            "AWS_LAMBDA_RUNTIME_API": "none",  # says that nobody else writes to the folder for temporary files
            "PYTEST_ADDOPTS": FEW_PLUGINS,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "UITEST_OFFLINE": "1",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.aws.invoke", str(seconds)],
            cwd=self.folder, env={**clean, **ours, **more}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def answer(self, process: subprocess.Popen[str], event: bytes) -> dict[str, Any]:
        """What an environment answers."""
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(event.decode() + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer

    def invoke(self, event: bytes, seconds: float = 60.0) -> dict[str, Any]:
        """The answer of a new environment."""
        return self.answer(self.start(seconds), event)

    def rows(self, run: str = "r") -> dict[str, JobRow]:
        """The rows of a run by the tests' names."""
        return {row.job.case.removeprefix("test_it::"): row for row in self.store.jobs(run)}


@pytest.fixture
def function(tmp_path: Path) -> Iterator[Function]:
    """One with nothing in it."""
    store = SqliteStore(tmp_path / "uitest.db")
    function = Function(tmp_path, store)
    yield function
    for process in function.processes:
        process.kill()
        process.communicate()
    store.close()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An AWS account in this process (moto)."""
    for name, value in FAKE_AWS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("UITEST_URL", raising=False)
    with mock_aws():
        yield
