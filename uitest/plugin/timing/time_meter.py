"""Measures the seconds of a case by category, for ``--profile``.

Time always counts for exactly one category: a command within a wait counts as a command, the rest as the wait. As
pytest runs one test at a time in a process, the running test's meter is ``current()``.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from uitest.model import Answered, TimeCategory

NAVIGATIONS = frozenset({"get", "refresh", "goBack", "goForward"})
"""Selenium's names of navigation commands."""

COMMANDS = frozenset({TimeCategory.NAVIGATION, TimeCategory.COMMANDS})
"""Categories of commands."""


class TimeMeter:
    """Adds up seconds by category, and counts commands."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._since = 0.0
        self._kinds: list[TimeCategory] = []
        self._spent: dict[TimeCategory, float] = {}
        self._commands: Counter[Answered] = Counter()

    @contextlib.contextmanager
    def on(self, kind: TimeCategory) -> Iterator[None]:
        """Count the block as ``kind``, except for inner blocks of other categories."""
        self._switch()
        self._kinds.append(kind)
        try:
            yield
        finally:
            self._switch()
            self._kinds.pop()

    def is_on(self, kind: TimeCategory) -> bool:
        """Whether the current time counts as ``kind``."""
        return self._kinds[-1:] == [kind]

    def _switch(self) -> None:
        now = self._clock()
        if self._kinds:
            self._spent[self._kinds[-1]] = self._spent.get(self._kinds[-1], 0.0) + now - self._since
        self._since = now

    @property
    def spent(self) -> Mapping[str, float]:
        """Seconds by category so far, to the tenth of a millisecond."""
        return {kind.value: round(seconds, 4) for kind, seconds in self._spent.items()}

    @property
    def commands(self) -> Mapping[str, int]:
        """Number of commands so far, by how they were handled."""
        return {kind.value: count for kind, count in self._commands.items()}

    def metered(
        self, execute: Callable[..., Any], forwarded: Callable[[], int | None] = lambda: None
    ) -> Callable[..., Any]:
        """A wrapper of a driver's ``execute`` that counts commands.

        ``forwarded`` returns the number of commands sent to the driver so far, or None if all are. A command sent
        within another one is part of that one.
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
