"""What every store promises; see ``uitest.storage.stores.Store``."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.contract.conftest import Data, OpenStore
from tests.support.builders import NOW, make_attempt, make_jobs, make_run
from uitest.errors import RunChanged, RunExists, UnknownRun
from uitest.model import DETAIL_LIMIT, Attempt, Job, JobRow, Module, Past, RunState, Verdict
from uitest.run.finalize import end
from uitest.run.reporters import Reporters
from uitest.storage.stores import Store
from uitest.storage.stores.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]

STRANGE = [
    "with-hyphen",
    "a#b",
    "a/b",
    "../up",
    "..",
    "two words",
    'it\'s "quoted" `so` \\ %s',
    "emoji \N{FOX FACE}",
    "x" * 300,
    "\N{FOX FACE}" * 300,
]


def row_of(store: Store, job: Job, run_id: str = "r1") -> JobRow:
    """The row of a job that must be there."""
    row = store.job(run_id, job.key)
    assert row is not None
    return row


@pytest.fixture
def job(store: Store) -> Job:
    """The one job of run r1."""
    [job] = make_jobs(1)
    store.create_run(make_run(planned=1), [job])
    return job


def test_modules_come_back_by_name(store: Store) -> None:
    """What was written is read back, all fields, sorted by name."""
    plain = Module("zeta", ("tc001", "tc002"))
    full = Module("alpha", ("tc9",), ("chrome", "webkit"), 12.5, ("smoke", "slow"))
    store.put_modules([plain, full])
    assert store.modules() == [full, plain]


def test_module_is_replaced_whole(store: Store) -> None:
    """Writing a module again leaves nothing of the old one; the last of two of one name wins."""
    store.put_modules([Module("m", ("a",), ("chrome",), 3.0, ("t",))])
    store.put_modules([Module("m", ("b",)), Module("m", ("c",))])
    assert store.modules() == [Module("m", ("c",))]


def test_modules_are_deleted(store: Store) -> None:
    """Deleting takes the named ones away and does not mind unknown or repeated names."""
    store.put_modules(Module(f"m{n:02}", ("tc",)) for n in range(60))
    store.delete_modules([*(f"m{n:02}" for n in range(59)), "m00", "never there"])
    assert [module.name for module in store.modules()] == ["m59"]


def test_strange_ids_survive(store: Store) -> None:
    """Module names, case ids and run ids are free text and stay apart, whatever separators they hold."""
    store.put_modules(Module(text, (text,)) for text in STRANGE)
    assert {module.name: module.cases for module in store.modules()} == {text: (text,) for text in STRANGE}
    jobs = [Job(text, case, "firefox") for text in STRANGE for case in STRANGE]
    for text in STRANGE:
        store.create_run(make_run(text), jobs[:3])
    store.create_run(make_run("all"), jobs)
    assert [row.job for row in store.jobs("all")] == jobs
    assert {run.id for run in store.runs()} == {*STRANGE, "all"}
    for text in STRANGE:
        assert store.run(text).id == text
        assert store.claim(text, jobs[0].key, 1, text, NOW, 30)
        assert row_of(store, jobs[0], text).owner == text


def test_run_comes_back_as_written(store: Store) -> None:
    """Every field of a header survives, exactly."""
    run = make_run(
        planned=3,
        layer=2,
        modules=("m1", "m2"),
        browsers=("chrome",),
        settings={"retries": 1, "grid": None, "timeout": 1.25, "nested": {"a": [1, "\N{FOX FACE}"]}},
        finished_at=NOW + 1 / 3,
        beat_at=None,
        counts={"passed": 3},
        note="why",
    )
    store.create_run(run, make_jobs(3))
    assert store.run(run.id) == run


def test_planned_rows_are_untouched(store: Store) -> None:
    """A new run's jobs are all there, in plan order, nobody's and never tried."""
    jobs = make_jobs(60)
    store.create_run(make_run(), jobs)
    assert store.jobs("r1") == [JobRow(job) for job in jobs]
    assert store.job("r1", jobs[7].key) == JobRow(jobs[7])


@pytest.mark.parametrize(("open_atomic", "count"), [("sqlite", 10_000), ("ministack", 2_000)], indirect=["open_atomic"])
def test_big_plans_stay_in_order(open_atomic: OpenStore, count: int) -> None:
    """A big plan is written whole and read back in its order, with timeouts and attempts."""
    store, jobs = open_atomic(), make_jobs(count)
    store.create_run(make_run(planned=len(jobs)), jobs)
    assert store.claim("r1", jobs[-1].key, 1, "me", NOW, 30)
    assert store.finish("r1", jobs[-1].key, make_attempt())
    rows = open_atomic().jobs("r1")
    assert [row.job for row in rows] == jobs
    assert [len(row.attempts) for row in rows] == [0] * (count - 1) + [1]


def test_an_expected_change(store: Store) -> None:
    """A header changes only while it is as expected, absent values included; a repeat of one's own change is none."""
    store.create_run(make_run(beat_at=NOW, note=None), make_jobs(1))
    taken = store.update_run("r1", {"beat_at": NOW, "note": None, "layer": 0}, beat_at=NOW + 1 / 3, note="mine")
    assert (taken.beat_at, taken.note) == (NOW + 1 / 3, "mine")
    assert store.update_run("r1", {"beat_at": NOW}, beat_at=NOW + 1 / 3, note="mine") == taken
    for expected in ({"beat_at": NOW}, {"note": None}, {"layer": 1}, {"state": RunState.CANCELLED}):
        with pytest.raises(RunChanged, match="'r1'"):
            store.update_run("r1", expected, note="theirs", state=RunState.FINISHED)
    assert store.run("r1") == taken
    with pytest.raises(UnknownRun):
        store.update_run("nope", {"note": None}, note="x")


def test_only_one_takes_a_run(open_atomic: OpenStore) -> None:
    """Of eight that change what they have read at the same moment, one succeeds."""
    stores, together = [open_atomic() for _ in range(8)], Barrier(8)
    stores[0].create_run(make_run(beat_at=NOW), make_jobs(1))

    def take(number: int) -> bool:
        together.wait()
        try:
            stores[number].update_run("r1", {"beat_at": NOW}, beat_at=NOW + 1 + number)
        except RunChanged:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1


def test_run_id_in_use(store: Store) -> None:
    """A second run of the same id is refused and changes nothing."""
    store.create_run(make_run(note="first"), make_jobs(2))
    with pytest.raises(RunExists, match="'r1'"):
        store.create_run(make_run(note="second"), make_jobs(5))
    assert store.run("r1").note == "first"
    assert len(store.jobs("r1")) == 2


def test_only_one_creates_a_run(open_atomic: OpenStore) -> None:
    """Of eight that create one run at the same moment, one succeeds."""
    stores, together = [open_atomic() for _ in range(8)], Barrier(8)

    def create(store: Store) -> bool:
        together.wait()
        try:
            store.create_run(make_run(), make_jobs(3))
        except RunExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, stores)) == 1
    assert len(stores[0].jobs("r1")) == 3


def test_unknown_run(store: Store) -> None:
    """A run that is not there is UnknownRun for headers, no rows for jobs, False for workers."""
    with pytest.raises(UnknownRun, match="'nope'"):
        store.run("nope")
    with pytest.raises(UnknownRun, match="'nope'"):
        store.update_run("nope", note="x")
    [job] = make_jobs(1)
    assert store.jobs("nope") == []
    assert store.job("nope", job.key) is None
    assert not store.claim("nope", job.key, 1, "me", NOW, 30)
    assert not store.heartbeat("nope", job.key, 1, "me", NOW, 30)
    assert not store.finish("nope", job.key, make_attempt())


def test_unknown_job(store: Store, job: Job) -> None:
    """A key that is not in the plan is nobody's to claim, and claiming it makes no row."""
    assert store.job("r1", "other") is None
    assert not store.claim("r1", "other", 1, "me", NOW, 30)
    assert [row.job for row in store.jobs("r1")] == [job]


def test_runs_newest_first(store: Store) -> None:
    """Headers are listed by start, newest first, as many as asked for."""
    for n, offset in enumerate([5.0, 1.0, 9.0]):
        store.create_run(make_run(f"r{n}", started_at=NOW + offset), [])
    assert [run.id for run in store.runs()] == ["r2", "r0", "r1"]
    assert [run.id for run in store.runs(limit=2)] == ["r2", "r0"]


def test_update_touches_only_what_it_names(store: Store) -> None:
    """An update returns the header with its changes, and leaves every other field."""
    store.create_run(make_run(note="keep", settings={"a": 1}), [])
    changed = store.update_run("r1", beat_at=NOW + 5, counts={"passed": 2}, finished_at=None)
    assert changed == make_run(note="keep", settings={"a": 1}, beat_at=NOW + 5, counts={"passed": 2})
    assert store.run("r1") == changed
    assert store.update_run("r1") == changed


def test_update_refuses_unknown_fields(store: Store) -> None:
    """A field that no run has is a mistake in the program, not a new attribute."""
    store.create_run(make_run(), [])
    with pytest.raises(TypeError):
        store.update_run("r1", colour="red")


def test_cancel_and_beat_do_not_overwrite_each_other(open_atomic: OpenStore) -> None:
    """While the coordinator beats, another process's cancel stays."""
    coordinator, user = open_atomic(), open_atomic()
    coordinator.create_run(make_run(), [])

    def beat() -> None:
        for n in range(40):
            coordinator.update_run("r1", beat_at=NOW + n, counts={"running": n})

    with ThreadPoolExecutor(1) as pool:
        beating = pool.submit(beat)
        user.update_run("r1", state=RunState.CANCELLED, note="by me")
        beating.result()
    run = user.run("r1")
    assert (run.state, run.note, run.beat_at) == (RunState.CANCELLED, "by me", NOW + 39)


def test_delete_run(store: Store) -> None:
    """Deleting takes header and jobs of one run, is repeatable, and frees the id."""
    jobs = make_jobs(30)
    store.create_run(make_run("r1"), jobs)
    store.create_run(make_run("r2"), jobs)
    store.delete_run("r1")
    store.delete_run("r1")
    assert store.jobs("r1") == []
    assert [run.id for run in store.runs()] == ["r2"]
    assert len(store.jobs("r2")) == 30
    store.create_run(make_run("r1"), jobs[:1])
    assert store.jobs("r1") == [JobRow(jobs[0])]


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


def test_finish_without_claim(store: Store, job: Job) -> None:
    """An attempt that was never claimed cannot be reported."""
    assert not store.finish("r1", job.key, make_attempt(1))
    assert row_of(store, job) == JobRow(job)


def test_twenty_long_attempts(store: Store, job: Job) -> None:
    """A row takes twenty attempts and more, even with details that take twelve bytes a character."""
    for number in range(1, 23):
        assert store.claim("r1", job.key, number, "me", NOW, 30)
        detail = "\N{FOX FACE}" * DETAIL_LIMIT
        assert store.finish("r1", job.key, make_attempt(number, verdict=Verdict.FAILED, detail=detail))
    attempts = row_of(store, job).attempts
    assert [a.number for a in attempts] == list(range(1, 23))
    assert all(a.detail and set(a.detail) == {"\N{FOX FACE}"} for a in attempts)


@pytest.mark.parametrize("threads", [8, 16])
def test_one_claim_wins(open_atomic: OpenStore, threads: int) -> None:
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


def test_report_races_takeover(open_atomic: OpenStore) -> None:
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


def test_nothing_is_remembered_at_first(store: Store) -> None:
    """A store that has seen no run knows nothing about any job."""
    assert store.past(["m-a-chrome~0", "m-b-chrome~1"]) == {}


def test_what_is_remembered_comes_back(store: Store) -> None:
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


def test_what_is_remembered_outlives_its_run(store: Store) -> None:
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


def test_run_ends_red_when_a_row_has_vanished(store: Store, data: Data) -> None:
    """A run whose store lost a row ends red, with a line that says so: the counts do not add up to the plan."""
    jobs = make_jobs(2)
    store.create_run(make_run(planned=2, state=RunState.RUNNING), jobs)
    data.delete_row(jobs[1].key)
    assert store.claim("r1", jobs[0].key, 1, "me", NOW, 60)
    assert store.finish("r1", jobs[0].key, make_attempt(1, owner="me"))
    result = end(store, store.run("r1"), RunState.FINISHED, None, Reporters([]), lambda: NOW, lambda _: True)
    assert result.exit_code == 3
    assert store.run("r1").error == "1 of 2 planned jobs are missing from the store"
