"""Shortens the pauses of Selenium's waits, so that they end soon after their condition holds.

``WebDriverWait`` polls every half second by default, so that suites mostly wait for the end of a pause. Here the
default is shorter, without changes in cases. A poll costs a command or two (2 to 20 ms), so polling much more often
only costs processor time. In Chrome, a pause ends early when something in the page changes, also in waits with a
frequency of their own. The polling loop is Selenium's; only its clock is ours.

Self-check: ``compat.selenium_waits`` runs one wait by a clock of its own before any other is changed. Fallback: where
that wait does not pause as known, all waits stay Selenium's own, and one warning says so. ``python -m bench shortcuts``
measures what it is worth.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from uitest.compat import selenium_waits
from uitest.model import TimeCategory
from uitest.plugin.timing import time_meter

FAST_S = 0.05


class _Clock:
    """The functions of ``time`` that Selenium's wait module uses."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self.sleep: Callable[[float], None] = time.sleep


_clock = _Clock()


@contextmanager
def look_often(seconds: float) -> Iterator[None]:
    """Make ``seconds`` the default pause of every WebDriverWait in the block, and measure the waiting time."""
    from selenium.webdriver.support import wait

    methods = {name: getattr(wait.WebDriverWait, name) for name in ("until", "until_not")}
    with ExitStack() as undo:
        if selenium_waits.waits_are_known():
            undo.enter_context(selenium_waits.waits_with(seconds, _clock))
        for name, method in methods.items():
            undo.callback(setattr, wait.WebDriverWait, name, method)
            setattr(wait.WebDriverWait, name, _counted(method))
        yield


def _counted(method: Callable[..., Any]) -> Callable[..., Any]:
    def until(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        with time_meter.current().on(TimeCategory.WAITS):
            return method(*args, **kwargs)

    until.__doc__ = method.__doc__
    return until


def pause_with(pause: Callable[[float], None]) -> None:
    """Let waits pause with ``pause``, which may return early."""
    _clock.sleep = pause
