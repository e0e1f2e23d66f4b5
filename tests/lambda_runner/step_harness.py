"""Runs whose state machine's steps are called one by one."""

import json
import time
from pathlib import Path
from typing import Any

from lambda_runner.steps import dispatch
from tests.support.builders import make_attempt, make_run
from uitest.executors.attempt import Assignment, Task
from uitest.executors.aws.event import Invocation
from uitest.model import Job, JobRow, Run, Verdict
from uitest.storage.stores import open_store

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:uitest"

JOBS = [Job("m", case, "chrome") for case in "abc"]


class StepHarness:
    """A store that steps open by its words, and a folder for their files."""

    def __init__(self, folder: Path, spec: str) -> None:
        self.folder, self.spec = folder, spec
        self.store = open_store(spec)

    def run(self, **settings: Any) -> Run:
        """A run of three jobs that has begun."""
        places = {"site": str(self.folder / "site"), "artifacts": str(self.folder / "site" / "artifacts")}
        now = time.time()
        known = {**places, "drive": "r-0", **settings}
        run = make_run("r", planned=3, started_at=now, beat_at=now, settings=known)
        self.store.create_run(run, JOBS)
        return run

    def finish(self, case: str, verdict: Verdict = Verdict.PASSED, number: int = 1) -> None:
        """An attempt that is made and reported."""
        key = Job("m", case, "chrome").key
        assert self.store.claim("r", key, number, "w", time.time(), 60)
        assert self.store.finish("r", key, make_attempt(number, "w", verdict, started_at=time.time()))

    def claim(self, case: str, lease_s: float = 60.0) -> None:
        """One that is made."""
        assert self.store.claim("r", Job("m", case, "chrome").key, 1, "w", time.time(), lease_s)

    def do(self, step: str, **event: Any) -> dict[str, Any]:
        """A step's answer, for an event of this run."""
        return dispatch.take({"uitest": 1, "step": step, "run": "r", "store": self.spec, "drive": "r-0", **event})

    def rows(self) -> dict[str, JobRow]:
        """The rows by case."""
        return {row.job.case: row for row in self.store.jobs("r")}

    def event(self, *cases: str) -> dict[str, Any]:
        """What an invocation of these cases was sent."""
        tasks = tuple(Task(Job("m", case, "chrome"), 1) for case in cases)
        event: dict[str, Any] = json.loads(
            Invocation("http://x", Assignment("r", self.spec, "shots", 0, tasks)).to_event()
        )
        return event
