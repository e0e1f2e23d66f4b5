"""Private parts of Selenium's waits that uitest depends on.

The default pause is bound in the signature of ``WebDriverWait``, and its module's name ``time`` is where it gets clock
and sleep from. The clock shim (``plugin.waits``) depends on both; without them waits are Selenium's own.

Selenium takes long to import, so it is imported inside of functions.
"""

import contextlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

from uitest.compat.features import Feature, works

WAITS = Feature("selenium", "pauses of WebDriverWait", "waits are Selenium's own, which look every half second")


class Clock(Protocol):
    """What Selenium's waits use of the module ``time``."""

    def monotonic(self) -> float:
        """Seconds."""

    def sleep(self, seconds: float, /) -> None:
        """Pause."""


def waits_are_known() -> bool:
    """Whether pauses of waits can be set; warns once if not."""
    return works(WAITS, _check_waits)


@contextmanager
def waits_with(pause: float, clock: Clock) -> Iterator[None]:
    """In the block, make ``pause`` seconds the default of every wait, and ``clock`` what waits go by."""
    from selenium.webdriver.support import wait

    init = wait.WebDriverWait.__init__
    before = init.__defaults__ or ()
    with ExitStack() as undo:
        undo.callback(setattr, init, "__defaults__", before)
        init.__defaults__ = (pause, *before[1:])
        undo.callback(setattr, wait, "time", vars(wait)["time"])
        vars(wait)["time"] = clock
        yield


class _CountingClock:
    """A clock that moves only while somebody sleeps."""

    def __init__(self) -> None:
        self.naps: list[float] = []

    def monotonic(self) -> float:
        return sum(self.naps)

    def sleep(self, seconds: float, /) -> None:
        self.naps.append(seconds)


def _check_waits() -> bool:
    """A wait that never sees what it waits for takes our pauses by our clock, and one that names a pause its own."""
    from selenium.common.exceptions import TimeoutException
    from selenium.webdriver.support.wait import WebDriverWait

    def naps(**pause: Any) -> list[float]:
        clock = _CountingClock()
        driver: Any = None
        with waits_with(0.25, clock), contextlib.suppress(TimeoutException):
            WebDriverWait(driver, 1, **pause).until(lambda _: False)
        return clock.naps

    return naps() == [0.25] * 5 and naps(poll_frequency=0.5) == [0.5] * 3
