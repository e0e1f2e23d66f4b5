"""Step ``plan``: a run written down, and the list of invocations that its map makes.

An execution's input either asks for a run (see ``execution_input``) or names one that is in the store, as ``uitest
run`` and ``uitest resume`` do: ``{"run": ..., "store": ...}``. Everything else about such a run is in its header, so
an input has nothing secret and does not grow with the plan. The list goes into the artifacts place: states hold 256
KB.

Only jobs without a final outcome are on it, so to redrive an execution is to come here again. A *drive* is one go of an
execution: its start, or one redrive. A run that ends with work left sends its execution back here, and here it fails,
since a redriven execution goes on at the state that failed. What is known of the drive in the header tells the two
visits apart. Given up: redriving from the console's map run alone, which repeats children, not jobs.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Self

from lambda_runner import execution_input
from lambda_runner.state_machine_steps import mapping, text
from uitest.config import DEFAULT_STORE, RunSettings
from uitest.errors import RunExists, Unfinished, UnknownRun, UsageError
from uitest.executors.attempt import Task
from uitest.executors.aws.batches import batches
from uitest.executors.aws.event import Invocation
from uitest.jobs.outcome import is_open
from uitest.model import Run, RunState, safe_name
from uitest.run.coordinator import take_over
from uitest.run.header import draft, make_header
from uitest.run.stop_conditions import failures
from uitest.storage.files import S3Place, open_place
from uitest.storage.stores import Store, open_store

EVENT_LIMIT = 64 * 1024
"""Bytes of an invocation's event: a state holds 256 KB, and an answer repeats its tasks."""
MOST_INVOCATIONS = 100_000
"""A map without a place for results gathers some bytes of each child, and fails beyond 256 KB."""


@dataclass(frozen=True)
class Drive:
    """One go of an execution."""

    execution: str
    """Its name."""
    redrives: int

    @classmethod
    def of(cls, execution: Mapping[str, Any]) -> Self:
        """The drive that Step Functions describes; it counts redrives, and may leave out that there was none."""
        redrives = execution.get("RedriveCount", 0)
        if not isinstance(redrives, int):
            raise UsageError(f"the execution's RedriveCount must be a number, not {redrives!r}")
        return cls(text(execution, "Name"), redrives)

    @property
    def id(self) -> str:
        """Unique in a state machine, safe in names of files."""
        return f"{self.execution}-{self.redrives}"


def handle(event: Mapping[str, Any]) -> dict[str, Any]:
    """The run, written down and listed.

    Answers with ``run``, ``store``, ``drive``, ``bucket`` and ``key`` of the list, ``max_concurrency``, and ``proof``:
    the event of an invocation without tasks. Raises UsageError, as Unfinished for a run that has ended in this drive;
    StoreError, PlaceError.
    """
    execution, machine = mapping(event, "execution"), text(event, "machine")
    given = execution.get("Input") or {}
    if not isinstance(given, dict):
        raise UsageError(f"the execution's input must be an object, not {given!r}")
    drive = Drive.of(execution)
    if "run" in given:
        spec = str(given.get("store") or os.environ.get("UITEST_STORE") or DEFAULT_STORE)
        with closing(open_store(spec)) as store:
            return _answer(store, spec, _take(store, text(given, "run"), drive))
    asked = execution_input.read(given, machine)
    with closing(open_store(asked.store)) as store:
        return _answer(store, asked.store, _make(store, asked, drive))


def _make(store: Store, asked: execution_input.ExecutionInput, drive: Drive) -> Run:
    """The run that is asked for, written down; it may be there already if this step was begun before."""
    run_id, now = asked.run_id or drive.execution, time.time()
    before = _find(store, run_id)
    if before is not None:
        if before.settings.get("execution") != drive.execution:
            raise RunExists(f"a run {run_id!r} is already in the store; give the execution another name, or a run_id")
        if before.state is not RunState.PLANNING:
            return _take(store, run_id, drive)
        store.delete_run(run_id)  # this step ended in the middle of writing it; nothing has run yet
    chosen, plan = draft(store.modules(), asked.modules, asked.browsers)
    header = make_header(
        run_id, asked.url, chosen, plan, asked.settings, now, store=asked.store, execution=drive.execution
    )
    store.create_run(header, plan)
    return _begin(store, store.run(run_id), drive)


def _take(store: Store, run_id: str, drive: Drive) -> Run:
    """A run that is in the store, if it is this execution's to go on with."""
    run = store.run(run_id)
    if run.settings.get("executor") != "stepfunctions":
        raise UsageError(f"run {run_id!r} is not a state machine's; continue with: uitest resume {run_id}")
    if run.settings.get("execution") != drive.execution:
        if run.state is RunState.FINISHED:
            raise UsageError(f"run {run_id!r} is over; run failed jobs again with: uitest rerun {run_id} --failed")
        return _begin(store, take_over(store, run_id, time.time()), drive)
    if run.settings.get("drive") != drive.id:
        return _begin(store, run, drive)
    if run.finished_at is not None:
        raise Unfinished(f"{run.note or 'the run has ended with work left'}; redrive the execution to go on")
    return run


def _begin(store: Store, run: Run, drive: Drive) -> Run:
    """Note in the header that this drive has the run; what stopped an earlier one must not stop it at once again."""
    now, retries = time.time(), RunSettings.from_json(run.settings).retries
    # The coordinator was whoever started the execution, who may go now; signs of life come from its steps.
    kept = {name: value for name, value in run.settings.items() if name != "coordinator"}
    settings = {
        **kept,
        "execution": drive.execution,
        "drive": drive.id,
        "driven_at": now,
        "failed_before": len(failures(store.jobs(run.id), run, retries, now)),
        "told": False,
    }
    ended = run.finished_at is not None
    changes: dict[str, Any] = {"state": RunState.RUNNING, "finished_at": None, "note": None} if ended else {}
    return store.update_run(run.id, settings=settings, beat_at=now, **changes)


def _find(store: Store, run_id: str) -> Run | None:
    try:
        return store.run(run_id)
    except UnknownRun:
        return None


def _answer(store: Store, spec: str, run: Run) -> dict[str, Any]:
    """What the state machine is told; a run that it cannot make is marked so."""
    try:
        return _list(store, spec, run)
    except UsageError as exc:
        store.update_run(run.id, state=RunState.INTERRUPTED, finished_at=time.time(), note=str(exc))
        raise


def _list(store: Store, spec: str, run: Run) -> dict[str, Any]:
    settings, now = RunSettings.from_json(run.settings), time.time()
    place = open_place(settings.artifacts)
    if not isinstance(place, S3Place):
        raise UsageError(f"a state machine's artifacts must be in a bucket: s3://BUCKET/PREFIX, not {place.spec!r}")
    invocation = Invocation.of(run, spec)
    # One that a worker holds is waited for: it may never report.
    tasks = [Task(row.job, row.attempt + 1) for row in store.jobs(run.id) if is_open(row, run, settings.retries, now)]
    shared = batches(
        tasks, store.past(task.job.key for task in tasks), settings.cases_per_invocation, settings.max_concurrency,
        failed_first=settings.failed_first,
    )  # fmt: skip
    if len(shared) > MOST_INVOCATIONS:
        raise UsageError(
            f"{len(shared)} invocations are more than the {MOST_INVOCATIONS} that a state machine can make; "
            "have cases share them with --cases-per-invocation"
        )
    name = f"{safe_name(run.id)}/invocations-{safe_name(str(run.settings['drive']))}.json"
    place.write(name, b"[" + b",".join(_event(invocation, batch) for batch in shared) + b"]")
    bucket, key = place.address(name)
    return {
        "run": run.id,
        "store": spec,
        "drive": run.settings["drive"],
        "bucket": bucket,
        "key": key,
        "max_concurrency": settings.max_concurrency,
        "proof": json.loads(invocation.to_event()),
        "error": {"Cause": None},
    }


def _event(invocation: Invocation, batch: tuple[Task, ...]) -> bytes:
    event = replace(invocation, assignment=replace(invocation.assignment, tasks=batch)).to_event()
    if len(event) > EVENT_LIMIT:
        raise UsageError(
            f"{len(batch)} cases make an event of {len(event)} bytes, a state machine takes {EVENT_LIMIT}; "
            "give each invocation fewer with --cases-per-invocation"
        )
    return event
