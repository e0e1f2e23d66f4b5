"""Assigns jobs to workers by their earlier durations: pure functions that return a queue for each worker.

The method is list scheduling by "longest processing time": the longest job first, each to the worker that would finish
it first, including the start of the job's engine where the worker does not have it yet. With several engines a second
candidate keeps each worker to few engines. The shortest of these two and of an even split is used, so by the estimates
a schedule is never worse than an even split. Trade-off: list scheduling may take a third longer than the optimum, which
is NP-hard to find; how much workers slow each other down is not estimated.

Jobs whose tests share a driver belong together: one worker makes them, in the order of their file (``keep_together``).
Which ones these are is known only once pytest has collected the tests.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from statistics import median

from uitest.model import Job, Past

UNKNOWN_S = 1.0
"""Estimate for each job when no duration is known."""

CLOSE = 1e-9
"""Relative differences below this are rounding errors."""

START_S: Mapping[str, float] = {"chrome": 0.5, "firefox": 1.5, "webkit": 1.0}
"""Extra seconds of an engine's first case in a worker, for the start of the browser."""

Queues = tuple[tuple[int, ...], ...]
"""For each worker its jobs in order, each as its index in the plan."""


@dataclass(frozen=True)
class Schedule:
    """The queue of each worker and the estimated durations behind it."""

    queues: Queues
    seconds: tuple[float, ...]
    """Estimate for each job, by its index in the plan."""
    first: tuple[int, ...] = ()
    """The jobs that come before all others."""


def estimate(jobs: Iterable[Job], past: Mapping[str, Past]) -> tuple[float, ...]:
    """Estimated seconds of each job: its last duration, else the median of its module, of all, or ``UNKNOWN_S``."""
    jobs = list(jobs)
    known = [record.duration_s if (record := past.get(job.key)) else None for job in jobs]
    by_module: dict[str, list[float]] = defaultdict(list)
    for job, seconds in zip(jobs, known, strict=True):
        if seconds is not None:
            by_module[job.module].append(seconds)
    usual = {module: median(durations) for module, durations in by_module.items()}
    otherwise = median([s for durations in by_module.values() for s in durations] or [UNKNOWN_S])
    return tuple(
        usual.get(job.module, otherwise) if seconds is None else seconds
        for job, seconds in zip(jobs, known, strict=True)
    )


def make_schedule(
    jobs: Sequence[Job],
    past: Mapping[str, Past],
    workers: int,
    *,
    failed_first: bool = False,
    start_s: Mapping[str, float] = START_S,
) -> Schedule:
    """A queue for each worker; every job is in exactly one, and some are empty where there are few jobs.

    With ``failed_first`` the jobs that did not end green last time come first. ``start_s`` is the time that a worker
    needs to start each engine; engines that it does not list start in no time.
    """
    seconds = estimate(jobs, past)
    failed = {n for n, job in enumerate(jobs) if failed_first and (record := past.get(job.key)) and record.failed}
    return Schedule(_queues(jobs, seconds, workers, failed, start_s), seconds, tuple(sorted(failed)))


def keep_together(
    schedule: Schedule,
    jobs: Sequence[Job],
    groups: Sequence[Sequence[int]],
    start_s: Mapping[str, float] = START_S,
) -> Schedule:
    """The schedule with each of these groups of jobs in one queue, in the group's order and nothing between.

    A group is dealt like one long job; it comes first if one of its jobs does. No job is in two groups.
    """
    if not groups:
        return schedule
    grouped = {n for group in groups for n in group}
    units = sorted([*map(tuple, groups), *((n,) for n in range(len(jobs)) if n not in grouped)], key=min)
    queues = _queues(
        [jobs[unit[0]] for unit in units],
        [sum(schedule.seconds[n] for n in unit) for unit in units],
        len(schedule.queues),
        {place for place, unit in enumerate(units) if not set(unit).isdisjoint(schedule.first)},
        start_s,
    )
    return replace(schedule, queues=tuple(tuple(n for place in queue for n in units[place]) for queue in queues))


def _queues(
    jobs: Sequence[Job],
    seconds: Sequence[float],
    workers: int,
    first: Collection[int],
    start_s: Mapping[str, float],
) -> Queues:
    """The best of the ways to deal the jobs out; those of ``first`` come before the others."""
    order = sorted(range(len(jobs)), key=lambda n: (n not in first, -seconds[n], n))
    anywhere = [frozenset(job.browser for job in jobs)] * workers
    candidates = [_assign(order, jobs, seconds, anywhere, start_s)]
    if len(anywhere[0]) > 1:
        candidates.append(_assign(order, jobs, seconds, _few_engines(jobs, seconds, workers), start_s))
    candidates.append(tuple(map(tuple, split(len(jobs), workers))))

    def cost(queues: Queues) -> tuple[float, int]:
        starts = sum(len({jobs[n].browser for n in queue}) for queue in queues)
        return makespan(queues, jobs, seconds, start_s), starts

    place = {n: at for at, n in enumerate(order)}
    return tuple(tuple(sorted(queue, key=place.__getitem__)) for queue in min(candidates, key=cost))


def queue_index(worker: str) -> int:
    """Index of the queue of a pytest-xdist worker (``gw0``, ``gw1``, ...); replacement workers exceed all queues."""
    return int(worker.removeprefix("gw"))


def split(jobs: int, workers: int) -> tuple[range, ...]:
    """The plan cut into parts of equal size, as pytest-xdist's schedulers do."""
    parts: list[range] = []
    for remaining in range(workers, 0, -1):
        begin = parts[-1].stop if parts else 0
        parts.append(range(begin, begin + (jobs - begin) // remaining))
    return tuple(parts)


def makespan(
    queues: Iterable[Sequence[int]], jobs: Sequence[Job], seconds: Sequence[float], start_s: Mapping[str, float]
) -> float:
    """Seconds until the last worker finishes, including the start of its engines."""
    return max(
        (
            sum(seconds[n] for n in queue)
            + sum(start_s.get(engine, 0.0) for engine in {jobs[n].browser for n in queue})
            for queue in queues
        ),
        default=0.0,
    )


def steal(
    queue: Sequence[int],
    jobs: Sequence[Job],
    seconds: Sequence[float],
    *,
    victim_s: float,
    thief_s: float,
    held: Collection[str],
    start_s: Mapping[str, float] = START_S,
) -> list[int]:
    """The jobs an idle worker should take from the tail of another's ``queue`` so that both finish about together.

    ``victim_s`` and ``thief_s`` are the remaining seconds of both; ``held`` are the engines that the thief has started.
    """
    stolen, held = [], set(held)
    for n in reversed(queue):
        engine = jobs[n].browser
        cost = seconds[n] + (0.0 if engine in held else start_s.get(engine, 0.0))
        if thief_s + cost < victim_s:
            stolen.append(n)
            held.add(engine)
            thief_s, victim_s = thief_s + cost, victim_s - seconds[n]
    return stolen


def _assign(
    order: Iterable[int],
    jobs: Sequence[Job],
    seconds: Sequence[float],
    allowed: Sequence[Collection[str]],
    start_s: Mapping[str, float],
) -> Queues:
    """Queues in which each job, in this order, goes to the worker that would finish it first.

    ``allowed`` are the engines of each worker.
    """
    load = [0.0] * len(allowed)
    held: list[set[str]] = [set() for _ in allowed]
    queues: list[list[int]] = [[] for _ in allowed]
    of_engine = {engine: [w for w, some in enumerate(allowed) if engine in some] for some in allowed for engine in some}
    # Jobs with the fewest possible workers come first; the others then even out the load.
    for n in sorted(order, key=lambda n: len(of_engine[jobs[n].browser])):
        engine = jobs[n].browser
        start = start_s.get(engine, 0.0)
        begins, worker = min((load[w] + (0.0 if engine in held[w] else start), w) for w in of_engine[engine])
        load[worker] = begins + seconds[n]
        held[worker].add(engine)
        queues[worker].append(n)
    return tuple(map(tuple, queues))


def _few_engines(jobs: Sequence[Job], seconds: Sequence[float], workers: int) -> list[set[str]]:
    """The engines of each worker when the jobs, sorted by engine, are cut into ``workers`` parts of equal time.

    At most ``workers - 1`` cuts fall within an engine, so few engines are started by more than one worker.
    """
    totals: dict[str, float] = defaultdict(float)
    for job, duration in zip(jobs, seconds, strict=True):
        totals[job.browser] += duration
    share = sum(totals.values()) / workers
    allowed: list[set[str]] = [set() for _ in range(workers)]
    end = 0.0
    for engine, total in totals.items():
        begin, end = end, end + total
        first = min(workers - 1, int(begin / share)) if share else 0
        last = min(workers, ceil(end / share - CLOSE)) if share else 1
        for worker in range(first, max(first + 1, last)):
            allowed[worker].add(engine)
    return allowed
