"""pytest's hooks around a single test: its time limit, its time meter, its drivers, and what is kept of a failure.

The plugin imports them, so that pytest finds them there.
"""

import contextlib
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from uitest.model import TimeCategory
from uitest.plugin import drivers, options
from uitest.plugin.artifacts import attempt_artifacts
from uitest.plugin.collection import browser_parameter, shared_drivers
from uitest.plugin.drivers import FAILED, LIMIT
from uitest.plugin.fixtures import NEXT
from uitest.plugin.option_table import CASE_TIMEOUT_S
from uitest.plugin.timing import time_meter
from uitest.plugin.timing.timeout import REPEAT_S, Limit, current, is_timeout
from uitest.plugin.worker.exits import contained
from uitest.plugin.worker.reports import REPORTS

if TYPE_CHECKING:
    from uitest.plugin.worker.run_worker import RunWorker

JOBS: "pytest.StashKey[RunWorker | None]" = pytest.StashKey()
"""The worker of a run, in the configuration's stash; None in a plain session."""
PROBLEM = pytest.StashKey[str]()
"""A problem that stops every test of this worker, in the configuration's stash."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """Note the engine of the next test, and start the case's time meter."""
    following = (
        browser_parameter.target(nextitem)
        if nextitem is not None and not shared_drivers.shared_scopes(nextitem)
        else None
    )
    item.stash[NEXT] = following.browser if following is not None else None
    time_meter.begin()
    return (yield)


def _limit(item: pytest.Item) -> Limit:
    """The time limit of a case; none with a debugger."""
    seconds = float(options.value(item.config, "case-timeout", CASE_TIMEOUT_S))
    if browser_parameter.PARAMETER not in getattr(item, "fixturenames", ()) or item.config.getoption("usepdb", False):
        seconds = 0
    jobs = item.config.stash[JOBS]
    return Limit(jobs.case_timeout(item, seconds) if jobs is not None else seconds)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Stop a setup that hangs; each try of a case that a plugin repeats has the full time."""
    if PROBLEM in item.config.stash:
        pytest.fail(item.config.stash[PROBLEM], pytrace=False)
    item.stash[LIMIT] = _limit(item)
    drivers.begin(item)
    with _phase(item), item.stash[LIMIT].running(), time_meter.current().on(TimeCategory.FIXTURES):
        result = yield
        shared_drivers.check_marks(item)
        return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Stop a case that hangs."""
    with _phase(item), item.stash[LIMIT].running(), time_meter.current().on(TimeCategory.TEST):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Stop a teardown that hangs; a case whose time is used up still gets some for it."""
    limit = item.stash.get(LIMIT, None) or Limit(0)
    with _phase(item), limit.running(at_least=REPEAT_S), time_meter.current().on(TimeCategory.FIXTURES):
        try:
            return (yield)
        finally:
            drivers.end(item)


def _phase(item: pytest.Item) -> contextlib.AbstractContextManager[None]:
    """In a run, turn a case's attempt to stop pytest into an error of that case."""
    return contained() if item.config.stash[JOBS] is not None else contextlib.nullcontext()


def pytest_enter_pdb() -> None:
    """Remove the time limit of a case that calls ``breakpoint()``."""
    limit = current()
    if limit is not None:
        limit.forget()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """While the browser still shows the failure, capture it, and keep the exception for the verdict."""
    report = yield
    if call.excinfo is not None and is_timeout(call.excinfo.value):
        drivers.mark_unusable(item)
    if report.failed:
        item.stash[FAILED] = True
    attempt_artifacts.take(item, report, call)
    if REPORTS in item.stash:
        item.stash[REPORTS].note_raised(item, report, call)
    return report
