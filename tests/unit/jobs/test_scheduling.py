"""Every job once, never later than without estimates, and as even as list scheduling gets."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.jobs.scheduling import START_S, UNKNOWN_S, estimate, keep_together, make_schedule, makespan, split, steal
from uitest.model import BROWSERS, Job, Past

FREE: dict[str, float] = {}

Known = tuple[list[Job], dict[str, Past]]


@st.composite
def plans(draw: st.DrawFn, most: int = 40, engines: int = 3, unknown: bool = True) -> Known:
    """Jobs of some modules and engines, and what is known about most of them."""
    jobs, past = [], {}
    times = st.floats(0, 100, allow_nan=False).map(lambda s: round(s, 3))
    for n in range(draw(st.integers(0, most))):
        job = Job(draw(st.sampled_from(["a", "b"])), f"tc{n}", draw(st.sampled_from(BROWSERS[:engines])))
        jobs.append(job)
        if not unknown or draw(st.integers(0, 4)):
            past[job.key] = Past(draw(times if not unknown else st.none() | times), draw(st.booleans()))
    return jobs, past


workers = st.integers(1, 9)


@quick
@given(plan=plans(), workers=workers, failed_first=st.booleans())
def test_queues_have_every_job_once(plan: Known, workers: int, failed_first: bool) -> None:
    """There is a queue for each worker, and together they have each job exactly once."""
    jobs, past = plan
    result = make_schedule(jobs, past, workers, failed_first=failed_first)
    assert len(result.queues) == workers
    assert sorted(n for queue in result.queues for n in queue) == list(range(len(jobs)))
    assert len(result.seconds) == len(jobs)


@quick
@given(plan=plans(), workers=workers, failed_first=st.booleans())
def test_makespan_is_between_lower_bound_and_even_split(plan: Known, workers: int, failed_first: bool) -> None:
    """A schedule is never longer than an even split, and never shorter than possible."""
    jobs, past = plan
    result = make_schedule(jobs, past, workers, failed_first=failed_first)
    duration = makespan(result.queues, jobs, result.seconds, START_S)
    assert duration <= makespan(split(len(jobs), workers), jobs, result.seconds, START_S) + 1e-9
    assert duration >= max(sum(result.seconds) / workers, *result.seconds, 0.0) - 1e-9


@quick
@given(plan=plans(), workers=workers, failed_first=st.booleans())
def test_as_good_as_list_scheduling(plan: Known, workers: int, failed_first: bool) -> None:
    """Where engines cost nothing, the last job to end began when every worker was busy (Graham 1966)."""
    jobs, past = plan
    result = make_schedule(jobs, past, workers, failed_first=failed_first, start_s=FREE)
    longest = max(result.seconds, default=0.0)
    assert (
        makespan(result.queues, jobs, result.seconds, FREE)
        <= sum(result.seconds) / workers + longest * (1 - 1 / workers) + 1e-9
    )


@quick
@given(plan=plans(most=7, engines=1, unknown=False), workers=st.integers(1, 3))
def test_at_most_a_third_above_the_best(plan: Known, workers: int) -> None:
    """Longest first is at most 4/3 - 1/3m of the best there is (Graham 1969)."""
    jobs, past = plan
    result = make_schedule(jobs, past, workers, start_s=FREE)
    best = min(
        makespan([[n for n, at in enumerate(way) if at == w] for w in range(workers)], jobs, result.seconds, FREE)
        for way in product(range(workers), repeat=len(jobs))
    )
    assert makespan(result.queues, jobs, result.seconds, FREE) <= best * (4 / 3 - 1 / (3 * workers)) + 1e-9


@quick
@given(plan=plans(), workers=workers)
def test_failed_ones_come_first(plan: Known, workers: int) -> None:
    """In each queue, when asked; within both groups the longest come first."""
    jobs, past = plan
    result = make_schedule(jobs, past, workers, failed_first=True)
    for queue in result.queues:
        ranks = [(not (jobs[n].key in past and past[jobs[n].key].failed), -result.seconds[n]) for n in queue]
        assert ranks == sorted(ranks)


@quick
@given(plan=plans(), workers=workers, failed_first=st.booleans())
def test_schedule_does_not_depend_on_the_order_of_records(plan: Known, workers: int, failed_first: bool) -> None:
    """The same numbers give the same queues in any order of the records."""
    jobs, past = plan
    again = make_schedule(list(jobs), dict(reversed(past.items())), workers, failed_first=failed_first)
    assert again == make_schedule(jobs, past, workers, failed_first=failed_first)


def test_failed_ones_spread_over_the_workers() -> None:
    """What failed last time runs at once, on as many workers as there are."""
    jobs = [Job("m", f"tc{n}", "chrome") for n in range(10)]
    past = {job.key: Past(10.0 - n, n >= 8) for n, job in enumerate(jobs)}
    result = make_schedule(jobs, past, 2, failed_first=True)
    assert {queue[0] for queue in result.queues} == {8, 9}
    assert {queue[0] for queue in make_schedule(jobs, past, 2).queues} == {0, 1}


def test_each_worker_starts_one_engine_if_work_is_equal() -> None:
    """With as many workers as engines and equal work, each worker starts one engine."""
    jobs = [Job("m", f"tc{n}", engine) for engine in BROWSERS for n in range(20)]
    past = {job.key: Past(1.0 + n % 7 / 10, False) for n, job in enumerate(jobs)}
    result = make_schedule(jobs, past, 3)
    assert sum(len({jobs[n].browser for n in queue}) for queue in result.queues) <= 5
    assert makespan(result.queues, jobs, result.seconds, START_S) <= sum(result.seconds) / 3 + 2.5


def test_engine_with_most_of_the_work_gets_several_workers() -> None:
    """When one engine has most of the work, several workers hold it."""
    jobs = [*(Job("m", f"tc{n}", "chrome") for n in range(30)), Job("m", "tc", "firefox")]
    result = make_schedule(jobs, {}, 2)
    assert all(any(jobs[n].browser == "chrome" for n in queue) for queue in result.queues)
    assert sum(any(jobs[n].browser == "firefox" for n in queue) for queue in result.queues) == 1


def test_unknown_duration_is_the_median() -> None:
    """An unknown duration is the median of the module, else of all, else a second; zero is a duration."""
    jobs = [Job(module, f"tc{n}", "chrome") for module in ("a", "b") for n in range(4)]
    assert estimate(jobs, {}) == (UNKNOWN_S,) * 8
    known = {jobs[0].key: Past(2.0, False), jobs[1].key: Past(6.0, True), jobs[2].key: Past(None, True)}
    assert estimate(jobs, known) == (2.0, 6.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0)
    assert estimate(jobs, {**known, jobs[4].key: Past(0.0, False)})[4:] == (0.0,) * 4


def test_split_as_xdist_does() -> None:
    """Equal parts in plan order, the larger ones last."""
    assert [list(part) for part in split(10, 4)] == [[0, 1], [2, 3], [4, 5, 6], [7, 8, 9]]
    assert [len(part) for part in split(1, 3)] == [0, 0, 1]


def test_empty_plan_gives_empty_queues() -> None:
    """An empty plan gives empty queues."""
    assert make_schedule([], {}, 3).queues == ((), (), ())


JOBS = [Job("m", f"tc{n}", "chrome") for n in range(8)]
SECONDS = (20.0, 8.0, 5.0, 3.0, 2.0, 1.0, 1.0, 1.0)


def test_steal_until_both_end_together() -> None:
    """From the tail, as much as evens out what both have left."""
    assert steal([3, 4, 5, 6, 7], JOBS, SECONDS, victim_s=16, thief_s=8, held={"chrome"}) == [7, 6, 5]
    assert steal([3, 4, 5, 6, 7], JOBS, SECONDS, victim_s=9, thief_s=8, held={"chrome"}) == []
    assert steal([], JOBS, SECONDS, victim_s=99, thief_s=0, held=set()) == []


def test_steal_minds_what_an_engine_costs() -> None:
    """A job whose engine the thief would have to start is left where that takes longer than waiting."""
    jobs = [Job("m", "tc0", "firefox"), Job("m", "tc1", "chrome"), Job("m", "tc2", "firefox")]
    seconds = (1.0, 1.0, 1.0)
    assert steal([0, 1, 2], jobs, seconds, victim_s=3, thief_s=1, held={"chrome"}) == [1]
    assert steal([0, 1, 2], jobs, seconds, victim_s=9, thief_s=1, held={"chrome"}) == [2, 1, 0]


@quick
@given(
    seconds=st.lists(st.floats(0, 50), min_size=1, max_size=20),
    ahead=st.floats(0, 50),
    thief_s=st.floats(0, 100),
)
def test_stealing_never_makes_it_later(seconds: list[float], ahead: float, thief_s: float) -> None:
    """Whatever is taken, the later of the two ends no later than before."""
    jobs = [Job("m", f"tc{n}", "chrome") for n in range(len(seconds))]
    victim_s = ahead + sum(seconds)
    taken = steal(range(len(jobs)), jobs, seconds, victim_s=victim_s, thief_s=thief_s, held=())
    moved = sum(seconds[n] for n in taken)
    after = max(victim_s - moved, thief_s + moved + (START_S["chrome"] if taken else 0.0))
    assert after <= max(victim_s, thief_s) + 1e-9
    assert len(set(taken)) == len(taken)


@pytest.mark.parametrize("workers", [2, 64])
def test_ten_thousand_jobs_take_no_time(workers: int) -> None:
    """The queues of a big run are even, and are made before anybody notices."""
    jobs = [Job("m", f"tc{n}", BROWSERS[n % 3]) for n in range(9_999)]
    past = {job.key: Past(0.2 + (n * 7919 % 1000) / 250, False) for n, job in enumerate(jobs)}
    result = make_schedule(jobs, past, workers)
    assert makespan(result.queues, jobs, result.seconds, START_S) <= sum(result.seconds) / workers + 5


@quick
@given(plan=plans(), workers=workers, dice=st.lists(st.integers(0, 3), min_size=40, max_size=40))
def test_groups_are_kept_together(plan: Known, workers: int, dice: list[int]) -> None:
    """Each in one queue, in its own order and with nothing between; every job is still in one queue."""
    jobs, past = plan
    groups = [[n for n in range(len(jobs)) if dice[n] == die][::-1] for die in (1, 2, 3)]
    groups = [group for group in groups if group]
    result = keep_together(make_schedule(jobs, past, workers), jobs, groups)
    assert sorted(n for queue in result.queues for n in queue) == list(range(len(jobs)))
    for group in groups:
        [queue] = [queue for queue in result.queues if group[0] in queue]
        at = queue.index(group[0])
        assert list(queue[at : at + len(group)]) == group


def test_group_is_scheduled_like_one_long_job() -> None:
    """The others fill the other worker; one that failed brings its group to the front."""
    jobs = [Job("m", f"tc{n}", "chrome") for n in range(6)]
    past = {job.key: Past(1.0, n == 5) for n, job in enumerate(jobs)}
    schedule = make_schedule(jobs, past, 2)
    assert set(keep_together(schedule, jobs, [[2, 1, 0]]).queues) == {(2, 1, 0), (3, 4, 5)}
    first = make_schedule(jobs, past, 1, failed_first=True)
    assert keep_together(first, jobs, [[4, 5]]).queues == ((4, 5, 0, 1, 2, 3),)
    assert keep_together(schedule, jobs, []) is schedule
