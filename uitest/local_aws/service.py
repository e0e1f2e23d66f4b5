"""Runs functions and their invocations as Lambda does: one environment per running invocation, a queue for events.

Events wait in the queue for an environment; synchronous invocations are throttled when all are busy. A failed event is
delivered again up to ``retries`` times, by default not at all, which is what uitest configures in Lambda. Trade-off:
there is no maximum event age, and idle environments do not end.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from uuid import uuid4

from uitest.local_aws.environments import Answer, Delivery, Environment, failure
from uitest.local_aws.faults import Dice, Fate, Faults

LOGGER = logging.getLogger(__name__)


class UnknownFunction(Exception):
    """No function has this name."""


class Throttled(Exception):
    """The request was throttled."""


class NotReady(Exception):
    """The function is being prepared, because nobody has used it for weeks."""


@dataclass(frozen=True)
class Function:
    """A deployed function."""

    name: str
    start: Callable[[], Environment]
    """Starts another environment."""
    concurrency: int = 100
    timeout_s: float = 900.0
    retries: int = 0
    """Number of further deliveries by Lambda after a failure."""
    retry_pause_s: float = 60.0


Work = tuple[Delivery, int, "Future[Answer] | None"]
"""A delivery, its remaining retries, and the future for its answer."""


class Service:
    """All functions; thread-safe. ``counts`` has the number of requests by what happened to them."""

    def __init__(self, functions: Iterable[Function], faults: Faults | None = None) -> None:
        self._dice = Dice(faults or Faults())
        self._pools = {function.name: _Pool(function, self._count) for function in functions}
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def accept(self, name: str, payload: bytes) -> None:
        """Queue an event. Raises UnknownFunction, NotReady, Throttled."""
        pool = self._ready_pool(name)
        if self._dice.is_throttled():
            self._count("throttled")
            raise Throttled
        self._count("accepted")
        request, times = str(uuid4()), self._dice.deliveries()
        if times != 1:
            self._count("delivered twice" if times else "lost")
        for _ in range(times):
            fate = self._dice.fate()
            if fate is not Fate.FINE:
                self._count(fate.value)
            pool.put((Delivery(request, payload, 0.0, fate), pool.function.retries, None))

    def answer(self, name: str, payload: bytes) -> Answer:
        """Run an invocation and wait for it. Raises UnknownFunction, NotReady; Throttled while all are busy."""
        pool = self._ready_pool(name)
        if pool.is_full():
            self._count("throttled")
            raise Throttled
        waiting: Future[Answer] = Future()
        pool.put((Delivery(str(uuid4()), payload, 0.0), 0, waiting))
        return waiting.result()

    def close(self) -> None:
        """End all environments once their invocations have ended."""
        for pool in self._pools.values():
            pool.close()

    def stop(self) -> None:
        """End all environments at once, and drop queued events."""
        for pool in self._pools.values():
            pool.stop()

    def _ready_pool(self, name: str) -> "_Pool":
        try:
            pool = self._pools[name.rpartition("function:")[2]]
        except KeyError:
            raise UnknownFunction(name) from None
        if self._dice.is_asleep(pool.function.name):
            self._count("not ready")
            raise NotReady
        return pool

    def _count(self, word: str) -> None:
        with self._lock:
            self.counts[word] += 1


class _Pool:
    """The environments of one function, each with a thread that takes deliveries from the queue."""

    def __init__(self, function: Function, count: Callable[[str], None]) -> None:
        self.function = function
        self._count = count
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._environments: set[Environment] = set()
        self._stopped = threading.Event()
        self._open = 0
        """Number of queued and running deliveries."""

    def is_full(self) -> bool:
        """Whether every environment is busy."""
        with self._lock:
            return self._open >= self.function.concurrency

    def put(self, work: Work) -> None:
        """Queue a delivery, and start another environment if all are busy."""
        with self._lock:
            self._open += 1
            if len(self._threads) < min(self._open, self.function.concurrency):
                self._threads.append(threading.Thread(target=self._serve, daemon=True))
                self._threads[-1].start()
        self._queue.put(work)

    def close(self) -> None:
        """Wait for running and queued deliveries, then end the threads."""
        with self._lock:
            threads = list(self._threads)
        for _ in threads:
            self._queue.put(None)
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """End the environments at once, then the threads."""
        self._stopped.set()
        with self._lock:
            environments = list(self._environments)
        for environment in environments:
            environment.close()
        self.close()

    def _start(self) -> Environment:
        """Start another environment. Raises Throttled after ``stop``."""
        environment = self.function.start()
        with self._lock:
            if not self._stopped.is_set():
                self._environments.add(environment)
                return environment
        environment.close()
        raise Throttled

    def _end_environment(self, environment: Environment) -> None:
        with self._lock:
            self._environments.discard(environment)
        environment.close()

    def _serve(self) -> None:
        environment: Environment | None = None
        while (work := self._queue.get()) is not None and not self._stopped.is_set():
            delivery, repeats, waiting = work
            try:
                if environment is None or not environment.is_alive():
                    if environment is not None:
                        self._end_environment(environment)
                    environment = self._start()
                answer = environment.invoke(replace(delivery, deadline=time.time() + self.function.timeout_s))
            except Exception as exc:
                LOGGER.info("an environment broke", exc_info=True)
                answer = failure(type(exc).__name__, str(exc))
            if self._stopped.is_set():
                break
            with self._lock:
                self._open -= 1
            self._end(delivery, answer, repeats, waiting)
        if environment is not None:
            self._end_environment(environment)

    def _end(self, delivery: Delivery, answer: Answer, repeats: int, waiting: "Future[Answer] | None") -> None:
        if answer.error:
            self._count("failed")
        if waiting is not None:
            waiting.set_result(answer)
        elif answer.error and repeats:
            self._count("repeated by Lambda")
            again = (delivery, repeats - 1, None)
            timer = threading.Timer(self.function.retry_pause_s, self.put, (again,))
            timer.daemon = True
            timer.start()
