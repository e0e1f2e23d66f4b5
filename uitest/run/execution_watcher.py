"""Watches a state machine's execution of a run and updates the local reporters from the store.

The state machine retries, stops and finalises, so this process may die without harm to the run. It writes the end of
the run only where the state machine cannot: after Ctrl-C, which stops the execution, or when the execution failed.
"""

import time
from collections.abc import Callable, Iterable

from uitest.errors import ExecutorError, UitestError
from uitest.executors.aws.step_functions import Execution
from uitest.model import Run, RunState
from uitest.run.finalize import INTERRUPTED, Result, end, exit_code_of, ignoring_interrupts
from uitest.run.reporters import Reporter, Reporters
from uitest.run.row_cache import RowCache
from uitest.storage.stores import Store

POLL_S = 1.0


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
        """``ending``: reporters that the state machine runs itself, needed when the end is written here."""
        self._store, self._run, self._execution = store, run, execution
        self._reporters, self._ending = tuple(reporters), tuple(ending)
        self._clock, self._sleep = clock, sleep

    def run_to_completion(self, spec: str) -> Result:
        """Start the execution, with the ``--store`` ``spec`` for its steps, and return the result of the run.

        Raises ExecutorError if the execution fails before the run has ended, UsageError if its name is not allowed; the
        run is then marked interrupted. Ctrl-C is a regular end with exit code 130.
        """
        reporters = Reporters(self._reporters)
        try:
            settings = {**self._run.settings, "execution": self._execution.name}
            self._store.update_run(self._run.id, settings=settings)
            self._execution.start(self._run.id, spec)
            problem = self._watch(reporters)
        except KeyboardInterrupt:
            with ignoring_interrupts():
                self._execution.stop(INTERRUPTED)
                return self._finished(reporters) or self._close(INTERRUPTED)
        except UitestError as exc:
            self._close(str(exc))
            raise
        result = self._finished(reporters)
        if result is None:
            problem = problem or "the execution ended, the run did not"
            self._close(problem)
            raise ExecutorError(f"{problem}; continue with: uitest resume {self._run.id}")
        return result

    def _watch(self, reporters: Reporters) -> str | None:
        """Update the reporters until the execution has ended; return why it failed, None if it succeeded."""
        rows = RowCache(self._store, self._run.id, self._clock)
        while not (status := self._execution.status()).is_over:
            run = self._store.run(self._run.id)
            reporters.update(run, rows.read(), self._clock())
            self._sleep(POLL_S)
        return status.problem

    def _finished(self, reporters: Reporters) -> Result | None:
        """The result, if the state machine has written the end of the run, else None."""
        run = self._store.run(self._run.id)
        if run.finished_at is None:
            return None
        rows, now = self._store.jobs(run.id), self._clock()
        reporters.finish(run, rows, now)
        problems = [*reporters.problems, *run.settings.get("problems", ())]
        return Result(run, tuple(rows), exit_code_of(run, rows, now), tuple(problems))

    def _close(self, note: str) -> Result:
        """Write the end of the run from this process."""
        run, reporters = self._store.run(self._run.id), Reporters([*self._reporters, *self._ending])
        began = self._run.beat_at or self._run.started_at
        return end(
            self._store, run, RunState.INTERRUPTED, note, reporters, self._clock,
            lambda row: any(attempt.started_at >= began for attempt in row.attempts),
        )  # fmt: skip
