"""Creates the next case's context and removes the last one's in a background thread."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

LOGGER = logging.getLogger(__name__)

T = TypeVar("T")


class BackgroundWorker(Generic[T]):
    """Creates one object in advance and removes old ones, in the order of the requests."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="uitest-beside")
        self._next: Future[T] | None = None
        self._removals: list[Future[None]] = []

    def prepare(self) -> None:
        """Start creating the next object, unless it has been started."""
        if self._next is None:
            self._next = self._thread.submit(self._make)

    def take(self) -> T:
        """The next object, created now if it was not prepared. Raises the exceptions of ``make``."""
        self.prepare()
        assert self._next is not None  # noqa: S101 - for the type checker
        future, self._next = self._next, None
        return future.result()

    def also(self, work: Callable[[], None]) -> Future[None]:
        """Queue other work."""
        return self._thread.submit(work)

    def remove(self, removal: Callable[[], None]) -> None:
        """Queue a removal."""
        self._removals = [pending for pending in self._removals if not _has_succeeded(pending)]
        queued = self.also(removal)
        queued.add_done_callback(_log_failure)
        self._removals.append(queued)

    @property
    def failed(self) -> bool:
        """Whether a removal is known to have failed."""
        return any(removal.done() and not _has_succeeded(removal) for removal in self._removals)

    def settle(self, seconds: float) -> T | None:
        """Wait for all queued work, and return the prepared object that was not taken, or None.

        Raises the exceptions of ``make``, and TimeoutError.
        """
        self.also(lambda: None).result(seconds)
        future, self._next = self._next, None
        return future.result() if future is not None else None

    def clear(self, remove: Callable[[T], None], seconds: float) -> bool:
        """Remove the prepared object that was not taken, and wait for all queued work; whether all of it succeeded.

        Raises the exceptions of ``make``, and TimeoutError.
        """
        prepared = self.settle(seconds)
        if prepared is not None:
            self.remove(lambda: remove(prepared))
            self.settle(seconds)
        return not self.failed

    def end(self) -> None:
        """Cancel the next object, and wait for running work and all removals."""
        if self._next is not None:
            self._next.cancel()
        self._thread.shutdown()


def _log_failure(removal: Future[None]) -> None:
    if not removal.cancelled() and (exc := removal.exception()) is not None:
        LOGGER.info("what a case left could not be removed: the browser is replaced", exc_info=exc)


def _has_succeeded(removal: Future[None]) -> bool:
    return removal.done() and not removal.cancelled() and removal.exception() is None
