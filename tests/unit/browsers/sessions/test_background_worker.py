"""What goes on beside the running case."""

import threading
from collections.abc import Iterator

import pytest

from tests.support.processes import eventually
from uitest.browsers.sessions.background_worker import BackgroundWorker


@pytest.fixture
def beside() -> Iterator[BackgroundWorker[int]]:
    """Makes 1, 2, 3 and so on."""
    numbers = iter(range(1, 10))
    beside = BackgroundWorker(lambda: next(numbers))
    yield beside
    beside.end()


def test_one_object_is_made_ahead_and_only_one(beside: BackgroundWorker[int]) -> None:
    """Asked for twice, prepared once; what nobody prepared is made when it is wanted."""
    beside.prepare()
    beside.prepare()
    assert [beside.take(), beside.take()] == [1, 2]


def test_error_of_making_is_raised_where_the_object_is_taken(beside: BackgroundWorker[int]) -> None:
    """And the next one is made anew."""

    def broken() -> int:
        raise OSError("no")

    failing = BackgroundWorker(broken)
    failing.prepare()
    for _ in range(2):
        with pytest.raises(OSError, match="no"):
            failing.take()
    failing.end()


def test_settle_hands_out_what_was_prepared_once(beside: BackgroundWorker[int]) -> None:
    """What was prepared is handed out, once; what takes too long is not waited for."""
    beside.prepare()
    assert [beside.settle(20), beside.settle(20)] == [1, None]
    goes_on = threading.Event()
    beside.remove(lambda: goes_on.wait(20) and None)
    with pytest.raises(TimeoutError):
        beside.settle(0.01)
    goes_on.set()


def test_failed_removal_is_remembered(beside: BackgroundWorker[int]) -> None:
    """Also when it fails late, after others were asked for and have succeeded."""
    goes_on = threading.Event()

    def fails() -> None:
        goes_on.wait(20)
        raise OSError("still there")

    beside.remove(lambda: None)
    beside.remove(fails)
    beside.remove(lambda: None)
    assert not beside.failed
    goes_on.set()
    eventually(lambda: beside.failed, "the removal")
    beside.also(lambda: None).result(20)
    beside.remove(lambda: None)
    assert beside.failed
