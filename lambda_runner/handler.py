"""The Lambda function's handler: an event in, attempts made and reported to the store, a summary out.

The store is what counts. It is asked first whether the tasks are still wanted, so a delivery that comes twice, or
after the run was stopped, starts no browser; and asked last what became of them, so that an attempt whose session
died is reported and not waited for. A task that was not begun in time stays unclaimed: its coordinator sends it again.
"""

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from lambda_runner import forked_session, state_machine_steps, subreaper
from lambda_runner.browser_reuse import BrowserReuse
from lambda_runner.next_event import build_next_event
from lambda_runner.tmpdir import scratch
from lambda_runner.unfinished_tasks import UnfinishedTasks
from uitest.config import RunSettings
from uitest.executors import pytest_session
from uitest.executors.attempt import Task, TimeBudget, first_line, wanted
from uitest.executors.aws.event import Invocation
from uitest.model import JobRow, Verdict
from uitest.storage.files import open_place
from uitest.storage.stores import open_store
from uitest.system.home_dirs import make_homes

MARGIN_S = 10.0
"""Left before the deadline, if the function has that much, for a case that timed out to clean up and be reported."""
LAST_S = 2.0
"""Left after a session that had to be killed, to report that."""

ENDED = "the case ended its own process"

SHOWN = 20_000
"""Characters of pytest's output that are kept in the function's log."""

KEEP = BrowserReuse()
"""What this environment keeps from one invocation to the next."""


class Context(Protocol):
    """What is used of Lambda's context object."""

    memory_limit_in_mb: Any

    def get_remaining_time_in_millis(self) -> int:
        """Until Lambda kills the environment."""


def handle(event: object, context: Context) -> dict[str, Any]:
    """Make the attempts that the event asks for, or do the step of the state machine that it names (see
    ``state_machine_steps``).

    Answers with ``run``, ``attempts`` (for each task module, case, browser, number and its verdict, None where this
    invocation made no attempt), ``problem`` (why the session could not do its work, else None), ``billed_s`` and
    ``memory_mb``; for a state machine with ``next`` and ``wait_s`` (see ``build_next_event``). Raises UsageError for an
    event that cannot be understood, StoreError or PlaceError where it cannot report.
    """
    if isinstance(event, dict) and "step" in event:
        return state_machine_steps.take(event)
    began = time.time()
    left = context.get_remaining_time_in_millis() / 1000
    invocation = Invocation.from_event(event)
    asked = invocation.assignment
    stint = TimeBudget(
        owner=f"lambda:{uuid4().hex}",  # the request's own id is the same in both of two deliveries
        began=began,
        until=began + left - min(MARGIN_S, left / 4),
        memory_mb=int(context.memory_limit_in_mb or 0),
    )
    open_place(asked.artifacts)  # so that forks find AWS's description of it read, and a wrong name is told at once
    store = open_store(asked.store)
    try:
        run, now = store.run(asked.run), time.time()
        tasks = tuple(task for task in asked.tasks if wanted(store, run, task, now))
        said = None
        if tasks or not asked.tasks:
            assignment = replace(asked, tasks=tasks, stint=stint)
            until = began + left - min(LAST_S, left / 8)
            said = _attempt(
                replace(invocation, assignment=assignment), UnfinishedTasks(store, assignment, stint), until
            )
        rows = [store.job(asked.run, task.job.key) for task in asked.tasks]
        verdicts = [_verdict(row, task, stint.owner) for row, task in zip(rows, asked.tasks, strict=True)]
        after = build_next_event(store, invocation, rows)
    finally:
        store.close()
    made = [
        {"module": t.job.module, "case": t.job.case, "browser": t.job.browser, "number": t.number, "verdict": verdict}
        for t, verdict in zip(asked.tasks, verdicts, strict=True)
    ]
    billed_s = round(time.time() - began, 3)
    summary = {"run": asked.run, "attempts": made, "problem": said, "billed_s": billed_s, "memory_mb": stint.memory_mb}
    return {**summary, **after}


def _attempt(invocation: Invocation, leftovers: UnfinishedTasks, until: float) -> str | None:
    """One pytest session. What kept it from its work, None if nothing did.

    Afterwards no process and no file is left but those of a browser that is kept (see ``browser_reuse``).
    Case files that cannot be collected are an error of every task, and a final one: they are the same next time.
    """
    subreaper.adopt_orphans()
    others = subreaper.children(KEEP.groups)
    with KEEP.lent(wanted=invocation.reuse_browser) as plugins, scratch() as folder:
        plan, output = folder / "assignment.json", folder / "output.txt"
        invocation.assignment.write(plan)
        words = pytest_session.pytest_args(
            os.environ.get("UITEST_CASES") or RunSettings.cases, invocation.url, plan,
            "--numprocesses=0", "-W", "ignore::pytest.PytestAssertRewriteWarning",  # of what the fork has imported
            *invocation.words(),
        )  # fmt: skip
        try:
            code = forked_session.run(words, make_homes(folder), output, until, plugins)
        finally:
            KEEP.collect()
            subreaper.end(others, KEEP.groups)
        said = _output(output)
        problem = pytest_session.problem(plan)
    if said:
        print(said[-SHOWN:])
    if problem is None and code in pytest_session.NORMAL_EXITS:
        return ENDED if leftovers.report_dead(Verdict.ERROR, ENDED) else None
    if code is None:
        leftovers.report_dead(Verdict.FAILED, "case timed out: the function's time was over")
        return "pytest was killed because the function's time was over"
    why = first_line(problem or f"pytest stopped with exit code {code}: {pytest_session.reason(said)}")
    leftovers.report_dead(Verdict.ERROR, why)
    leftovers.refuse(why, final=problem is not None or code == pytest_session.MISUSED)
    return why


def _output(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def _verdict(row: JobRow | None, task: Task, owner: str) -> str | None:
    """What our attempt at the task came to, None if there was none."""
    mine = [a for a in row.attempts if (a.number, a.owner) == (task.number, owner)] if row else []
    return mine[0].verdict.value if mine else None
