"""Queues on pytest-xdist's workers, simulated: nothing is lost, nobody waits for ever, and the end is early."""

import itertools
from collections import Counter
from collections.abc import Callable
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from tests.support.workers import Config, Machine, TwoCores
from uitest.jobs.scheduling import make_schedule
from uitest.model import BROWSERS, Job, Past
from uitest.plugin.worker.worker_growth import WorkerGrowth
from uitest.plugin.worker.xdist_scheduling import QueueScheduling

Run = tuple[Machine, float]


def jobs_of(count: int, engines: int = 1) -> list[Job]:
    """That many, of these many engines in turn."""
    return [Job("m", f"tc{n}", BROWSERS[n % engines]) for n in range(count)]


def simulate(
    actual: list[float],
    expected: list[float | None],
    workers: int,
    *,
    engines: int = 1,
    kills: list[tuple[float, int]] | None = None,
    groups: list[list[int]] | None = None,
    additions: list[float] | None = None,
) -> Run:
    """A run whose jobs take ``actual`` where ``expected`` was known; ``kills`` are times and workers.

    At each of the times in ``additions`` a worker is added, if there is work for one. The tests of each of the
    ``groups`` share a driver.
    """
    jobs = jobs_of(len(actual), engines)
    past = {job.key: Past(seconds, False) for job, seconds in zip(jobs, expected, strict=True)}
    schedule = make_schedule(jobs, past, workers)
    machine = Machine(actual)
    scheduler = QueueScheduling(Config(workers), None, jobs, schedule, lambda: groups or [], lambda: machine.now)
    for at, number in kills or []:
        machine.later(at, lambda number=number: machine.kill(machine.workers[number % len(machine.workers)]))
    for at in additions or []:
        machine.later(at, lambda: None if scheduler.tests_finished else machine.add())
    return machine, machine.run(scheduler, workers)


seconds = st.floats(0.01, 50).map(lambda s: round(s, 2))
durations = st.tuples(seconds, st.none() | seconds)
timed = st.lists(durations, max_size=30)
workers = st.integers(1, 5)


@quick
@given(timed=timed, workers=workers, engines=st.integers(1, 3))
def test_every_test_runs_once_whatever_the_estimates(
    timed: list[tuple[float, float | None]], workers: int, engines: int
) -> None:
    """However wrong the estimates are, each test runs once and every worker ends."""
    machine, _ = simulate([a for a, _ in timed], [e for _, e in timed], workers, engines=engines)
    assert sorted(machine.begun) == list(range(len(timed)))


@quick
@given(timed=timed, workers=workers)
def test_no_worker_idles_while_a_test_waits(timed: list[tuple[float, float | None]], workers: int) -> None:
    """However wrong the estimates are, the last test to end began when no worker was free (Graham 1966)."""
    actual = [a for a, _ in timed]
    _, took = simulate(actual, [e for _, e in timed], workers)
    assert took <= sum(actual) / workers + max(actual, default=0) * (1 - 1 / workers) + 1e-6


@quick
@given(actual=st.lists(seconds, max_size=30), workers=workers)
def test_true_estimates_are_kept(actual: list[float], workers: int) -> None:
    """Where the estimates are right, stealing never spoils the plan."""
    jobs = jobs_of(len(actual))
    schedule = make_schedule(jobs, {job.key: Past(s, False) for job, s in zip(jobs, actual, strict=True)}, workers)
    planned = max(sum(actual[n] for n in queue) for queue in schedule.queues)
    _, took = simulate(actual, [*actual], workers)
    assert took <= planned + 1e-6


@quick
@given(
    timed=st.lists(durations, min_size=1, max_size=30),
    workers=workers,
    kills=st.lists(st.tuples(st.floats(0, 100), st.integers(0, 9)), max_size=4),
)
def test_dead_workers_queue_goes_to_others(
    timed: list[tuple[float, float | None]], workers: int, kills: list[tuple[float, int]]
) -> None:
    """Every test begins, at whatever moment workers are killed, or is the one that xdist reports as crashed."""
    machine, _ = simulate([a for a, _ in timed], [e for _, e in timed], workers, kills=kills)
    assert machine.crashed | machine.begun.keys() == set(range(len(timed)))
    assert len(machine.crashed - machine.begun.keys()) <= len(kills)


@quick
@given(
    timed=st.lists(durations, min_size=1, max_size=30),
    workers=workers,
    additions=st.lists(st.floats(0, 50), max_size=4),
)
def test_added_workers_take_over_without_running_anything_twice(
    timed: list[tuple[float, float | None]], workers: int, additions: list[float]
) -> None:
    """Every test runs once, at whatever moments workers are added, and the added ones end as well."""
    machine, _ = simulate([a for a, _ in timed], [e for _, e in timed], workers, additions=additions)
    assert sorted(machine.begun) == list(range(len(timed)))


def test_workers_are_added_while_the_session_waits() -> None:
    """What decides is told after each test how many workers work and how many tests nobody has begun."""

    class Growth(WorkerGrowth):
        considered: ClassVar[list[tuple[int, int, int]]] = []

        def consider(self, *, working: int, done: int, waiting: Callable[[], int]) -> None:
            self.considered.append((working, done, waiting()))
            if done == 2:
                machine.add()

    machine = Machine([1.0] * 12)
    jobs = jobs_of(12)
    growth = Growth(2, TwoCores(), lambda: True)
    scheduler = QueueScheduling(Config(2), None, jobs, make_schedule(jobs, {}, 2), list, lambda: machine.now, growth)
    assert machine.run(scheduler, 2) == 5
    assert growth.considered[:2] == [(2, 1, 9), (2, 2, 8)]
    assert sorted(Counter(machine.begun.values()).values()) == [3, 4, 5]


def test_two_workers_die_that_held_one_test() -> None:
    """It goes to a third worker once, also where that one holds it already."""
    expected = [None, None, 2.0, None, None, 1.0]
    machine, _ = simulate([1.0, 1.0, 1.0, 0.5, 1.0, 1.0], expected, 4, kills=[(0.0, 0), (0.0, 1)])
    assert machine.crashed | machine.begun.keys() == set(range(6))


def test_workers_begin_with_the_longest_tests() -> None:
    """Each worker begins with the longest tests, so that the short ones fill the gaps."""
    machine, took = simulate([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8], 2)
    assert list(machine.begun)[:2] == [7, 6]
    assert took == 18


def test_tests_behind_a_long_one_go_to_a_free_worker() -> None:
    """What stands behind a test that takes much longer than expected is run by a worker that is free."""
    machine, took = simulate([100.0, *[1.0] * 9], [1.0] * 10, 2)
    assert took == 100
    assert sum(name == machine.begun[0] for name in machine.begun.values()) == 1


def test_tests_behind_a_long_one_go_to_a_free_worker_on_a_first_run() -> None:
    """The same where nothing is known, with the long one last in the plan."""
    _, took = simulate([*[1.0] * 9, 100.0], [None] * 10, 2)
    assert took <= 105


def test_engine_is_not_started_for_a_test_that_begins_elsewhere_sooner() -> None:
    """A worker that is done leaves the last test of another engine where it will be begun sooner."""
    machine, _ = simulate([10.0] * 4, [10.0] * 4, 2, engines=2)
    assert machine.begun[0] == machine.begun[2] != machine.begun[1] == machine.begun[3]
    assert machine.refused == 0


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_workers_without_a_queue_end_at_once(count: int) -> None:
    """Workers without a queue end at once."""
    machine, took = simulate([2.0] * count, [2.0] * count, 4)
    assert (len(machine.begun), took) == (count, 2.0 if count else 0.0)


def test_few_claims_are_refused() -> None:
    """Handing out twice is for the end: nearly all of a long session's tests are in one queue."""
    actual = [0.5 + (n * 7919 % 100) / 50 for n in range(400)]
    machine, took = simulate(actual, [None] * 400, 4)
    assert machine.refused <= 8
    assert took <= sum(actual) / 4 + 2.5


@quick
@given(
    timed=st.lists(durations, min_size=1, max_size=20),
    workers=workers,
    cuts=st.sets(st.integers(1, 19), max_size=6),
    alone=st.sets(st.integers(0, 19), max_size=10),
    kills=st.lists(st.tuples(st.floats(0, 60), st.integers(0, 9)), max_size=2),
)
def test_tests_that_share_a_driver_run_in_order_on_one_worker(
    timed: list[tuple[float, float | None]],
    workers: int,
    cuts: set[int],
    alone: set[int],
    kills: list[tuple[float, int]],
) -> None:
    """One worker runs those of a group, in order and with nothing between, however wrong the estimates are.

    A worker that dies hands all that it has not begun to one other.
    """
    edges = [0, *sorted(cut for cut in cuts if cut < len(timed)), len(timed)]
    groups = [list(range(*ends))[::-1] for ends in itertools.pairwise(edges)]
    groups = [[n for n in group if n not in alone] for group in groups]
    groups = [group for group in groups if group]
    machine, _ = simulate([a for a, _ in timed], [e for _, e in timed], workers, groups=groups, kills=kills)
    assert machine.crashed | machine.begun.keys() == set(range(len(timed)))
    for group in groups:
        homes = [machine.begun[n] for n in group if n in machine.begun]
        assert len(dict.fromkeys(homes)) <= 1 + len(kills)
        assert homes == sorted(homes, key=homes.index)
        for home in set(homes):
            ran = [n for n, worker in machine.begun.items() if worker == home]
            mine = [n for n in group if machine.begun.get(n) == home]
            assert ran[ran.index(mine[0]) : ran.index(mine[0]) + len(mine)] == mine
