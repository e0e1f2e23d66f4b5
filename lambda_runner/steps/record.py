"""Step ``record``: reports the attempts of an invocation that died or was refused by Lambda.

Step Functions waits for each invocation, so unlike in the executor ``lambda`` no lease has to expire. A claimed attempt
is reported as an error on behalf of its worker, whose own later report is refused. Unclaimed tasks are left alone if
another task of the invocation was claimed, so that one case that kills its environment does not use up the attempts of
the others. If none was claimed, all are errors, so that the loop ends.
"""

import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from uuid import uuid4

from lambda_runner.steps.dispatch import mapping, reason
from lambda_runner.steps.next_event import build_next_event
from lambda_runner.unfinished_tasks import UnfinishedTasks
from uitest.executors.attempt import TimeBudget
from uitest.executors.aws.event import Invocation
from uitest.model import Verdict
from uitest.run.finalize import finish_attempts
from uitest.short_text import first_line
from uitest.storage.stores import open_store


def handle(event: Mapping[str, Any]) -> dict[str, Any]:
    """Returns ``next`` and ``wait_s`` as an invocation does (see ``build_next_event``)."""
    invocation = Invocation.from_event(mapping(event, "event"))
    why = first_line(f"the invocation died: {reason(mapping(event, 'error')) or 'nobody said why'}")
    assignment, now = invocation.assignment, time.time()
    with closing(open_store(assignment.store)) as store:
        run = store.run(assignment.run)
        rows = [(task, store.job(run.id, task.job.key)) for task in assignment.tasks]
        begun = [row for task, row in rows if row is not None and row.attempt >= task.number]
        finish_attempts(store, run, [row for row in begun if row.owner is not None], Verdict.ERROR, why, now)
        if not begun:
            time_budget = TimeBudget(owner=f"stepfunctions:{uuid4().hex}", began=0.0, until=0.0, memory_mb=0)
            UnfinishedTasks(store, assignment, time_budget).refuse(why, final=False)
        return build_next_event(store, invocation, (store.job(run.id, task.job.key) for task in assignment.tasks))
