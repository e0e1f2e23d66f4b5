"""Which tasks share an invocation of the function: pure."""

import math
from collections.abc import Mapping, Sequence

from uitest.executors.attempt import Task
from uitest.jobs.scheduling import estimate
from uitest.model import Past

AUTO_S = 30.0
"""Work that ``auto`` gives one invocation: enough for starting a browser not to matter, far below Lambda's 900 s."""
MOST = 100
"""Tasks that ``auto`` gives one invocation: their event stays far below Lambda's limit."""


def batches(
    tasks: Sequence[Task], past: Mapping[str, Past], size: int, at_once: int, *, failed_first: bool = False
) -> list[tuple[Task, ...]]:
    """The tasks of each invocation, in the order to send them: the longest first, for a run ends with its last case.

    ``size`` tasks each, fewer where an engine runs out, since each engine has to be started; 0 (``auto``): as many as
    take ``AUTO_S`` by what is known, but never so many that fewer than ``at_once`` invocations share the work.
    """
    seconds = estimate([task.job for task in tasks], past)
    limit_s = math.inf if size else min(AUTO_S, sum(seconds) / at_once)
    failed = {
        n for n, task in enumerate(tasks) if failed_first and (one := past.get(task.job.key)) is not None and one.failed
    }
    made: list[list[Task]] = []
    filling: dict[str, tuple[list[Task], float]] = {}
    for n in sorted(range(len(tasks)), key=lambda n: (n not in failed, -seconds[n], n)):
        engine = tasks[n].job.browser
        batch, took = filling.get(engine, ([], math.inf))
        if len(batch) >= (size or MOST) or took + seconds[n] > limit_s or not batch:
            batch, took = [], 0.0
            made.append(batch)
        batch.append(tasks[n])
        filling[engine] = batch, took + seconds[n]
    return [tuple(batch) for batch in made]
