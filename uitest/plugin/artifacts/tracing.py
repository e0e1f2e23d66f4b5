"""Starts the trace of a case with its driver, and keeps or drops it with the verdict (``--tracing``).

Without the option there is no wrapper and nothing is imported. A case that fails in teardown has a trace as well, but
as its browser is closed by then, the last screenshot is an earlier one.
"""

from typing import TYPE_CHECKING, Any

import pytest

from uitest.masking import masked
from uitest.model import TimeCategory
from uitest.plugin import options
from uitest.plugin.artifacts.capture import Capture
from uitest.plugin.collection.case_ids import case_id
from uitest.plugin.timing import time_meter

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers.sessions.protocols import Browser
    from uitest.trace.budget import Costs
    from uitest.trace.recorder import Recorder

RECORDER = pytest.StashKey["Recorder"]()
COSTS = pytest.StashKey[dict[str, "Costs"]]()
IS_REPEATED = pytest.StashKey[bool]()
"""Whether a test was tried before in this run: its trace is kept, to be compared with that of the failed attempt."""

SCRIPT, PAGE = "trace.js", "trace.html"
"""File name of a trace in a run, to be loaded by its pages, and of one for a developer, to be opened directly."""


def begin(item: pytest.Item, engine: str, browser: "Browser", driver: "WebDriver") -> None:
    """Record the driver's commands from now on, if tracing is on."""
    when = options.tracing(item.config)
    if when == "off":
        return
    from uitest.trace.budget import Budget, Costs
    from uitest.trace.recorder import Recorder
    from uitest.trace.source import Project

    costs = item.config.stash.setdefault(COSTS, {}).setdefault(engine, Costs())
    own = time_meter.current()
    recorder = Recorder(
        browser.inspector(driver),
        Budget(costs, limited=when != "on", aside=lambda: own.on(TimeCategory.TRACE)),
        Project(item.config.rootpath),
        str(item.path),
        is_waiting=lambda: own.is_on(TimeCategory.WAITS),
        mask=lambda text: masked(text, options.secrets(item.config)),
    )
    item.stash[RECORDER] = recorder
    driver.execute = recorder.recorded(driver.execute)  # type: ignore[method-assign]


def forget(item: pytest.Item) -> None:
    """Drop the recording of a test."""
    if RECORDER in item.stash:
        del item.stash[RECORDER]


def due(item: pytest.Item, report: pytest.TestReport) -> "Recorder | None":
    """The recorder of a case whose trace is to be kept after this phase, else None; drops it when it is over."""
    recorder = item.stash.get(RECORDER, None)
    always = options.tracing(item.config) == "on" or item.stash.get(IS_REPEATED, False)
    wanted = report.failed or (always and report.when == "call")
    if wanted or report.when == "teardown":
        forget(item)
    return recorder if wanted else None


def keep(recorder: "Recorder", captured: Capture, item: pytest.Item, browser: str, *, in_a_run: bool) -> None:
    """Add the trace to the files of a case. Never raises."""
    if "screenshot.png" in captured.files:
        recorder.picture_last(captured.files["screenshot.png"])
    try:
        about = {"case": case_id(item), "browser": browser}
        data = recorder.written(about)
        if in_a_run:
            from uitest.trace.recording import script

            captured.files[SCRIPT] = script(data)
        else:
            captured.files[PAGE] = _page(data)
    except Exception as exc:
        captured.warn(f"no trace: {type(exc).__name__}: {exc}")


def _page(data: dict[str, Any]) -> bytes:
    from uitest.reporting.site.page import Pages

    return Pages().trace(data)
