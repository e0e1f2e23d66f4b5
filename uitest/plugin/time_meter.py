"""Where the seconds of a case go: what ``--profile`` adds up.

One clock that is always on one kind of work: a command sent inside a wait counts as a command, the wait keeps what
is left. pytest runs one test at a time in a process, so the running test's meter is ``current()``.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from uitest.model import Answered, TimeCategory

NAVIGATIONS = frozenset({"get", "refresh", "goBack", "goForward"})
"""Selenium's names for them."""

COMMANDS = frozenset({TimeCategory.NAVIGATION, TimeCategory.COMMANDS})
"""Kinds of work that are a command."""


class TimeMeter:
    """Adds up seconds by kind of work."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._since = 0.0
        self._kinds: list[TimeCategory] = []
        self._spent: dict[TimeCategory, float] = {}
        self._commands: Counter[Answered] = Counter()

    @contextlib.contextmanager
    def on(self, kind: TimeCategory) -> Iterator[None]:
        """Count the block as ``kind``, and what runs inside it as itself."""
        self._turn()
        self._kinds.append(kind)
        try:
            yield
        finally:
            self._turn()
            self._kinds.pop()

    def is_on(self, kind: TimeCategory) -> bool:
        """Whether what goes on now counts as ``kind``."""
        return self._kinds[-1:] == [kind]

    def _turn(self) -> None:
        now = self._clock()
        if self._kinds:
            self._spent[self._kinds[-1]] = self._spent.get(self._kinds[-1], 0.0) + now - self._since
        self._since = now

    @property
    def spent(self) -> Mapping[str, float]:
        """Seconds by kind so far, to the tenth of a millisecond."""
        return {kind.value: round(seconds, 4) for kind, seconds in self._spent.items()}

    @property
    def commands(self) -> Mapping[str, int]:
        """How many commands there were so far, by who answered."""
        return {kind.value: count for kind, count in self._commands.items()}

    def metered(
        self, execute: Callable[..., Any], forwarded: Callable[[], int | None] = lambda: None
    ) -> Callable[..., Any]:
        """A driver's ``execute`` whose commands are counted.

        ``forwarded`` says how many commands the driver has been sent so far; None where it is sent all of them.
        A command that is sent on the way to the answer of another one is part of that.
        """

        def run(driver_command: Any, params: dict[str, Any] | None = None) -> Any:
            is_part = not COMMANDS.isdisjoint(self._kinds)
            before = forwarded()
            try:
                with self.on(TimeCategory.NAVIGATION if driver_command in NAVIGATIONS else TimeCategory.COMMANDS):
                    return execute(driver_command, params)
            finally:
                if not is_part:
                    is_direct = before is not None and before == forwarded()
                    self._commands[Answered.DIRECT if is_direct else Answered.FORWARDED] += 1

        return run


_current = TimeMeter()


def current() -> TimeMeter:
    """The running test's meter."""
    return _current


def begin() -> TimeMeter:
    """A new meter for the next test."""
    global _current
    _current = TimeMeter()
    return _current
