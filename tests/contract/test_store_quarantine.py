"""The contract of every Store: rows of the quarantine."""

from dataclasses import replace

from tests.contract.conftest import OpenStore
from tests.contract.rows import STRANGE
from tests.support.builders import make_jobs, make_run
from uitest.quarantine import Quarantine
from uitest.storage.stores import Store

FULL = Quarantine("2026-12-31", "c[*]", "no \N{FOX FACE}", ("chrome", "webkit"), "@me", "slow", "https://x.example/7")


def test_rows_are_read_back_by_last_day(open_store: OpenStore) -> None:
    """All fields, also of rows that are long over, by every process; none at first, and no run or module is one."""
    store = open_store()
    store.create_run(make_run(), make_jobs(2))
    assert store.quarantine() == []
    over = Quarantine("2020-01-01", error="e")
    store.put_quarantine([FULL, over])
    assert open_store().quarantine() == [over, FULL]
    assert [run.id for run in store.runs()] == ["r1"]


def test_row_about_the_same_is_replaced(store: Store) -> None:
    """Whatever order its browsers have; the last of two wins, others stay."""
    other = replace(FULL, browsers=())
    store.put_quarantine([FULL, other])
    later = replace(FULL, until="2027-02-03", browsers=("webkit", "chrome"), owner="@you", link="")
    store.put_quarantine([replace(later, reason="first"), later])
    assert store.quarantine() == [other, later]


def test_rows_with_any_texts_are_deleted_by_their_id(store: Store) -> None:
    """Unknown ids, and those given twice, do no harm."""
    rows = [Quarantine("2026-12-31", case=text, reason=text) for text in STRANGE]
    store.put_quarantine(rows)
    assert {row.case for row in store.quarantine()} == set(STRANGE)
    store.delete_quarantine([*(row.id for row in rows[1:]), rows[1].id, "never there"])
    assert store.quarantine() == rows[:1]


def test_run_keeps_the_rows_that_it_began_with(store: Store) -> None:
    """The copy in its header is exact and stays when the rows change."""
    run = make_run(quarantine=(FULL, Quarantine("2020-01-01", error="e")))
    store.create_run(run, make_jobs(1))
    store.put_quarantine([replace(FULL, until="2027-01-01")])
    assert store.run("r1").quarantine == run.quarantine
    assert store.update_run("r1", note="x").quarantine == run.quarantine
