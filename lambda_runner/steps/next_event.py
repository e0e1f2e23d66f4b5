"""Builds the event for the tasks of an invocation that need further attempts, for the state machine's loop."""

import json
import math
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from uitest.config import RunSettings
from uitest.executors.attempt import Task
from uitest.executors.aws.event import Invocation
from uitest.jobs.outcome import is_open, is_running
from uitest.model import JobRow, RunState
from uitest.storage.stores import Store


def build_next_event(store: Store, invocation: Invocation, current: Iterable[JobRow | None]) -> dict[str, Any]:
    """Returns ``next``, the event of the next invocation, or None if no task needs another attempt, and ``wait_s``.

    ``current`` are the rows of the tasks. ``wait_s`` is the pause before the next invocation in whole seconds: until
    the first lease expires if other workers hold all of the tasks, else 0.
    """
    assignment, now = invocation.assignment, time.time()
    run = store.run(assignment.run)
    retries = RunSettings.from_json(run.settings).retries
    rows = [row for row in current if row is not None and is_open(row, run, retries, now)]
    if not rows or run.state is not RunState.RUNNING:
        return {"next": None, "wait_s": 0}
    remaining = replace(assignment, tasks=tuple(Task(row.job, row.attempt + 1) for row in rows))
    leases = [row.lease_until or now for row in rows if is_running(row, now)]
    held = len(leases) == len(rows)
    wait_s = math.ceil(min(leases) - now) + 1 if held else 0
    return {"next": json.loads(replace(invocation, assignment=remaining).to_event()), "wait_s": wait_s}
