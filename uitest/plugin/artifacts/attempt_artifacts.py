"""Takes the artifacts of a test after each of its phases: of a failure, with ``--screenshot on``, or with a trace.

In a run they become those of the attempt; else they are written to a folder and named in pytest's report.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from uitest.errors import BrowserError
from uitest.plugin import drivers, options
from uitest.plugin.artifacts import tracing
from uitest.plugin.artifacts.capture import CAPTURES, Capture, capture
from uitest.plugin.drivers import OPENED, VERSION
from uitest.plugin.failure_point import failure_point, failure_text
from uitest.short_text import safe_name

if TYPE_CHECKING:
    from uitest.trace.recorder import Recorder

LOCAL_ARTIFACTS = ".uitest/pytest"
"""The default folder for artifacts of plain pytest."""


def take(item: pytest.Item, report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
    """Capture what is due after a phase of a test, and add it to the report or to the attempt."""
    captured = _capture(item, report, call)
    if captured is not None:
        _add_sections(item, report, captured)


def _capture(item: pytest.Item, report: pytest.TestReport, call: pytest.CallInfo[None]) -> Capture | None:
    raised = call.excinfo.value if call.excinfo is not None else None
    if isinstance(raised, BrowserError) and raised.log:
        log = Capture({"driver.log": raised.log.encode(errors="replace")})
        log.mask(options.secrets(item.config))
        return log
    if not item.stash.get(OPENED, None):
        return None
    recorder = tracing.due(item, report)
    captured = _capture_drivers(item, report, recorder)
    if captured is not None and recorder is not None:
        if report.failed:
            point = failure_point(item, raised)
            text = report.longreprtext if raised is None else failure_text(raised, point)
            recorder.fail(text, point.line)
        tracing.keep(recorder, captured, item, item.stash[VERSION], in_a_run=CAPTURES in item.stash)
    return captured


def _capture_drivers(item: pytest.Item, report: pytest.TestReport, recorder: "Recorder | None") -> Capture | None:
    """Capture the test's browsers, also for a trace; None if nothing is to be kept."""
    if report.when == "teardown":
        return Capture() if recorder is not None else None  # the browser is closed already
    when = options.value(item.config, "screenshot", "only-on-failure")
    failed = report.failed
    shot = (when == "on" and report.when == "call") or (when == "only-on-failure" and failed)
    if not (failed or shot or recorder is not None):
        return None
    observed = recorder is None or recorder.observe_end(picture=not shot)
    captured = Capture()
    opened: list[drivers.OpenDriver] = item.stash[OPENED]
    for number, open_driver in enumerate(opened, 1):
        captured.add(
            capture(open_driver.driver, open_driver.console, screenshot=shot, page=failed, hung=open_driver.unusable),
            number,
        )
    if recorder is not None and not observed and failed:
        recorder.observe_end(picture=not shot)  # the screenshot has closed the dialog that covered the page
    captured.mask(options.secrets(item.config))
    return captured


def _add_sections(item: pytest.Item, report: pytest.TestReport, captured: Capture) -> None:
    """Write the files and name them in sections of the report; a run's worker saves them itself."""
    if CAPTURES in item.stash:
        item.stash[CAPTURES].append(captured)
        return
    lines = [f"address: {captured.url}"] if captured.url else []
    artifacts = options.value(item.config, "artifacts", LOCAL_ARTIFACTS)
    # A bucket in UITEST_ARTIFACTS is meant for runs, not for a developer's pytest.
    folder = Path(LOCAL_ARTIFACTS if "://" in artifacts else artifacts) / safe_name(item.nodeid)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in captured.files.items():
            (folder / name).write_bytes(data)
            lines.append(f"{name.partition('.')[0]}: {folder / name}")
    except OSError as exc:
        captured.warn(f"the files could not be written to {folder}: {exc}")
    lines += [f"warning: {warning}" for warning in captured.warnings]
    report.sections.append(("Browser", "\n".join(lines)))
    if captured.console:
        report.sections.append(("Browser console", "\n".join(captured.console[-50:])))
