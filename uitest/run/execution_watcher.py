"""Follows a run that a state machine sees through: what the store says is told here, and the end is the machine's.

The machine retries, limits and finalises; this process may die without any harm to the run. It writes the end itself
only where the machine cannot any more: after Ctrl-C, which stops the execution, or when the execution has failed. Given
up: being told of an end at once; it is seen a second later.
"""

import time
from collections.abc import Callable, Iterable

from uitest.errors import ExecutorError, UitestError
from uitest.executors.aws.step_functions import Execution
from uitest.model import Run, RunState
from uitest.run.finalize import INTERRUPTED, Result, end, judge, uninterrupted
from uitest.run.reporters import Reporter, Reporters
from uitest.storage.stores import Store

LOOK_S = 1.0


class ExecutionWatcher:
    """One run, one execution."""

    def __init__(
        self,
        store: Store,
        run: Run,
        execution: Execution,
        reporters: Iterable[Reporter],
        ending: Iterable[Reporter],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``ending``: reporters of what the machine reports itself, for a run whose end is written here."""
        self._store, self._run, self._execution = store, run, execution
        self._reporters, self._ending = tuple(reporters), tuple(ending)
        self._clock, self._sleep = clock, sleep

    def run_to_completion(self, spec: str) -> Result:
        """Start the execution, with the words ``spec`` that open the store there, and return the run's end.

        Raises ExecutorError if the execution fails before the run has ended, UsageError if it cannot be named so; the
        run is marked interrupted then. Ctrl-C is an ordinary end with exit code 130.
        """
        reporters = Reporters(self._reporters)
        try:
            settings = {**self._run.settings, "execution": self._execution.name}
            self._store.update_run(self._run.id, settings=settings)
            self._execution.start(self._run.id, spec)
            problem = self._watch(reporters)
        except KeyboardInterrupt:
            with uninterrupted():
                self._execution.stop(INTERRUPTED)
                return self._finished(reporters) or self._close(INTERRUPTED)
        except UitestError as exc:
            self._close(str(exc))
            raise
        result = self._finished(reporters)
        if result is None:
            problem = problem or "the execution ended, the run did not"
            self._close(problem)
            raise ExecutorError(f"{problem}; go on with: uitest resume {self._run.id}")
        return result

    def _watch(self, reporters: Reporters) -> str | None:
        """Tell how the run goes until the execution has ended; why it did not succeed."""
        while not (status := self._execution.status()).is_over:
            run = self._store.run(self._run.id)
            reporters.update(run, self._store.jobs(run.id), self._clock())
            self._sleep(LOOK_S)
        return status.problem

    def _finished(self, reporters: Reporters) -> Result | None:
        """The end that the machine wrote, None if it did not."""
        run = self._store.run(self._run.id)
        if run.finished_at is None:
            return None
        rows, now = self._store.jobs(run.id), self._clock()
        reporters.finish(run, rows, now)
        problems = [*reporters.problems, *run.settings.get("problems", ())]
        return Result(run, tuple(rows), judge(run, rows, now), tuple(problems))

    def _close(self, note: str) -> Result:
        """Write the end here."""
        run, reporters = self._store.run(self._run.id), Reporters([*self._reporters, *self._ending])
        began = self._run.beat_at or self._run.started_at
        return end(
            self._store, run, RunState.INTERRUPTED, note, reporters, self._clock,
            lambda row: any(attempt.started_at >= began for attempt in row.attempts),
        )  # fmt: skip
