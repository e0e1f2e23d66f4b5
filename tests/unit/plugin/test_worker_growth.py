"""When workers are added to a running session, and how many."""

import pytest

from tests.support.workers import TwoCores
from uitest.plugin.worker.worker_growth import WINDOW_S, WorkerGrowth
from uitest.system.worker_count import WORKER_B


class Session:
    """A session of two workers that counts those that are added."""

    def __init__(self, machine: TwoCores, room: int = 100) -> None:
        self.machine, self.workers, self._room = machine, 2, room
        self.growth = WorkerGrowth(2, machine, self._add, lambda: machine.now)

    def _add(self) -> bool:
        if self.workers == self._room:
            return False
        self.workers += 1
        return True

    def run(self, busy: float, *, rounds: int = 1, waiting: int = 100, working: int | None = None) -> int:
        """The number of workers after rounds in each of which every worker completes a job in a window's length."""
        for done in range(rounds + 1):
            working_now = self.workers if working is None else working
            self.growth.consider(working=working_now, done=done * 2, waiting=lambda: waiting)
            self.machine.work(WINDOW_S, busy)
        return self.workers


@pytest.mark.parametrize(("busy", "workers"), [(0.2, 4), (1.0, 4), (1.4, 3), (1.8, 2), (2.0, 2)])
def test_idle_cores_get_workers_up_to_twice_as_many(busy: float, workers: int) -> None:
    """As many as would keep the cores busy by the same measure as the next run's."""
    assert Session(TwoCores()).run(busy) == workers


def test_workers_are_added_again_after_another_measurement() -> None:
    """The second one is that of the larger number."""
    assert Session(TwoCores()).run(0.2, rounds=3) == 16


def test_nothing_is_added_while_a_worker_starts_or_runs_dry() -> None:
    """What the cores do then says nothing."""
    assert Session(TwoCores()).run(0.2, working=1, rounds=3) == 2


def test_nothing_is_added_for_a_session_that_is_nearly_over() -> None:
    """A new worker would come too late."""
    assert Session(TwoCores()).run(0.2, waiting=4) == 2
    assert Session(TwoCores()).run(0.2, waiting=6) == 4


def test_memory_limits_the_number() -> None:
    """What the running workers use is not free any more, and not needed again."""
    assert Session(TwoCores(memory_b=WORKER_B)).run(0.2) == 3
    assert Session(TwoCores(memory_b=0)).run(0.2) == 2


def test_worker_that_cannot_be_added_is_not_waited_for() -> None:
    """Those that were added count, and the session goes on with them."""
    assert Session(TwoCores(), room=3).run(0.2, rounds=4) == 3
