"""Attempts in AWS Lambda: asynchronous invocations of one function, which claims and reports to the store itself.

Before the first task one invocation without tasks is answered for: a function that is missing, broken or not ours to
invoke, or whose case files cannot be collected, ends the run within seconds. From then on Lambda only says
"accepted". How an invocation goes is seen in the rows that the coordinator reads anyway (see ``in_flight``), so
nothing is asked per job, and a coordinator that takes over knows as much as the one that died. An invocation that is
lost, or that Lambda holds back for too long, is sent again with the same attempt number: whichever comes first claims
it.

Given up: freeing a slot in the same moment in which an invocation ends. That is seen at the coordinator's next look,
so ``max_concurrency`` invocations start in one look at most.
"""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from uitest.errors import UsageError
from uitest.executors.attempt import Task
from uitest.executors.aws.batches import batches
from uitest.executors.aws.client import LambdaFunction
from uitest.executors.aws.event import Invocation
from uitest.executors.aws.in_flight import InFlight, follow
from uitest.executors.aws.rate_limiter import RateLimiter
from uitest.model import JobRow, Past

LOGGER = logging.getLogger(__name__)

THREADS = 32
"""Requests under way at the same time; one process sends some 700 a second with them."""

CLAIM_WITHIN_S = 60.0
"""An invocation that stands still for so long is taken for lost, for twice as long the next time, and so on."""
MOST_PATIENCE = 16
"""Times ``claim_within_s``, at most."""


@dataclass(frozen=True)
class LambdaSettings:
    """What is to be invoked, and how hard."""

    function: str
    max_concurrency: int = 100
    """Invocations under way at the same time."""
    max_starts_per_second: float | None = None
    cases_per_invocation: int = 1
    """0: ``auto``."""
    claim_within_s: float = CLAIM_WITHIN_S
    past: Mapping[str, Past] = field(default_factory=dict)
    failed_first: bool = False


class LambdaExecutor:
    """Invokes a function for each batch of tasks."""

    def __init__(
        self,
        settings: LambdaSettings,
        invocation: Invocation,
        client: Any = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``invocation`` says everything but the tasks."""
        self._settings = settings
        self._invocation = invocation
        self._clock = clock
        self._stopped = threading.Event()
        self._function = LambdaFunction(settings.function, self._stopped.wait, THREADS, client)
        self._pace = RateLimiter(settings.max_starts_per_second, self._stopped.wait)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="uitest-invoke")
        self._proven = False
        self._queue: deque[tuple[Task, ...]] = deque()
        self._sending: dict[Future[bool], tuple[Task, ...]] = {}
        self._flights: list[InFlight] = []
        self._pending: set[Task] = set()
        self._lost: Counter[Task] = Counter()

    def submit(self, tasks: Sequence[Task]) -> None:
        """Queue the tasks, once the function has proved that it works.

        Raises ExecutorError for a function that does not, UsageError for case files that cannot be collected.
        """
        if not self._proven:
            answer = self._function.ask(self._event(()))
            if answer is not None and answer.get("problem"):
                raise UsageError(f"{answer['problem']} (in Lambda function {self._settings.function!r})")
            self._proven = answer is not None  # one that is busy with others' work is there, and ours to invoke
        known = self._settings
        self._queue += batches(
            tasks, known.past, known.cases_per_invocation, known.max_concurrency, failed_first=known.failed_first
        )
        self._pending.update(tasks)
        self._fill(self._pending)

    def poll_attempts(self, rows: Sequence[JobRow], wanted: Collection[Task]) -> Collection[Task]:
        """Send as many invocations as have ended since the last look; the tasks that are queued, sent or running.

        Raises ExecutorError once Lambda has refused an invocation for good.
        """
        now = self._clock()
        self._note_accepted(now)
        self._note_ended(rows, wanted, now)
        self._fill(wanted)
        return self._pending

    def is_dead(self, owner: str) -> bool:
        """Nothing is known about Lambda's environments: an attempt that is not reported ends with its lease."""
        return False

    def stop(self) -> None:
        """Send nothing more. Invocations that Lambda has accepted find the run stopped before they begin a case."""
        self._stopped.set()
        self._threads.shutdown(cancel_futures=True)
        self._function.close()

    def _fill(self, wanted: Collection[Task]) -> None:
        """Hand over what is queued and still wanted, as far as there are free slots."""
        while self._queue and len(self._flights) + len(self._sending) < self._settings.max_concurrency:
            queued = self._queue.popleft()
            batch = tuple(task for task in queued if task in wanted)
            self._pending.difference_update(set(queued) - set(batch))
            if batch:
                self._sending[self._threads.submit(self._send, batch)] = batch

    def _event(self, tasks: tuple[Task, ...]) -> bytes:
        return replace(self._invocation, assignment=replace(self._invocation.assignment, tasks=tasks)).to_event()

    def _send(self, batch: tuple[Task, ...]) -> bool:
        self._pace.take_turn()
        return not self._stopped.is_set() and self._function.send(self._event(batch))

    def _note_accepted(self, now: float) -> None:
        for future in [future for future in self._sending if future.done()]:
            batch = self._sending.pop(future)
            future.result()
            times = min(MOST_PATIENCE, 2 ** max(self._lost[task] for task in batch))
            self._flights.append(InFlight(batch, now, times * self._settings.claim_within_s))

    def _note_ended(self, rows: Iterable[JobRow], wanted: Collection[Task], now: float) -> None:
        by_job = {row.job: row for row in rows}
        going_on = []
        for flight in self._flights:
            followed = follow(flight, by_job, wanted, now)
            if followed is not None:
                going_on.append(followed)
                continue
            self._pending.difference_update(flight.tasks)
            lost = [task for task in flight.tasks if task in wanted]
            if lost:
                LOGGER.info("an invocation was lost: %s", ", ".join(task.job.key for task in lost))
            self._lost.update(lost)
        self._flights = going_on
