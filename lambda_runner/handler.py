"""The handler of the Lambda function: makes the attempts of an event, reports them to the store, returns a summary.

The store decides. It is read first, so that an event that is delivered twice, or after the run was stopped, starts no
browser; and it is read last, so that an attempt whose session died is reported at once. A task that was not begun in
time stays unclaimed, and its coordinator sends it again.
"""

import functools
import logging
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from lambda_runner import forked_session, image_log
from lambda_runner.checkout import check_out
from lambda_runner.clean_session import clean_session
from lambda_runner.init_phase import InitPhase
from lambda_runner.steps import dispatch
from lambda_runner.steps.next_event import build_next_event
from lambda_runner.unfinished_tasks import UnfinishedTasks
from uitest import log
from uitest.executors import import_notes, pytest_session
from uitest.executors.attempt import Task, TimeBudget, wanted
from uitest.executors.aws.event import Invocation
from uitest.model import JobRow, Verdict
from uitest.short_text import first_line
from uitest.storage.files import open_place
from uitest.storage.stores import open_store
from uitest.system.home_dirs import make_homes

LOGGER = logging.getLogger(f"uitest.{__name__}")

MARGIN_S = 10.0
"""Time before the deadline, if the function has as much, in which a case that timed out cleans up and is reported."""
LAST_S = 2.0
"""Time before the deadline in which a session that had to be killed is reported."""

SHOWN = 20_000
"""Maximum number of characters of pytest's output in the function's log."""


INIT_PHASE = InitPhase.ending_now()
"""Of this environment: Lambda imports this module last of all before the first invocation."""


class Context(Protocol):
    """The used part of Lambda's context object."""

    memory_limit_in_mb: Any

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda kills the environment."""


def handle(event: object, context: Context) -> dict[str, Any]:
    """Make the attempts of the event, or run the step of the state machine that it names (``steps.dispatch``).

    Returns ``run``, ``attempts`` (for each task module, case, browser, number and verdict, which is None if this
    invocation made no attempt), ``problem`` (an error of the session, or None), ``billed_s``, ``memory_mb``, and
    ``next`` and ``wait_s`` for a state machine (see ``build_next_event``). Raises UsageError for an invalid event,
    StoreError or PlaceError if it cannot report.
    """
    image_log.start()
    with log.about(request=getattr(context, "aws_request_id", None)):
        try:
            if isinstance(event, dict) and "step" in event:
                with log.about(run=event.get("run"), step=event["step"]):
                    return dispatch.take(event)
            invocation = Invocation.from_event(event)
            with log.about(run=invocation.assignment.run):
                return _invoke(invocation, context)
        except Exception:
            LOGGER.exception("the invocation failed")
            raise


def _invoke(invocation: Invocation, context: Context) -> dict[str, Any]:
    """Make an invocation's attempts; the answer of ``handle``."""
    log.hide(invocation.secrets(os.environ))
    began = time.monotonic()
    remaining_s = context.get_remaining_time_in_millis() / 1000
    assignment = invocation.assignment
    time_budget = TimeBudget(
        owner=f"lambda:{uuid4().hex}",  # the request id is the same in repeated deliveries
        began=began - (INIT_PHASE.take() if assignment.tasks else 0.0),
        until=began + remaining_s - min(MARGIN_S, remaining_s / 4),
        memory_mb=int(context.memory_limit_in_mb or 0),
    )
    open_place(assignment.artifacts)  # loads AWS's service description for the forks, and finds a wrong name early
    store = open_store(assignment.store)
    try:
        run, now = store.run(assignment.run), time.time()
        tasks = tuple(task for task in assignment.tasks if wanted(store, run, task, now))
        problem = None
        if tasks or not assignment.tasks:
            due = replace(assignment, tasks=tasks, time_budget=time_budget)
            until = began + remaining_s - min(LAST_S, remaining_s / 8)
            problem = _attempt(replace(invocation, assignment=due), UnfinishedTasks(store, due, time_budget), until)
        rows = [store.job(assignment.run, task.job.key) for task in assignment.tasks]
        verdicts = [_verdict(row, task, time_budget.owner) for row, task in zip(rows, assignment.tasks, strict=True)]
        after = build_next_event(store, invocation, rows)
    finally:
        store.close()
    attempts = [
        {"module": t.job.module, "case": t.job.case, "browser": t.job.browser, "number": t.number, "verdict": verdict}
        for t, verdict in zip(assignment.tasks, verdicts, strict=True)
    ]
    billed_s = round(time.monotonic() - time_budget.began, 3)
    LOGGER.info("the invocation ends: %s", problem or "no problem", extra={log.EXTRA: {"attempts": attempts}})
    return {
        "run": assignment.run,
        "attempts": attempts,
        "problem": problem,
        "billed_s": billed_s,
        "memory_mb": time_budget.memory_mb,
        **after,
    }


def _attempt(invocation: Invocation, leftovers: UnfinishedTasks, until: float) -> str | None:
    """Run one pytest session; returns the error that stopped it, or None.

    Case files that cannot be collected are an error of every task, and a final one, as they are the same next time.
    """
    with clean_session(reuse_browser=invocation.reuse_browser) as (folder, plugins):
        plan, output = folder / "assignment.json", folder / "output.txt"
        invocation.assignment.write(plan)
        checkout = check_out(folder)
        arguments = pytest_session.pytest_args(
            checkout.cases, invocation.url, plan,
            "-p", "xdist",  # also where the project's configuration has -p no:xdist
            "--numprocesses=0", "-W", "ignore::pytest.PytestAssertRewriteWarning",  # of what the fork has imported
            *invocation.words(),
        )  # fmt: skip
        session = functools.partial(
            forked_session.run, arguments, checkout.folder, make_homes(folder), output, until, plugins
        )
        code = import_notes.repeat(session, folder, is_over=lambda code: code is None)
        text = _output(output)
        problem = pytest_session.problem(plan)
        is_over = pytest_session.status_file(plan).exists()
        is_complete = pytest_session.did_its_work(plan, code)
    if text:
        LOGGER.info("what pytest printed", extra={log.EXTRA: {"output": text[-SHOWN:]}})
    if problem is None and code not in (None, forked_session.CRASHED) and not is_over:
        by_case = pytest_session.ended_by_case(code)
        if by_case is not None and leftovers.report_dead(Verdict.FAILED, by_case):
            return by_case
    if problem is None and is_complete:
        return None
    if code is None:
        leftovers.report_dead(Verdict.FAILED, "case timed out: the function's time was over")
        return "pytest was killed because the function's time was over"
    why = first_line(problem or f"pytest stopped with exit code {code}: {pytest_session.reason(text)}")
    reported = leftovers.report_dead(Verdict.ERROR, why)
    reported += leftovers.refuse(why, final=problem is not None or code == pytest_session.MISUSED)
    if invocation.assignment.tasks and not reported:
        leftovers.blame(why)
    return why


def _output(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def _verdict(row: JobRow | None, task: Task, owner: str) -> str | None:
    """The verdict of our attempt at the task, None if there was none."""
    mine = [a for a in row.attempts if (a.number, a.owner) == (task.number, owner)] if row else []
    return mine[0].verdict.value if mine else None
