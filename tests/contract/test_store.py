"""What every store promises; see ``uitest.storage.stores.Store``."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.contract.conftest import Data, OpenStore
from tests.contract.rows import STRANGE, row_of
from tests.support.builders import NOW, make_attempt, make_jobs, make_run
from uitest.errors import RunChanged, RunExists, UnknownRun
from uitest.model import Job, JobRow, Module, RunState
from uitest.run.finalize import end
from uitest.run.reporters import Reporters
from uitest.storage.stores import Store


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


def test_deleting_modules_ignores_unknown_and_repeated_names(store: Store) -> None:
    """Deleting takes the named ones away and does not mind unknown or repeated names."""
    store.put_modules(Module(f"m{n:02}", ("tc",)) for n in range(60))
    store.delete_modules([*(f"m{n:02}" for n in range(59)), "m00", "never there"])
    assert [module.name for module in store.modules()] == ["m59"]


def test_ids_with_any_separators_stay_apart(store: Store) -> None:
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


def test_update_with_an_expectation_changes_only_what_matches(store: Store) -> None:
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


def test_unknown_run_raises_and_has_no_rows(store: Store) -> None:
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


def test_job_outside_the_plan_cannot_be_claimed(store: Store, job: Job) -> None:
    """A key that is not in the plan is nobody's to claim, and claiming it makes no row."""
    assert store.job("r1", "other") is None
    assert not store.claim("r1", "other", 1, "me", NOW, 30)
    assert [row.job for row in store.jobs("r1")] == [job]


def test_runs_are_listed_newest_first(store: Store) -> None:
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


def test_deleting_a_run_frees_its_id(store: Store) -> None:
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
