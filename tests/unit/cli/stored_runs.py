"""Runs in the store of a project, for tests of the command line."""

from typing import Any

from tests.support import builders
from tests.support.builders import NOW, make_attempt
from uitest.jobs.plan import make_plan
from uitest.model import Module, RunState, Verdict
from uitest.storage.stores.sqlite import SqliteStore


def make_run(
    store: SqliteStore,
    run_id: str = "r",
    verdicts: tuple[Verdict, Verdict] = (Verdict.PASSED, Verdict.FAILED),
    **fields: Any,
) -> None:
    """A finished run of two jobs, by default one that passed and one that failed."""
    jobs = make_plan([Module("m1", ("tc1", "tc2"))], ["chrome"])
    store.create_run(
        builders.make_run(run_id, **{"planned": 2, "state": RunState.FINISHED, "finished_at": NOW + 5, **fields}), jobs
    )
    for job, verdict in zip(jobs, verdicts, strict=True):
        store.claim(run_id, job.key, 1, "me", NOW, 60)
        error = "expected 3" if verdict is Verdict.FAILED else None
        store.finish(run_id, job.key, make_attempt(verdict=verdict, error=error))
