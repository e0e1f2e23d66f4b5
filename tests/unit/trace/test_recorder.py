"""What a recorder writes down of commands and looks, with an inspector and a clock of the tests'."""

import json
from pathlib import Path
from typing import Any

from selenium.webdriver.remote.command import Command

from uitest.browsers.cdp.console import LoggedLine
from uitest.browsers.failed_requests import NotRecorded
from uitest.errors import BrowserError
from uitest.trace.budget import Budget, Costs
from uitest.trace.page_observer import TIMEOUT_S
from uitest.trace.recorder import FAILURE_LIMIT, Recorder
from uitest.trace.source import Project

SEEN = {
    "url": "http://shop/",
    "title": "Shop",
    "html": "<html></html>",
    "css": [],
    "scroll": [0, 0],
    "size": [9, 9],
    "short": False,
    "hidden": False,
    "box": None,
    "secret": False,
    "origin": 0,
    "seen": 0,
    "said": 0,
    "requests": [],
    "lines": [],
    "isCut": False,
}


class Clock:
    """Stands still unless it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class FakeInspector:
    """Looks at a page that answers, hangs, or has a dialog over it."""

    closes_dialogs = False
    apart = True
    hangs = blocked = False
    requests = NotRecorded()

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def call(self, function: str, element: str | None, given: str, seconds: float) -> str:
        if self.hangs:
            self._clock.now += seconds
            raise BrowserError("no answer in time")
        if self.blocked:
            raise BrowserError("a dialog is open")
        return json.dumps(SEEN)

    def picture(self, seconds: float) -> str:
        return "data:image/jpeg;base64,"

    def console(self) -> list[LoggedLine]:
        return []


def recorder(clock: Clock, inspector: FakeInspector) -> Recorder:
    """One that may take all the time it likes."""
    budget = Budget(Costs(), limited=False, clock=clock)
    return Recorder(inspector, budget, Project(Path(__file__).parent), __file__, lambda: False, str, clock)


def written(recorder: Recorder) -> dict[str, Any]:
    """What it leaves."""
    return recorder.written({"case": "c", "browser": "b"})


def test_last_snapshot_is_not_counted_as_the_cases_time() -> None:
    """A page that hangs is waited for when the case is over; that the end could not be seen is told."""
    clock = Clock()
    inspector = FakeInspector(clock)
    created = recorder(clock, inspector)

    def execute(command: str, params: Any) -> dict[str, Any]:
        clock.now += 3.0
        return {"value": None}

    created.recorded(execute)(Command.GET, {"url": "http://shop/"})
    inspector.hangs = True
    assert not created.observe_end(picture=True)
    data = written(created)
    assert clock.now == 103.0 + TIMEOUT_S
    assert (data["took"], data["spent"]) == (3.0, 0.0)
    assert data["cut"][-1] == "the page could not be recorded at the end"


def test_second_last_snapshot_may_succeed() -> None:
    """A dialog was over the page, say, and is closed now."""
    clock = Clock()
    inspector = FakeInspector(clock)
    created = recorder(clock, inspector)
    created.recorded(lambda command, params: {"value": None})(Command.GET, {"url": "http://shop/"})
    inspector.blocked = True
    assert not created.observe_end(picture=True)
    inspector.blocked = False
    assert created.observe_end(picture=True)
    data = written(created)
    assert (data["cut"], len(data["pages"]), len(data["shots"])) == ([], 1, 1)


def test_failure_is_the_last_step_even_without_commands() -> None:
    """A broken fixture, an expired wait and a hang say why, and at which line; secrets are masked before the cut."""
    clock = Clock()
    created = recorder(clock, FakeInspector(clock))
    created.fail("ValueError: no\nmore " + "x" * 9000, (Path(__file__).name, 3))
    (step,) = written(created)["steps"]
    assert (step["n"], step["c"], step["by"]) == ("failed", "", f"{Path(__file__).name}:3")
    assert step["what"] == "ValueError"
    assert step["error"].startswith("ValueError: no\nmore xxx")
    assert len(step["error"]) == FAILURE_LIMIT + 1
