"""Work beside the running case: the next case's share of a browser is made, the last one's removed, in a thread."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

LOGGER = logging.getLogger(__name__)

T = TypeVar("T")


class BackgroundWorker(Generic[T]):
    """One thing ahead and one behind; in the order in which they are asked for."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="uitest-beside")
        self._next: Future[T] | None = None
        self._removals: list[Future[None]] = []

    def prepare(self) -> None:
        """Begin to make the next one, if that has not begun."""
        if self._next is None:
            self._next = self._thread.submit(self._make)

    def take(self) -> T:
        """The next one, made now if nobody prepared it. Raises what making it raises."""
        self.prepare()
        assert self._next is not None  # noqa: S101 - for the type checker
        made, self._next = self._next, None
        return made.result()

    def also(self, work: Callable[[], None]) -> Future[None]:
        """Begin something else, after what has been begun."""
        return self._thread.submit(work)

    def remove(self, removal: Callable[[], None]) -> None:
        """Begin to remove what is not needed any more."""
        self._removals = [one for one in self._removals if not _has_succeeded(one)]
        begun = self.also(removal)
        begun.add_done_callback(_log_failure)
        self._removals.append(begun)

    @property
    def failed(self) -> bool:
        """Whether a removal is known to have failed."""
        return any(one.done() and not _has_succeeded(one) for one in self._removals)

    def settle(self, seconds: float) -> T | None:
        """What was prepared and not taken, once all that has begun is done.

        Raises what making it raised, and TimeoutError.
        """
        self.also(lambda: None).result(seconds)
        made, self._next = self._next, None
        return made.result() if made is not None else None

    def end(self) -> None:
        """Make nothing more, and wait until what is under way is done and everything is removed."""
        if self._next is not None:
            self._next.cancel()
        self._thread.shutdown()


def _log_failure(removal: Future[None]) -> None:
    if not removal.cancelled() and (exc := removal.exception()) is not None:
        LOGGER.info("what a case left could not be removed: the browser is replaced", exc_info=exc)


def _has_succeeded(removal: Future[None]) -> bool:
    return removal.done() and not removal.cancelled() and removal.exception() is None
