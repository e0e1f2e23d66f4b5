"""The contract of every Store: what is remembered of earlier runs."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.contract.conftest import OpenStore
from tests.contract.rows import STRANGE
from tests.support.builders import make_jobs, make_run
from uitest.model import Job, Past
from uitest.storage.stores import Store


def test_nothing_is_remembered_at_first(store: Store) -> None:
    """A store that has seen no run knows nothing about any job."""
    assert store.past(["m-a-chrome~0", "m-b-chrome~1"]) == {}


def test_remembered_durations_are_read_back(store: Store) -> None:
    """Durations to a part in a million and how the job ended, for the keys asked for and no others."""
    jobs = [Job(text, "tc", "webkit") for text in STRANGE]
    past = {job.key: Past(n + 1 / 3, n % 2 == 0) for n, job in enumerate(jobs)}
    store.remember(past)
    result = store.past([job.key for job in jobs[1:]] + ["never seen"])
    assert set(result) == {job.key for job in jobs[1:]}
    for key, item in result.items():
        assert item.duration_s == pytest.approx(past[key].duration_s, rel=1e-6)
        assert item.failed == past[key].failed


def test_later_runs_replace_what_they_know(store: Store) -> None:
    """A new duration replaces the old one, an unknown one leaves it, and other jobs stay as they were."""
    store.remember({"a": Past(1.5, False), "b": Past(2.5, False), "c": Past(None, True)})
    store.remember({"a": Past(None, True), "c": Past(4.0, False), "d": Past(None, False)})
    assert store.past("abcde") == {
        "a": Past(1.5, True),
        "b": Past(2.5, False),
        "c": Past(4.0, False),
        "d": Past(None, False),
    }


def test_deleting_a_run_keeps_its_durations(store: Store) -> None:
    """Deleting runs, as prune does, forgets nothing."""
    store.create_run(make_run(), make_jobs(1))
    store.remember({"a": Past(1.5, False)})
    store.delete_run("r1")
    assert store.past(["a"]) == {"a": Past(1.5, False)}
    assert store.runs() == []


def test_ten_thousand_jobs_are_remembered(open_store: OpenStore) -> None:
    """As many jobs as a big run has."""
    keys = [job.key for job in make_jobs(10_000)]
    open_store().remember({key: Past(n / 8, n % 3 == 0) for n, key in enumerate(keys)})
    result = open_store().past(keys)
    assert [result[key] for key in keys] == [Past(n / 8, n % 3 == 0) for n in range(10_000)]


def test_runs_that_end_together_lose_nothing(open_atomic: OpenStore) -> None:
    """Of coordinators that remember at the same moment none overwrites what another wrote."""
    stores, together = [open_atomic() for _ in range(6)], Barrier(6)

    def remember(number: int) -> None:
        together.wait()
        for n in range(5):
            stores[number].remember({f"{number}-{n}": Past(float(n), False), "shared": Past(1.0, False)})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(remember, range(6)))
    keys = [f"{number}-{n}" for number in range(6) for n in range(5)]
    assert set(stores[0].past([*keys, "shared"])) == {*keys, "shared"}
