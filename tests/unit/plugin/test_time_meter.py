"""One clock that is always on one kind of work."""

from collections.abc import Iterator

import pytest

from uitest.model import TimeCategory
from uitest.plugin.timing.time_meter import TimeMeter


class Ticks:
    """A clock that moves a second each time somebody looks."""

    def __init__(self) -> None:
        self._now: Iterator[int] = iter(range(1000))

    def __call__(self) -> float:
        return float(next(self._now))


def test_inside_is_not_outside() -> None:
    """What runs inside a block is taken from the block."""
    meter = TimeMeter(Ticks())
    with meter.on(TimeCategory.TEST), meter.on(TimeCategory.WAITS):
        meter.metered(lambda command, params: None)("findElement", {})
        meter.metered(lambda command, params: None)("get", {})
    assert meter.spent == {"test": 2.0, "waits": 3.0, "commands": 1.0, "navigation": 1.0}


def test_command_is_counted_once_as_direct_or_forwarded() -> None:
    """A command is forwarded if the driver was sent anything for it, and counted once whatever it was sent."""
    meter, sent = TimeMeter(Ticks()), 0

    def execute(command: str, params: dict[str, int]) -> None:
        nonlocal sent
        sent += params["sent"]
        if params.get("more"):
            run("getTitle", {"sent": params["more"]})

    run = meter.metered(execute, lambda: sent)
    for params in ({"sent": 0}, {"sent": 0}, {"sent": 0, "more": 1}, {"sent": 2, "more": 1}):
        run("findElement", params)
    assert meter.commands == {"direct": 2, "forwarded": 2}
    meter.metered(lambda command, params: None)("get", {})
    assert meter.commands == {"direct": 2, "forwarded": 3}


def test_failing_command_is_timed_like_others() -> None:
    """A command that fails took its time, and what comes after it counts as before."""
    meter = TimeMeter(Ticks())
    with meter.on(TimeCategory.TEST):
        with pytest.raises(ZeroDivisionError):
            meter.metered(lambda command, params: 1 / 0)("findElement")
        with meter.on(TimeCategory.CONTEXT):
            pass
    assert meter.spent == {"test": 3.0, "commands": 1.0, "context": 1.0}


def test_answer_is_passed_on() -> None:
    """The metered command is the command."""
    assert TimeMeter().metered(lambda command, params: (command, params))("get", {"url": "x"}) == ("get", {"url": "x"})
