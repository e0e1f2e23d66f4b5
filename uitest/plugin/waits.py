"""Waits that end when what they wait for is there.

``WebDriverWait`` looks every half second unless the case says otherwise, so a suite mostly waits for the end of
a nap. The default is bound in its signature; replacing the bound value changes every wait that names none, and
no case. A look costs a command or two (2 to 20 ms), so much more often only heats the machine. Where the browser
can tell (Chrome), a nap ends early when something in the page has changed, also in waits that name a pause: the second
look comes when there is something to see. Selenium's own loop does the looking; only its ``time`` is ours.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from uitest.model import TimeCategory
from uitest.plugin import time_meter

FAST_S = 0.05


class _Time:
    """What Selenium's wait module uses of ``time``."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self.sleep: Callable[[float], None] = time.sleep


_time = _Time()


@contextmanager
def look_often(seconds: float) -> Iterator[None]:
    """Make ``seconds`` the default pause of every WebDriverWait of the block, and count what is waited."""
    from selenium.webdriver.support import wait

    before = wait.WebDriverWait.__init__.__defaults__ or (wait.POLL_FREQUENCY, None)
    methods = {name: getattr(wait.WebDriverWait, name) for name in ("until", "until_not")}
    with ExitStack() as undo:
        undo.callback(setattr, wait.WebDriverWait.__init__, "__defaults__", before)
        wait.WebDriverWait.__init__.__defaults__ = (seconds, before[1])
        undo.callback(setattr, wait, "time", vars(wait)["time"])
        vars(wait)["time"] = _time
        for name, method in methods.items():
            undo.callback(setattr, wait.WebDriverWait, name, method)
            setattr(wait.WebDriverWait, name, _counted(method))
        yield


def _counted(method: Callable[..., Any]) -> Callable[..., Any]:
    def until(*args: Any, **kwargs: Any) -> Any:
        with time_meter.current().on(TimeCategory.WAITS):
            return method(*args, **kwargs)

    until.__doc__ = method.__doc__
    return until


def pause_with(nap: Callable[[float], None]) -> None:
    """Let waits pause with ``nap``, which may come back early."""
    _time.sleep = nap
