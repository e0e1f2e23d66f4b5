"""Traces of cases: begun with the driver, kept or forgotten with the verdict (``--tracing``).

Without it there is no wrapper and nothing is imported. A case that failed while its fixtures were torn down has a trace
as well, but the browser is gone by then: its last picture is from before.
"""

from typing import TYPE_CHECKING, Any

import pytest

from uitest.masking import masked
from uitest.model import TimeCategory
from uitest.plugin import options, time_meter
from uitest.plugin.capture import Capture
from uitest.plugin.collection.cases import case_id

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers.sessions.protocols import Browser
    from uitest.trace.budget import Costs
    from uitest.trace.recorder import Recorder

RECORDER = pytest.StashKey["Recorder"]()
COSTS = pytest.StashKey[dict[str, "Costs"]]()

SCRIPT, PAGE = "trace.js", "trace.html"
"""What a run keeps, for its pages to load, and what a developer opens."""


def begin(item: pytest.Item, engine: str, browser: "Browser", driver: "WebDriver") -> None:
    """Record what the case does with its driver from now on, if that is wanted."""
    when = options.tracing(item.config)
    if when == "off":
        return
    from uitest.trace.budget import Budget, Costs
    from uitest.trace.recorder import Recorder
    from uitest.trace.source import Project

    costs = item.config.stash.setdefault(COSTS, {}).setdefault(engine, Costs())
    own = time_meter.current()
    recorder = Recorder(
        browser.lens(driver),
        Budget(costs, limited=when != "on", aside=lambda: own.on(TimeCategory.TRACE)),
        Project(item.config.rootpath),
        str(item.path),
        is_waiting=lambda: own.is_on(TimeCategory.WAITS),
        mask=lambda text: masked(text, options.secrets(item.config)),
    )
    item.stash[RECORDER] = recorder
    driver.execute = recorder.recorded(driver.execute)  # type: ignore[method-assign]


def forget(item: pytest.Item) -> None:
    """Keep no trace of what a test has done so far."""
    if RECORDER in item.stash:
        del item.stash[RECORDER]


def due(item: pytest.Item, report: pytest.TestReport) -> "Recorder | None":
    """The recorder of a case whose trace is to be kept now, None for every other; forgets what is not wanted."""
    recorder = item.stash.get(RECORDER, None)
    wanted = report.failed or (options.tracing(item.config) == "on" and report.when == "call")
    if wanted or report.when == "teardown":
        forget(item)
    return recorder if wanted else None


def keep(recorder: "Recorder", taken: Capture, item: pytest.Item, browser: str, *, in_a_run: bool) -> None:
    """Add the trace to the files of a case. Never raises."""
    if "screenshot.png" in taken.files:
        recorder.picture_last(taken.files["screenshot.png"])
    try:
        about = {"case": case_id(item), "browser": browser}
        data = recorder.written(about)
        if in_a_run:
            from uitest.trace.recording import script

            taken.files[SCRIPT] = script(data)
        else:
            taken.files[PAGE] = _page(data)
    except Exception as exc:
        taken.warn(f"no trace: {type(exc).__name__}: {exc}")


def _page(data: dict[str, Any]) -> bytes:
    from uitest.reporting.site.page import Pages

    return Pages().trace(data)
