"""pytest-xdist's workers as its protocol describes them, in simulated time: what a scheduler can be tried against."""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from uitest.system.worker_count import WORKER_B

SHUTDOWN = -1


class Config:
    """What a scheduler asks of pytest's configuration."""

    def __init__(self, workers: int) -> None:
        self._tx = [f"{workers}*popen"]

    def getvalue(self, name: str) -> list[str]:
        """The one value there is."""
        assert name == "tx"
        return self._tx


@dataclass
class Machine:
    """Runs tests of these durations on workers, as ``xdist.dsession`` and ``xdist.remote`` do between them.

    A test that another worker has begun is passed over in no time, as the store's claim has it.
    """

    actual: Sequence[float]
    now: float = 0.0
    begun: dict[int, str] = field(default_factory=dict)
    """Test and the worker that ran it, in the order they began."""
    refused: int = 0
    crashed: set[int] = field(default_factory=set)
    """Tests that workers died of, as the scheduler says."""
    workers: list["Worker"] = field(default_factory=list)
    scheduler: Any = None

    def __post_init__(self) -> None:
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def later(self, seconds: float, event: Callable[[], None]) -> None:
        """Let something happen."""
        heapq.heappush(self._events, (self.now + seconds, next(self._order), event))

    def add_worker(self) -> "Worker":
        """Start one that collects the tests."""
        worker = Worker(f"gw{len(self.workers)}", self)
        self.workers.append(worker)
        self.scheduler.add_node(worker)
        self.scheduler.add_node_collection(worker, [str(n) for n in range(len(self.actual))])
        return worker

    def run(self, scheduler: Any, workers: int) -> float:
        """Everything, to the end; the second at which the last worker ended."""
        self.scheduler = scheduler
        for _ in range(workers):
            self.add_worker()
        scheduler.schedule()
        while True:
            if scheduler.tests_finished:
                for worker in self.workers:
                    worker.shutdown()
            if not self._events:
                break
            self.now, _, event = heapq.heappop(self._events)
            event()
        assert all(worker.ended for worker in self.workers), "a worker waits for ever"
        return self.now

    def kill(self, worker: "Worker") -> None:
        """End a worker at once; one that replaces it comes a second later."""
        if worker.ended:
            return
        worker.ended = worker.killed = worker.shutting_down = True
        crashed = self.scheduler.remove_node(worker)
        self.crashed |= set() if crashed is None else {int(crashed)}

        self.later(1.0, self.add)

    def add(self) -> None:
        """Start a worker in a running session."""
        self.add_worker()
        self.scheduler.schedule()


class Worker:
    """One of them, and its ``WorkerController``."""

    def __init__(self, name: str, machine: Machine) -> None:
        self.name, self._machine = name, machine
        self.gateway = SimpleNamespace(id=name)
        self.shutting_down = self.ended = self.killed = False
        self._queue: deque[int] = deque()
        self._item: int | None = None
        self._next: int | None = None
        self._running = False

    def send_runtest_some(self, indices: Sequence[int]) -> None:
        """Queue tests."""
        self._queue += indices
        self._machine.later(0, self._step)

    def send_steal(self, indices: Sequence[int]) -> None:
        """Give back all of these, or none if one of them is not in the queue any more."""

        def answer() -> None:
            wanted = set(indices)
            stolen = [n for n in self._queue if n in wanted]
            if len(stolen) != len(wanted):
                stolen = []
            self._queue = deque(n for n in self._queue if n not in stolen)
            self._tell(lambda scheduler: scheduler.remove_pending_tests_from_node(self, stolen))

        self._machine.later(0, answer)

    def _tell(self, message: Callable[[Any], None]) -> None:
        """Have the scheduler hear of something, after what it was told before; the dead tell nothing."""
        self._machine.later(0, lambda: None if self.killed else message(self._machine.scheduler))

    def shutdown(self) -> None:
        """Run what is there and end."""
        if not self.shutting_down:
            self.shutting_down = True
            self._queue.append(SHUTDOWN)
            self._machine.later(0, self._step)

    def _step(self) -> None:
        """Go on as far as the queue allows."""
        if self._running or self.ended:
            return
        for place in ("_item", "_next"):
            if getattr(self, place) is None:
                if not self._queue:
                    return
                setattr(self, place, self._queue.popleft())
            if self._item == SHUTDOWN:
                self.ended = True
                self._tell(self._finish)
                return
        assert self._item is not None
        self._running = True
        took = 0.0
        if self._item in self._machine.begun:
            self._machine.refused += 1
        else:
            self._machine.begun[self._item] = self.name
            took = self._machine.actual[self._item]
        self._machine.later(took, self._complete)

    def _complete(self) -> None:
        if self.ended:
            return
        done, self._item, self._next, self._running = self._item, self._next, None, False
        self._tell(lambda scheduler: scheduler.mark_test_complete(self, done))
        self._step()

    def _finish(self, scheduler: Any) -> None:
        assert scheduler.remove_node(self) is None


class TwoCores:
    """A machine of two cores whose clocks and memory the test sets."""

    def __init__(self, memory_b: int = 64 * WORKER_B) -> None:
        self.now = self.worked = 0.0
        self._memory_b = memory_b

    def cores(self) -> float:
        """Two."""
        return 2.0

    def cpu_s(self) -> float:
        """What the test says."""
        return self.worked

    def memory_b(self) -> int:
        """What the test says."""
        return self._memory_b

    def work(self, seconds: float, busy: float) -> None:
        """Let time go by with so many cores busy."""
        self.now += seconds
        self.worked += seconds * busy
