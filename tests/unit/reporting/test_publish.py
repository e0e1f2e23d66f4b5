"""Reporters that write files."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from tests.support.builders import NOW, make_attempt, make_run
from tests.support.processes import eventually
from tests.support.samples import MemoryPlace
from uitest.config import RunSettings
from uitest.errors import PlaceError
from uitest.model import Job, JobRow
from uitest.reporting.publish import JunitReporter, SiteReporter, publish
from uitest.storage.files import FolderPlace
from uitest.storage.stores.sqlite import SqliteStore

JOB = Job("m", "c", "chrome")
ROWS = [JobRow(JOB, attempt=1, attempts=(make_attempt(),))]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store with one run."""
    store = SqliteStore(tmp_path / "uitest.db")
    store.create_run(make_run("r", planned=1), [JOB])
    yield store
    store.close()


def test_pages_are_written_at_once_and_then_in_peace(store: SqliteStore, tmp_path: Path) -> None:
    """The first look shows the run; later ones wait their time, and the end does not wait."""
    reporter = SiteReporter(FolderPlace(tmp_path / "site"), str(tmp_path / "site" / "artifacts"))
    page = tmp_path / "site" / "runs" / "r" / "index.html"
    reporter.update(make_run("r", planned=1), [JobRow(JOB)], NOW)
    eventually((tmp_path / "site" / "index.html").exists, "the home page is written")
    first = page.read_bytes()
    reporter.update(make_run("r", planned=1), ROWS, NOW)
    assert page.read_bytes() == first
    reporter.finish(make_run("r", planned=1), ROWS, NOW)
    assert page.read_bytes() != first
    assert "runs/r/" in (tmp_path / "site" / "index.html").read_text()


class HeldPlace(MemoryPlace):
    """A place that takes nothing until it is let go, and then refuses it if it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked, self.let_go = Event(), Event()
        self.refuses = False

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        self.is_asked.set()
        assert self.let_go.wait(60)
        if self.refuses:
            raise PlaceError("no space is left")
        super().write(name, data, content_type)


def test_slow_place_keeps_nobody_waiting_until_the_end() -> None:
    """The coordinator goes on polling meanwhile."""
    place = HeldPlace()
    reporter = SiteReporter(place, "memory:artifacts")
    for _ in range(3):
        reporter.update(make_run("r", planned=1), [JobRow(JOB)], NOW)
    assert place.is_asked.wait(60)
    assert place.log == []
    place.let_go.set()
    reporter.finish(make_run("r", planned=1), ROWS, NOW)
    assert "index.html" in place.files


def test_pages_that_were_not_written_are_told_at_the_next_update_and_written_at_the_end() -> None:
    """A place that fails for a while costs a warning, not the last pages."""
    place = HeldPlace()
    place.refuses = True
    place.let_go.set()
    reporter = SiteReporter(place, "memory:artifacts")

    def tells() -> bool:
        try:
            reporter.update(make_run("r", planned=1), [JobRow(JOB)], NOW)
        except PlaceError:
            return True
        return False

    eventually(tells, "the error is raised")
    place.refuses = False
    reporter.finish(make_run("r", planned=1), ROWS, NOW)
    assert "index.html" in place.files


def test_junit_comes_at_the_end_and_whole(tmp_path: Path) -> None:
    """Into folders that are made, replacing what was there, leaving no part of it."""
    path = tmp_path / "a" / "b" / "junit.xml"
    reporter = JunitReporter.to_file(path)
    reporter.update(make_run(), ROWS, NOW)
    assert not path.parent.exists()
    reporter.finish(make_run(), ROWS, NOW)
    reporter.finish(make_run(), ROWS, NOW)
    assert b"<testcase" in path.read_bytes()
    assert [result.name for result in path.parent.iterdir()] == ["junit.xml"]


def test_junit_that_cannot_be_written(tmp_path: Path) -> None:
    """One line that names the file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(PlaceError, match=r"junit\.xml"):
        JunitReporter.to_file(tmp_path / "file" / "junit.xml").finish(make_run(), ROWS, NOW)


def test_publish_renders_an_old_run_from_the_store(store: SqliteStore, tmp_path: Path) -> None:
    """Pages of an old run are rendered from the store alone."""
    settings = RunSettings(site=str(tmp_path / "site"), artifacts=str(tmp_path / "shots"))
    publish(store, store.run("r"), settings, NOW)
    assert (tmp_path / "site" / "runs" / "r" / "index.html").exists()
