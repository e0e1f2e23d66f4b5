"""Groups tasks into invocations of the function: pure."""

import math
from collections.abc import Mapping, Sequence

from uitest.executors.attempt import Task
from uitest.jobs.scheduling import estimate
from uitest.model import Past

AUTO_S = 30.0
"""Seconds of work per invocation with ``auto``: long compared to a browser's start, far below Lambda's 900 s."""
MAX_AUTO_TASKS = 100
"""Maximum number of tasks per invocation with ``auto``, which keeps the event far below Lambda's limit."""


def batches(
    tasks: Sequence[Task], past: Mapping[str, Past], size: int, at_once: int, *, failed_first: bool = False
) -> list[tuple[Task, ...]]:
    """The tasks of each invocation, in the order in which to send them: the longest first.

    ``size`` is the number of tasks of one invocation, which all use the same engine. 0 (``auto``) means tasks of an
    estimated ``AUTO_S`` in all, but less if otherwise there would be fewer than ``at_once`` invocations.
    """
    seconds = estimate([task.job for task in tasks], past)
    limit_s = math.inf if size else min(AUTO_S, sum(seconds) / at_once)
    failed = {
        n
        for n, task in enumerate(tasks)
        if failed_first and (record := past.get(task.job.key)) is not None and record.failed
    }
    result: list[list[Task]] = []
    filling: dict[str, tuple[list[Task], float]] = {}
    for n in sorted(range(len(tasks)), key=lambda n: (n not in failed, -seconds[n], n)):
        engine = tasks[n].job.browser
        batch, filled_s = filling.get(engine, ([], math.inf))
        if len(batch) >= (size or MAX_AUTO_TASKS) or filled_s + seconds[n] > limit_s or not batch:
            batch, filled_s = [], 0.0
            result.append(batch)
        batch.append(tasks[n])
        filling[engine] = batch, filled_s + seconds[n]
    return [tuple(batch) for batch in result]
