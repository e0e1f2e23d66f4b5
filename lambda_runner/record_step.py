"""Step ``record``: an invocation has died, or Lambda would not make it. Its jobs are told, so that they go on.

Step Functions waits for each invocation, so unlike the executor ``lambda`` nobody has to wait for a lease to end. An
attempt that was begun is an error in its worker's name; should that worker live after all, its report is refused. Tasks
that nobody had begun are left as they are if another of theirs was: one case that kills its environment must not use
up the attempts of those that share it. If none was begun, all are errors, or this would go on for ever.
"""

import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from uuid import uuid4

from lambda_runner.next_event import build_next_event
from lambda_runner.state_machine_steps import mapping, reason
from lambda_runner.unfinished_tasks import UnfinishedTasks
from uitest.executors.attempt import TimeBudget, first_line
from uitest.executors.aws.event import Invocation
from uitest.model import Verdict
from uitest.run.finalize import finish_attempts
from uitest.storage.stores import open_store


def handle(event: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as an invocation does: the event of the ``next`` one, or None, and ``wait_s`` until it makes sense."""
    invocation = Invocation.from_event(mapping(event, "event"))
    why = first_line(f"the invocation died: {reason(mapping(event, 'error')) or 'nobody said why'}")
    assignment, now = invocation.assignment, time.time()
    with closing(open_store(assignment.store)) as store:
        run = store.run(assignment.run)
        rows = [(task, store.job(run.id, task.job.key)) for task in assignment.tasks]
        begun = [row for task, row in rows if row is not None and row.attempt >= task.number]
        finish_attempts(store, run, [row for row in begun if row.owner is not None], Verdict.ERROR, why, now)
        if not begun:
            stint = TimeBudget(owner=f"stepfunctions:{uuid4().hex}", began=now, until=now, memory_mb=0)
            UnfinishedTasks(store, assignment, stint).refuse(why, final=False)
        return build_next_event(store, invocation, (store.job(run.id, task.job.key) for task in assignment.tasks))
