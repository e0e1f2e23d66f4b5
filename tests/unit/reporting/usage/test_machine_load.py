"""What is measured of a run's load, and when."""

from dataclasses import replace
from pathlib import Path

from tests.support.builders import make_jobs, make_run
from uitest.model import JobRow
from uitest.reporting.usage.machine_load import MINIMUM_S, LoadReporter
from uitest.storage.stores.sqlite import SqliteStore
from uitest.system.worker_count import Machine


class Busy(Machine):
    """A machine of two cores whose clocks the test sets."""

    now = 0.0
    worked = 0.0

    def cores(self) -> float:
        """Two."""
        return 2.0

    def cpu_s(self) -> float:
        """What the test says."""
        return Busy.worked


def measure(folder: Path, took: float) -> dict[str, float]:
    """What a run's header says of a run of ten jobs on two workers, of which each tenth took this long."""
    store = SqliteStore(folder / "uitest.db")
    run, rows = make_run(), [JobRow(job) for job in make_jobs(10)]
    store.create_run(run, [])
    Busy.now = Busy.worked = 0.0
    reporter = LoadReporter(store, 2, Busy(), lambda: Busy.now)
    reporter.update(run, rows, 0)  # nothing has begun: browsers and pytest start
    for begun in range(1, 11):
        Busy.now, Busy.worked = Busy.now + took, Busy.worked + took * (1.3 if begun < 10 else 0.1)
        reporter.update(run, [replace(row, attempt=int(n < begun)) for n, row in enumerate(rows)], 0)
    reporter.finish(run, rows, 0)
    result = dict(store.run(run.id).load)
    store.close()
    return result


def test_while_every_worker_has_work(tmp_path: Path) -> None:
    """The start and the end of a run, when workers idle, do not count."""
    assert measure(tmp_path, took=1.0) == {"workers": 2, "busy": 1.3, "cores": 2.0}


def test_too_short_to_tell(tmp_path: Path) -> None:
    """A run of a moment writes nothing."""
    assert measure(tmp_path, took=MINIMUM_S / 10) == {}


def test_workers_that_were_added_are_measured_together(tmp_path: Path) -> None:
    """The measurement begins anew with the larger number of workers."""
    store = SqliteStore(tmp_path / "uitest.db")
    run, rows = make_run(), [JobRow(job) for job in make_jobs(20)]
    store.create_run(run, [])
    Busy.now = Busy.worked = 0.0
    reporter = LoadReporter(store, 2, Busy(), lambda: Busy.now)
    for running in (2, 2, 4, 4, 4, 2):
        busy_rows = [replace(row, attempt=1, owner="w") if n < running else row for n, row in enumerate(rows)]
        reporter.update(run, busy_rows, 0)
        Busy.now, Busy.worked = Busy.now + 4, Busy.worked + 4 * (1.8 if running == 4 else 0.5)
    reporter.finish(run, rows, 0)
    assert store.run(run.id).load["workers"] == 4
    assert store.run(run.id).load["busy"] > 1.3
    store.close()


def test_no_load_without_attempts(tmp_path: Path) -> None:
    """A run without attempts writes no load."""
    store = SqliteStore(tmp_path / "uitest.db")
    store.create_run(make_run(), [])
    LoadReporter(store, 2, Busy()).finish(make_run(), [], 0)
    assert store.run("r1").load == {}
    store.close()
