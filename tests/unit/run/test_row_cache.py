"""What a poll reads is what the store has."""

import itertools
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import NOW, make_attempt, make_jobs, make_run
from tests.support.properties import quick
from tests.support.scripted import Clock, SlowStore
from uitest.run.row_cache import CLOCK_SKEW_S, MAX_FULL_PAUSE_S, RowCache
from uitest.storage.stores.sqlite import SqliteStore

JOBS = make_jobs(2)
LEASE_S = 10.0
READ_S = 4.0
NAMES = map(str, itertools.count())

skews = st.floats(-CLOCK_SKEW_S, CLOCK_SKEW_S)
"""By how many seconds a worker's clock is fast."""
steps = st.lists(
    st.tuples(
        st.sampled_from(["claim", "finish", "heartbeat"]),
        st.sampled_from(JOBS),
        skews,
        st.floats(0, 2 * LEASE_S),
        st.booleans(),
    ),
    min_size=5,
    max_size=30,
)
"""What a worker does to a job, the skew of its clock, how long nothing happens then, and whether all is read then."""


def planned(store: SqliteStore) -> str:
    """The id of a run of ``JOBS``."""
    header = make_run(next(NAMES), planned=len(JOBS))
    store.create_run(header, JOBS)
    return header.id


@quick
@given(steps=steps)
def test_rows_are_those_of_the_store_whatever_workers_did(store: SqliteStore, path: Path, steps: Any) -> None:
    """Claims, reports and late reports between two polls, by clocks that are slow or fast."""
    run, clock = planned(store), Clock()
    with closing(SlowStore(path, clock, READ_S)) as slow:
        cache = RowCache(slow, run, clock, lambda: 0.0 if clock.now == NOW else READ_S)
        cache.read()
        numbers = dict.fromkeys(JOBS, 0)
        for kind, job, skew, pause, is_read in steps:
            now = clock.now + skew
            if kind == "claim":
                numbers[job] += store.claim(run, job.key, numbers[job] + 1, "worker", now, LEASE_S)
            elif kind == "finish":
                store.finish(run, job.key, make_attempt(numbers[job], "worker"))
            else:
                store.heartbeat(run, job.key, numbers[job], "worker", now, LEASE_S)
            clock.now += pause
            if is_read:
                assert cache.read() == store.jobs(run)
        assert cache.read() == store.jobs(run)


def test_all_rows_are_read_again_after_a_while(store: SqliteStore, path: Path) -> None:
    """A claim by a clock that is far behind is noticed then, and so are rows that were deleted."""
    run, clock = planned(store), Clock()
    with closing(SlowStore(path, clock, READ_S)) as slow:
        cache = RowCache(slow, run, clock, clock)
        before = cache.read()
        assert store.claim(run, JOBS[0].key, 1, "worker", clock.now - 3600, 7200)
        assert store.finish(run, JOBS[0].key, make_attempt(1, "worker"))
        assert (cache.read(), slow.full_reads) == (before, 1)
        clock.now += MAX_FULL_PAUSE_S
        assert (cache.read(), slow.full_reads) == (store.jobs(run), 2)
        store.delete_run(run)
        clock.now += MAX_FULL_PAUSE_S
        assert (cache.read(), slow.full_reads) == ([], 3)


def test_rows_that_were_missing_make_it_read_all(store: SqliteStore, path: Path) -> None:
    """A run may be read while it is being written."""
    clock = Clock()
    with closing(SlowStore(path, clock, READ_S)) as slow:
        cache = RowCache(slow, "late", clock, clock)
        assert cache.read() == []
        store.create_run(make_run("late", planned=len(JOBS)), JOBS)
        assert store.claim("late", JOBS[1].key, 1, "worker", clock.now, 30)
        assert (cache.read(), slow.full_reads) == (store.jobs("late"), 2)
