"""An executor that does what a script says, and a clock that passes only when somebody sleeps."""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from tests.support.builders import NOW
from uitest.executors.attempt import Task
from uitest.model import Attempt, JobRow, Verdict
from uitest.storage.stores import Store
from uitest.storage.stores.sqlite import SqliteStore

LEASE_S = 3.0
"""Short: every look of the loop in between costs real time."""


class Clock:
    """Seconds since the epoch; ``sleep`` moves it and fails the test of a loop that would never end."""

    def __init__(self, naps: int = 3_000) -> None:
        self.now = NOW
        self.naps = naps
        self.while_asleep: list[Callable[[], None]] = []
        """Called at each pause, as other processes would be at work."""

    def __call__(self) -> float:
        """The time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.naps -= 1
        assert self.naps > 0, "the loop never ends"
        self.now += max(seconds, 0.01)
        for step in self.while_asleep:
            step()


class SlowStore(SqliteStore):
    """A store whose reads of all rows take long, so that they are rare."""

    def __init__(self, path: Path, clock: Clock, seconds: float) -> None:
        super().__init__(path)
        self._clock, self._seconds = clock, seconds
        self.full_reads = 0

    def jobs(self, run_id: str, claimed_since: float | None = None) -> list[JobRow]:
        """As the store's."""
        if claimed_since is None:
            self.full_reads += 1
            self._clock.now += self._seconds
        return super().jobs(run_id, claimed_since)


class ScriptedExecutor:
    """Makes one attempt at each look, as the job's script says; a job whose script is over passes.

    Words of a script: a verdict (``passed``, ``failed``, ``skipped``, ``error``), ``die`` (the worker's process
    is gone), ``lost`` (a worker somewhere else falls silent), ``hang`` (never ends until ``stop``), ``ignore``
    (the machinery drops the task).
    """

    def __init__(self, store: Store, run_id: str, clock: Clock, scripts: Mapping[str, Sequence[str]]) -> None:
        self._store, self._run, self._clock = store, run_id, clock
        self._scripts = {case: deque(words) for case, words in scripts.items()}
        self._waiting: deque[Task] = deque()
        self._hanging: dict[str, Task] = {}
        self.dead: set[str] = set()
        self.made: list[str] = []
        """Case ids in the order their attempts were made."""
        self.submissions: list[list[tuple[str, int]]] = []
        self.stopped = 0
        self.layer = 0

    def submit(self, tasks: Sequence[Task]) -> None:
        """Queue them."""
        self.submissions.append([(task.job.case, task.number) for task in tasks])
        self._waiting += tasks

    def poll_attempts(self, rows: Sequence[JobRow], wanted: Collection[Task]) -> Collection[Task]:
        """Make one attempt."""
        before = {*self._waiting, *self._hanging.values()}
        if self._waiting:
            self._make(self._waiting.popleft())
        return before if self._waiting or self._hanging else ()

    def is_dead(self, owner: str) -> bool:
        """Whether the script let it die."""
        return owner in self.dead

    def stop(self) -> None:
        """What hangs dies, what waits is dropped."""
        self.stopped += 1
        self.dead |= self._hanging.keys()
        self._hanging.clear()
        self._waiting.clear()

    def _make(self, task: Task) -> None:
        script = self._scripts.get(task.job.case)
        word = script.popleft() if script else "passed"
        owner = f"{task.job.case}/{task.number}"
        if word == "ignore" or not self._store.claim(
            self._run, task.job.key, task.number, owner, self._clock(), LEASE_S
        ):
            return
        self.made.append(task.job.case)
        if word == "die":
            self.dead.add(owner)
        elif word == "hang":
            self._hanging[owner] = task
        elif word != "lost":
            error = f"{word} as told" if word in ("failed", "error") else None
            attempt = Attempt(task.number, owner, Verdict(word), self._clock(), 0.1, self.layer, error=error)
            assert self._store.finish(self._run, task.job.key, attempt)
