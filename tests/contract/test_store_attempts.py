"""The contract of every Store: claims, leases and reports of attempts."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.contract.conftest import OpenStore
from tests.contract.rows import row_of
from tests.support.builders import NOW, make_attempt, make_jobs, make_run
from uitest.model import DETAIL_LIMIT, Attempt, Job, JobRow, Verdict
from uitest.storage.stores import Store
from uitest.storage.stores.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]


def test_life_of_an_attempt(store: Store, job: Job) -> None:
    """Claim, heartbeat and finish leave the row as the Protocol says at each step."""
    assert store.claim("r1", job.key, 1, "me", NOW, 30)
    assert row_of(store, job) == JobRow(job, 1, "me", NOW + 30, NOW)
    assert store.heartbeat("r1", job.key, 1, "me", NOW + 10, 30)
    assert row_of(store, job) == JobRow(job, 1, "me", NOW + 40, NOW)
    attempt = Attempt(
        1,
        "me",
        Verdict.FAILED,
        NOW,
        1 / 3,
        2,
        "boom",
        "Trace\nback \N{FOX FACE} \udc80",
        ("a.png",),
        warnings=("w",),
        browser_version="1.2",
    )
    assert store.finish("r1", job.key, attempt)
    assert row_of(store, job) == JobRow(job, 1, None, None, NOW, (attempt,))


def test_rows_that_are_held_or_were_claimed_lately_can_be_read_alone(store: Store) -> None:
    """In plan order: what is held, however long ago it was claimed, and what is over; nothing that was not claimed."""
    old, held, over, new = jobs = make_jobs(4)
    store.create_run(make_run(planned=4), jobs)
    for job, claimed_at in ((old, NOW - 100), (held, NOW - 100), (over, NOW)):
        assert store.claim("r1", job.key, 1, "me", claimed_at, 30)
    for job in (old, over):
        assert store.finish("r1", job.key, make_attempt(1))
    assert [row.job for row in store.jobs("r1", claimed_since=NOW)] == [held, over]
    assert [row.job for row in store.jobs("r1", claimed_since=NOW + 0.001)] == [held]
    assert [row.job for row in store.jobs("r1", claimed_since=0.0)] == [old, held, over]
    assert store.jobs("r1", claimed_since=NOW) == [row_of(store, held), row_of(store, over)]
    assert [row.job for row in store.jobs("r1")] == [old, held, over, new]


def test_claim_needs_the_next_number(store: Store, job: Job) -> None:
    """Only the attempt after the newest can be claimed."""
    assert not store.claim("r1", job.key, 2, "me", NOW, 30)
    assert not store.claim("r1", job.key, 0, "me", NOW, 30)
    assert store.claim("r1", job.key, 1, "me", NOW, 30)
    assert store.finish("r1", job.key, make_attempt(1))
    assert not store.claim("r1", job.key, 1, "me", NOW, 30)
    assert store.claim("r1", job.key, 2, "me", NOW, 30)


def test_claim_rests_on_what_was_seen(store: Store, job: Job) -> None:
    """Whoever wanted another attempt because the first was silent gets none once the first has reported."""
    assert not store.claim("r1", job.key, 1, "me", NOW, 30, reported=1)
    assert store.claim("r1", job.key, 1, "a", NOW, 30, reported=0)
    assert store.claim("r1", job.key, 1, "a", NOW, 30, reported=0)
    assert store.finish("r1", job.key, make_attempt(1, "a"))
    assert not store.claim("r1", job.key, 2, "b", NOW + 31, 30, reported=0)
    assert row_of(store, job).attempt == 1
    assert store.claim("r1", job.key, 2, "b", NOW + 31, 30, reported=1)


def test_lease_keeps_others_out(store: Store, job: Job) -> None:
    """Nobody else gets a job before its lease is over, neither this attempt nor the next."""
    assert store.claim("r1", job.key, 1, "a", NOW, 30)
    assert not store.claim("r1", job.key, 1, "b", NOW, 30)
    assert not store.claim("r1", job.key, 2, "b", NOW + 29.9, 30)
    assert store.claim("r1", job.key, 2, "b", NOW + 30, 30)


def test_superseded_reports_are_refused(store: Store, job: Job) -> None:
    """After another took over, the first worker's heartbeat and report change nothing."""
    assert store.claim("r1", job.key, 1, "a", NOW, 30)
    assert store.claim("r1", job.key, 2, "b", NOW + 31, 30)
    assert not store.heartbeat("r1", job.key, 1, "a", NOW + 32, 99)
    assert not store.finish("r1", job.key, make_attempt(1, "a"))
    assert not store.finish("r1", job.key, make_attempt(2, "a"))
    assert row_of(store, job) == JobRow(job, 2, "b", NOW + 61, NOW + 31)
    assert store.finish("r1", job.key, make_attempt(2, "b", Verdict.FAILED))
    assert not store.finish("r1", job.key, make_attempt(1, "a"))
    assert [a.owner for a in row_of(store, job).attempts] == ["b"]


def test_same_owner_is_fenced_by_number(store: Store, job: Job) -> None:
    """A worker that lost attempt 1 and holds attempt 2 cannot report the first."""
    assert store.claim("r1", job.key, 1, "a", NOW, 30)
    assert store.claim("r1", job.key, 2, "a", NOW + 31, 30)
    assert not store.finish("r1", job.key, make_attempt(1, "a"))
    assert store.finish("r1", job.key, make_attempt(2, "a"))


def test_late_report_counts_while_nobody_took_over(store: Store, job: Job) -> None:
    """A lease that is over is only lost when another claims the job."""
    assert store.claim("r1", job.key, 1, "a", NOW, 30)
    assert store.heartbeat("r1", job.key, 1, "a", NOW + 60, 30)
    assert store.finish("r1", job.key, make_attempt(1, "a"))


def test_own_repeats_are_true_and_change_nothing(store: Store, job: Job) -> None:
    """A claim or report whose answer got lost may be sent again."""
    assert store.claim("r1", job.key, 1, "a", NOW, 30)
    before = row_of(store, job)
    assert store.claim("r1", job.key, 1, "a", NOW + 5, 30)
    assert row_of(store, job) == before
    assert store.finish("r1", job.key, make_attempt(1, "a"))
    assert store.finish("r1", job.key, make_attempt(1, "a", Verdict.FAILED))
    assert [a.verdict for a in row_of(store, job).attempts] == [Verdict.PASSED]
    assert not store.finish("r1", job.key, make_attempt(1, "b"))
    assert not store.heartbeat("r1", job.key, 1, "a", NOW + 6, 30)


def test_attempt_that_was_not_claimed_cannot_be_finished(store: Store, job: Job) -> None:
    """An attempt that was never claimed cannot be reported."""
    assert not store.finish("r1", job.key, make_attempt(1))
    assert row_of(store, job) == JobRow(job)


def test_row_holds_twenty_long_attempts(store: Store, job: Job) -> None:
    """A row takes twenty attempts and more, even with details that take twelve bytes a character."""
    for number in range(1, 23):
        assert store.claim("r1", job.key, number, "me", NOW, 30)
        detail = "\N{FOX FACE}" * DETAIL_LIMIT
        assert store.finish("r1", job.key, make_attempt(number, verdict=Verdict.FAILED, detail=detail))
    attempts = row_of(store, job).attempts
    assert [a.number for a in attempts] == list(range(1, 23))
    assert all(a.detail and set(a.detail) == {"\N{FOX FACE}"} for a in attempts)


@pytest.mark.parametrize("threads", [8, 16])
def test_one_of_many_simultaneous_claims_wins(open_atomic: OpenStore, threads: int) -> None:
    """Of many that claim one attempt at the same moment exactly one gets it, job after job."""
    first = open_atomic()
    stores = [first, *(open_atomic() for _ in range(threads - 1))]
    jobs, together = make_jobs(10), Barrier(threads)
    first.create_run(make_run(), jobs)

    def claim_all(number: int) -> list[bool]:
        won = []
        for job in jobs:
            together.wait()
            won.append(stores[number].claim("r1", job.key, 1, f"w{number}", NOW, 30))
        return won

    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(claim_all, range(threads)))
    assert [sum(won) for won in zip(*results, strict=True)] == [1] * len(jobs)
    for row, won in zip(first.jobs("r1"), zip(*results, strict=True), strict=True):
        assert row.owner == f"w{won.index(True)}"


def test_late_report_or_takeover_wins_never_both(open_atomic: OpenStore) -> None:
    """When a late report and a take-over meet, exactly one of them happens."""
    worker, thief = open_atomic(), open_atomic()
    jobs, together = make_jobs(20), Barrier(2)
    worker.create_run(make_run(), jobs)
    for job in jobs:
        assert worker.claim("r1", job.key, 1, "worker", NOW, 30)

    def report() -> list[bool]:
        return [together.wait() >= 0 and worker.finish("r1", j.key, make_attempt(1, "worker")) for j in jobs]

    def steal() -> list[bool]:
        return [together.wait() >= 0 and thief.claim("r1", j.key, 2, "thief", NOW + 31, 30) for j in jobs]

    with ThreadPoolExecutor(2) as pool:
        reporting, stealing = pool.submit(report), pool.submit(steal)
        reported, stolen = reporting.result(), stealing.result()
    for row, was_reported, was_stolen in zip(worker.jobs("r1"), reported, stolen, strict=True):
        assert len(row.attempts) == was_reported
        # The thief may also claim after the report: attempt 2 is free then. Both failing is impossible.
        assert was_stolen == (row.owner == "thief")
        assert was_reported or was_stolen


def test_one_object_serves_many_threads(open_atomic: OpenStore) -> None:
    """A heartbeat thread and workers may share one store."""
    store, jobs = open_atomic(), make_jobs(24)
    store.create_run(make_run(), jobs)

    def work(job: Job) -> bool:
        return (
            store.claim("r1", job.key, 1, "me", NOW, 30)
            and store.heartbeat("r1", job.key, 1, "me", NOW + 1, 30)
            and store.finish("r1", job.key, make_attempt())
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, jobs))
    assert [len(row.attempts) for row in store.jobs("r1")] == [1] * len(jobs)


def test_processes_share_a_database(tmp_path: Path) -> None:
    """Three processes that claim everything from one SQLite file win every job once between them."""
    path = tmp_path / "uitest.db"
    store = SqliteStore(path)
    store.create_run(make_run(), make_jobs(150))
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.claimer", str(path), "r1", f"p{n}"],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        for n in range(3)
    ]
    counts = [int(worker.communicate()[0]) for worker in workers]
    owners = [row.owner for row in store.jobs("r1")]
    store.close()
    assert sum(counts) == 150
    assert [owners.count(f"p{n}") for n in range(3)] == counts
