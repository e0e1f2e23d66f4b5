"""Makes attempts in AWS Lambda by asynchronous invocations of one function, which reports to the store itself.

Before the first task one synchronous invocation without tasks is made, so that a missing or broken function, a missing
permission or case files that cannot be collected end the run within seconds. After that Lambda only accepts events; the
state of an invocation follows from the rows that the coordinator reads anyway (see ``in_flight``), so there are no
requests per job, and a new coordinator knows as much as the one that died. An invocation that is lost, or delayed by
Lambda for too long, is sent again with the same attempt number, which only one of them can claim.

Trade-off: a slot is not freed in the moment when an invocation ends, but at the coordinator's next poll, so at most
``max_concurrency`` invocations start per poll.
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
"""Number of concurrent requests; one process sends some 700 a second with them."""

CLAIM_WITHIN_S = 60.0
"""An invocation without progress for this long counts as lost; the time doubles with each loss of its tasks."""
MAX_BACKOFF = 16
"""Maximum factor of ``claim_within_s``."""


@dataclass(frozen=True)
class LambdaSettings:
    """The function to invoke, and limits."""

    function: str
    max_concurrency: int = 100
    """Maximum number of concurrent invocations."""
    max_starts_per_second: float | None = None
    cases_per_invocation: int = 1
    """0 means ``auto``."""
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
        """``invocation`` has everything but the tasks."""
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
        """Check the function before the first task, then queue the tasks.

        Raises ExecutorError for a broken function, UsageError for case files that cannot be collected.
        """
        if not self._proven:
            answer = self._function.request(self._event(()))
            if answer is not None and answer.get("problem"):
                raise UsageError(f"{answer['problem']} (in Lambda function {self._settings.function!r})")
            self._proven = answer is not None  # a throttled function exists and may be invoked
        settings = self._settings
        self._queue += batches(
            tasks,
            settings.past,
            settings.cases_per_invocation,
            settings.max_concurrency,
            failed_first=settings.failed_first,
        )
        self._pending.update(tasks)
        self._send_queued(self._pending)

    def poll_attempts(self, rows: Sequence[JobRow], wanted: Collection[Task]) -> Collection[Task]:
        """Fill free slots with further invocations; returns the tasks that are queued, sent or running.

        Raises ExecutorError when Lambda has refused an invocation finally.
        """
        now = self._clock()
        self._collect_accepted(now)
        self._collect_ended(rows, wanted, now)
        self._send_queued(wanted)
        return self._pending

    @property
    def unanswered(self) -> int:
        """Number of invocations whose requests Lambda has not answered yet."""
        return sum(not future.done() for future in self._sending)

    def is_dead(self, owner: str) -> bool:
        """Always False: nothing is known about Lambda's environments, so unreported attempts end with their lease."""
        return False

    def stop(self) -> None:
        """Send nothing more. Accepted invocations find the run stopped before they begin a case."""
        self._stopped.set()
        self._threads.shutdown(cancel_futures=True)
        self._function.close()

    def _send_queued(self, wanted: Collection[Task]) -> None:
        """Send queued tasks that are still due, as far as there are free slots."""
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

    def _collect_accepted(self, now: float) -> None:
        for future in [future for future in self._sending if future.done()]:
            batch = self._sending.pop(future)
            future.result()
            times = min(MAX_BACKOFF, 2 ** max(self._lost[task] for task in batch))
            self._flights.append(InFlight(batch, now, times * self._settings.claim_within_s))

    def _collect_ended(self, rows: Iterable[JobRow], wanted: Collection[Task], now: float) -> None:
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
