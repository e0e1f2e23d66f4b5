"""Which worker makes which attempts, by how long they took before: pure functions from numbers to queues.

Longest first onto the worker that ends first ("longest processing time" list scheduling), where a worker that does not
hold the job's engine yet would have to start it first. With several engines a second way is tried as well, in which
each worker is kept to few engines. Of these and of the split that knows nothing the shortest is taken, so that by the
estimates nobody ever waits longer than without them. Given up: the optimum (the problem is NP-hard; the worst that
list scheduling does is a third above it), and estimates of how much workers slow each other down.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from uitest.model import Job, Past

UNKNOWN_S = 1.0
"""Taken for a job when nothing is known about any."""

CLOSE = 1e-9
"""Part of a share of work that is a rounding error."""

START_S: Mapping[str, float] = {"chrome": 0.5, "firefox": 1.5, "webkit": 1.0}
"""What an engine's first case in a worker takes longer than the next ones."""

Queues = tuple[tuple[int, ...], ...]
"""For each worker the jobs it makes, in order; a job is its place in the plan."""


@dataclass(frozen=True)
class Schedule:
    """What a worker does in which order, and what is expected of it."""

    queues: Queues
    seconds: tuple[float, ...]
    """Estimate for each job, by its place in the plan."""


def estimate(jobs: Iterable[Job], past: Mapping[str, Past]) -> tuple[float, ...]:
    """Seconds for each job: what is known, else the median of its module, else of all, else ``UNKNOWN_S``."""
    jobs = list(jobs)
    known = [one.duration_s if (one := past.get(job.key)) else None for job in jobs]
    by_module: dict[str, list[float]] = defaultdict(list)
    for job, seconds in zip(jobs, known, strict=True):
        if seconds is not None:
            by_module[job.module].append(seconds)
    usual = {module: median(found) for module, found in by_module.items()}
    otherwise = median([s for found in by_module.values() for s in found] or [UNKNOWN_S])
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
    """A queue for each worker (some empty where jobs are few); each job is in one of them.

    With ``failed_first`` the jobs that did not end green last time come before all others. ``start_s`` is what each
    engine costs a worker that starts it; an engine that is not in it costs nothing.
    """
    seconds = estimate(jobs, past)
    failed = {n for n, job in enumerate(jobs) if failed_first and (one := past.get(job.key)) and one.failed}
    order = sorted(range(len(jobs)), key=lambda n: (n not in failed, -seconds[n], n))
    anywhere = [frozenset(job.browser for job in jobs)] * workers
    ways = [_deal(order, jobs, seconds, anywhere, start_s)]
    if len(anywhere[0]) > 1:
        ways.append(_deal(order, jobs, seconds, _few_engines(jobs, seconds, workers), start_s))
    ways.append(tuple(map(tuple, split(len(jobs), workers))))

    def price(queues: Queues) -> tuple[float, int]:
        starts = sum(len({jobs[n].browser for n in queue}) for queue in queues)
        return makespan(queues, jobs, seconds, start_s), starts

    place = {n: at for at, n in enumerate(order)}
    best = min(ways, key=price)
    return Schedule(tuple(tuple(sorted(queue, key=place.__getitem__)) for queue in best), seconds)


def place_of(worker: str) -> int:
    """Which queue is the worker's that pytest-xdist calls ``gw0``, ``gw1``, ...; replacements come after all queues."""
    return int(worker.removeprefix("gw"))


def split(jobs: int, workers: int) -> tuple[range, ...]:
    """The split that knows nothing: the plan cut into parts of equal number, as pytest-xdist's schedulers do."""
    parts: list[range] = []
    for left in range(workers, 0, -1):
        begin = parts[-1].stop if parts else 0
        parts.append(range(begin, begin + (jobs - begin) // left))
    return tuple(parts)


def makespan(
    queues: Iterable[Sequence[int]], jobs: Sequence[Job], seconds: Sequence[float], start_s: Mapping[str, float]
) -> float:
    """Seconds until the last worker ends, the engines it starts included."""
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
    """What a worker that runs dry should take from another's ``queue``, from its tail: until both end together.

    ``victim_s`` and ``thief_s`` are the seconds both still need; ``held`` are the thief's engines.
    """
    taken, held = [], set(held)
    for n in reversed(queue):
        engine = jobs[n].browser
        cost = seconds[n] + (0.0 if engine in held else start_s.get(engine, 0.0))
        if thief_s + cost < victim_s:
            taken.append(n)
            held.add(engine)
            thief_s, victim_s = thief_s + cost, victim_s - seconds[n]
    return taken


def _deal(
    order: Iterable[int],
    jobs: Sequence[Job],
    seconds: Sequence[float],
    allowed: Sequence[Collection[str]],
    start_s: Mapping[str, float],
) -> Queues:
    """Each job to the worker that would end it first, in this order; ``allowed`` are the engines of each worker."""
    load = [0.0] * len(allowed)
    held: list[set[str]] = [set() for _ in allowed]
    queues: list[list[int]] = [[] for _ in allowed]
    of_engine = {engine: [w for w, some in enumerate(allowed) if engine in some] for some in allowed for engine in some}
    # Those that have least choice first: the others even out what they leave.
    for n in sorted(order, key=lambda n: len(of_engine[jobs[n].browser])):
        engine = jobs[n].browser
        start = start_s.get(engine, 0.0)
        begins, worker = min((load[w] + (0.0 if engine in held[w] else start), w) for w in of_engine[engine])
        load[worker] = begins + seconds[n]
        held[worker].add(engine)
        queues[worker].append(n)
    return tuple(map(tuple, queues))


def _few_engines(jobs: Sequence[Job], seconds: Sequence[float], workers: int) -> list[set[str]]:
    """The engines of each worker when the jobs lie end to end, engine by engine, and are cut into equal times.

    At most ``workers - 1`` cuts fall into an engine, so all workers together start hardly more engines than there are.
    """
    totals: dict[str, float] = defaultdict(float)
    for job, took in zip(jobs, seconds, strict=True):
        totals[job.browser] += took
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
