"""What is left to do of an invocation's tasks, for a state machine that goes on until nothing is."""

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


def build_next_event(store: Store, invocation: Invocation, found: Iterable[JobRow | None]) -> dict[str, Any]:
    """``next``: the event of the invocation that makes the attempts still wanted, None when nothing is left.

    ``found`` are the rows of its tasks as they are now.
    ``wait_s`` is how long to wait before it, in whole seconds: until a lease is over where others hold all of it.
    """
    asked, now = invocation.assignment, time.time()
    run = store.run(asked.run)
    retries = RunSettings.from_json(run.settings).retries
    rows = [row for row in found if row is not None and is_open(row, run, retries, now)]
    if not rows or run.state is not RunState.RUNNING:
        return {"next": None, "wait_s": 0}
    again = replace(asked, tasks=tuple(Task(row.job, row.attempt + 1) for row in rows))
    leases = [row.lease_until or now for row in rows if is_running(row, now)]
    held = len(leases) == len(rows)
    wait_s = math.ceil(min(leases) - now) + 1 if held else 0
    return {"next": json.loads(replace(invocation, assignment=again).to_event()), "wait_s": wait_s}
