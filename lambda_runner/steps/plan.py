"""Step ``plan``: creates or takes over a run, and writes the lists of invocations for its maps.

An execution's input either has the options of a new run (see ``execution_input``) or names an existing one, as those of
``uitest run`` and ``uitest resume`` do: ``{"run": ..., "store": ...}``. Everything else is in the run's header, so that
the input has no secrets and does not grow with the plan. The lists are written to the artifacts place, because states
are limited to 256 KB.

The lists have only jobs without a final outcome, so a redrive of the execution repeats this step. A *drive* is the
start of an execution or one redrive. When a run ends with jobs left, its execution comes back to this step and fails
here, because a redrive continues at the state that failed. The drive in the run's header distinguishes the two visits.
Trade-off: a redrive of the map run alone, in the console, repeats children and not jobs.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from lambda_runner.steps import execution_input
from lambda_runner.steps.dispatch import mapping, text
from uitest.config import DEFAULT_STORE, RunSettings
from uitest.errors import RunExists, Unfinished, UnknownRun, UsageError
from uitest.executors.attempt import Task
from uitest.executors.aws.batches import batches
from uitest.executors.aws.event import Invocation
from uitest.jobs.outcome import is_open
from uitest.jobs.owners import owned
from uitest.model import Module, Run, RunState
from uitest.quarantine import Quarantine
from uitest.run.coordinator import take_over
from uitest.run.header import draft, make_header
from uitest.run.stop_conditions import failures
from uitest.short_text import safe_name
from uitest.storage.files import S3Place, open_place
from uitest.storage.quarantine_file import FILE as QUARANTINE_FILE
from uitest.storage.quarantine_file import read_quarantine
from uitest.storage.stores import Store, open_store

T = TypeVar("T")

EVENT_LIMIT = 64 * 1024
"""Maximum size in bytes of an invocation's event: a state is limited to 256 KB, and a result repeats the tasks."""
STATE_LIMIT = 256 * 1024
"""Maximum size in bytes of a state's input or output
(https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, read 2026-11)."""
LIST_LENGTH = (STATE_LIMIT - len("[]") + 1) // len("0,")
"""Maximum number of invocations in a list. A distributed map over a list collects the results of all of its children,
each of them ``0``; that a map discards them afterwards (``ResultPath``) does not help, it has failed by then
(https://github.com/aws/aws-cdk/issues/24799). A run has as many lists as it takes, one after the other."""
MAX_LISTS = 100
"""An execution has 25,000 events at most, of which the pages' polls may need 20,000 (see ``backoff``)."""


@dataclass(frozen=True)
class Drive:
    """The start of an execution or one redrive of it."""

    execution: str
    """Name of the execution."""
    redrives: int

    @classmethod
    def of(cls, execution: Mapping[str, Any]) -> Self:
        """The drive in Step Functions' context object, where ``RedriveCount`` may be missing."""
        redrives = execution.get("RedriveCount", 0)
        if not isinstance(redrives, int):
            raise UsageError(f"the execution's RedriveCount must be a number, not {redrives!r}")
        return cls(text(execution, "Name"), redrives)

    @property
    def id(self) -> str:
        """An id that is unique in a state machine and safe in file names."""
        return f"{self.execution}-{self.redrives}"


def handle(event: Mapping[str, Any]) -> dict[str, Any]:
    """Create or take over the run, and write the lists of its invocations.

    Where the module table is empty nothing is done yet, and the result is ``{"discover": True}``: the state machine
    comes back with the modules of step ``discover``, as ``discovered`` in the state's ``input``. Else the result has
    ``discover`` False and:

    ``run``, ``store``, ``drive``, ``lists`` with ``bucket`` and ``key`` of each, ``max_concurrency``, and ``proof``,
    the event of an invocation without tasks. Raises UsageError (Unfinished for a run that has ended in this drive),
    StoreError, PlaceError.
    """
    execution, machine = mapping(event, "execution"), text(event, "machine")
    data = execution.get("Input") or {}
    if not isinstance(data, dict):
        raise UsageError(f"the execution's input must be an object, not {data!r}")
    drive = Drive.of(execution)
    if "run" in data:
        spec = str(data.get("store") or os.environ.get("UITEST_STORE") or DEFAULT_STORE)
        with closing(open_store(spec)) as store:
            return _answer(store, spec, _take_over(store, text(data, "run"), drive))
    request = execution_input.read(data, machine)
    given = event.get("input")
    discovered = given.get("discovered") if isinstance(given, dict) else None
    with closing(open_store(request.store)) as store:
        table = store.modules() or [Module(name, tuple(cases)) for name, cases in (discovered or {}).items()]
        if not table and given is not None:  # the definition of a state machine without that step gives no input
            return {"discover": True}
        return _answer(store, request.store, _create(store, request, drive, table))


def _create(store: Store, request: execution_input.ExecutionInput, drive: Drive, table: Sequence[Module]) -> Run:
    """Create the requested run; it may exist already if this step was begun before."""
    run_id, now = request.run_id or drive.execution, time.time()
    before = _find(store, run_id)
    if before is not None:
        if before.settings.get("execution") != drive.execution:
            raise RunExists(f"a run {run_id!r} is already in the store; give the execution another name, or a run_id")
        if before.state is not RunState.PLANNING:
            return _take_over(store, run_id, drive)
        store.delete_run(run_id)  # this step ended while it created the run; nothing has run yet
    chosen, plan = draft(table, request.modules, request.browsers)
    header = make_header(
        run_id, request.url, chosen, plan, request.settings, now, _quarantine(store, chosen), store=request.store,
        execution=drive.execution,
    )  # fmt: skip
    store.create_run(header, plan)
    return _begin(store, store.run(run_id), drive)


def _quarantine(store: Store, modules: Sequence[Module]) -> list[Quarantine]:
    """The rows of the store, and of the file in the image's copy of the repository."""
    rows = [*read_quarantine(Path(QUARANTINE_FILE)).values(), *store.quarantine()]
    return [owned(row, modules, {}, lambda _: "") for row in rows]


def _take_over(store: Store, run_id: str, drive: Drive) -> Run:
    """Take over an existing run for this execution. Raises UsageError if it belongs elsewhere."""
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
        raise Unfinished(f"{run.note or 'the run has ended with jobs left'}; redrive the execution to continue")
    return run


def _begin(store: Store, run: Run, drive: Drive) -> Run:
    """Write this drive into the run's header, with the number of earlier failures, which must not stop it again."""
    now, retries = time.time(), RunSettings.from_json(run.settings).retries
    # The process that started the execution is no longer its coordinator: the steps send the heartbeats.
    kept_settings = {name: value for name, value in run.settings.items() if name != "coordinator"}
    settings = {
        **kept_settings,
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
    """The result of the step; a run that cannot be listed is marked interrupted."""
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
    # Includes jobs that a worker holds, as it may never report.
    tasks = [Task(row.job, row.attempt + 1) for row in store.jobs(run.id) if is_open(row, run, settings.retries, now)]
    shared = batches(
        tasks, store.past(task.job.key for task in tasks), settings.cases_per_invocation, settings.max_concurrency,
        failed_first=settings.failed_first,
    )  # fmt: skip
    if len(shared) > MAX_LISTS * LIST_LENGTH:
        raise UsageError(
            f"{len(shared)} invocations are more than the {MAX_LISTS * LIST_LENGTH} that a state machine can make; "
            "put several cases into each with --cases-per-invocation"
        )
    lists = []
    for number, part in enumerate(split(shared, LIST_LENGTH)):
        name = f"{safe_name(run.id)}/invocations-{safe_name(str(run.settings['drive']))}-{number}.json"
        place.write(name, b"[" + b",".join(_event(invocation, batch) for batch in part) + b"]")
        bucket, key = place.address(name)
        lists.append({"bucket": bucket, "key": key})
    return {
        "discover": False,
        "run": run.id,
        "store": spec,
        "drive": run.settings["drive"],
        "lists": lists,
        "max_concurrency": settings.max_concurrency,
        "proof": json.loads(invocation.to_event()),
        "error": {"Cause": None},
    }


def split(batches: Sequence[T], length: int) -> list[Sequence[T]]:
    """Parts of at most ``length`` each, in order; one empty part of nothing, which a map takes as well."""
    return [batches[start : start + length] for start in range(0, len(batches), length)] or [batches]


def _event(invocation: Invocation, batch: tuple[Task, ...]) -> bytes:
    event = replace(invocation, assignment=replace(invocation.assignment, tasks=batch)).to_event()
    if len(event) > EVENT_LIMIT:
        raise UsageError(
            f"{len(batch)} cases make an event of {len(event)} bytes, a state machine takes {EVENT_LIMIT}; "
            "give each invocation fewer with --cases-per-invocation"
        )
    return event
