"""The pytest plugin: ``driver`` for cases, browsers as parameters, files of failures, jobs of a run.

This module only connects pytest's hooks with the modules beside it: ``options`` (command line), ``cases``
(ids and parameters), ``fixtures`` (``driver`` and what shapes it), ``timeout``,
``waits``, ``capture``, and for a worker of a run ``jobs`` and ``verdict``.
"""

import contextlib
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import selenium as _selenium  # noqa: F401 - before pytest takes a folder of tests called selenium for it

from uitest.browsers.pool import Pool
from uitest.errors import BrowserError, UitestError
from uitest.model import Spent, safe_name
from uitest.plugin import cases, meter, options, testcases, tracing, waits
from uitest.plugin.capture import CAPTURES, Capture, capture
from uitest.plugin.exits import contained
from uitest.plugin.fixtures import (
    BROWSER,
    BROWSERS,
    DRIVER,
    KEEP,
    LIMIT,
    NEXT,
    POOL,
    UNUSABLE,
    VERSION,
    browser_options,
    capabilities,
    chrome_options,
    downloads,
    driver,
    firefox_options,
    selenium,
    session_capabilities,
    uitest_browser,
    uitest_settings,
    webkit_options,
)
from uitest.plugin.masked_reports import MaskedReports
from uitest.plugin.reports import REPORTS
from uitest.plugin.timeout import AGAIN_S, Limit, current, is_timeout

if TYPE_CHECKING:
    from uitest.plugin.jobs import Jobs
    from uitest.trace.recorder import Recorder

__all__ = [
    "browser_options",
    "capabilities",
    "chrome_options",
    "downloads",
    "driver",
    "firefox_options",
    "selenium",
    "session_capabilities",
    "uitest_browser",
    "uitest_settings",
    "webkit_options",
]

JOBS = pytest.StashKey["Jobs | None"]()
PROBLEM = pytest.StashKey[str]()
"""Why no test of this worker may run."""
POLL = pytest.StashKey[float]()
WAITS = pytest.StashKey[contextlib.ExitStack]()

LOCAL_ARTIFACTS = ".uitest/pytest"

MARKERS = (
    "case(id): the id this case has in modules and reports",
    "browser_options(window_size=, arguments=, preferences=, capabilities=, locale=, mobile=, headless=): "
    "shape this case's browser",
    "capabilities(name=value): WebDriver capabilities of this case's browser",
    "nondestructive: accepted for suites written for pytest-selenium; without effect",
)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, object, object]:
    """Add our options once everybody else has added theirs."""
    options.set_apart(early_config, parser, args)
    result = yield
    options.add_options(parser)
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """In a run no case waits for another: pytest-dependency must not skip one because it has not seen the other."""
    if options.value(config, "assignment") and hasattr(config.option, "ignore_unknown_dependency"):
        config.option.ignore_unknown_dependency = True


def pytest_configure(config: pytest.Config) -> None:
    """Read the options and get the worker ready; a wrong value is a usage error."""
    if config.getoption("base_url", None):
        config.option.base_url = config.option.base_url.rstrip("/")  # cases write f"{base_url}/page"
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    try:
        options.check(config)
        config.stash[BROWSERS] = options.browsers(config)
        assignment = options.value(config, "assignment")
        jobs = _jobs(Path(assignment)) if assignment else None
        seconds = options.value(config, "poll-frequency", waits.FAST_S)
    except UitestError as exc:
        raise pytest.UsageError(str(exc)) from exc
    config.stash[JOBS] = jobs
    config.stash[POOL] = Pool(config.stash.get(KEEP, None))
    config.stash[POLL], config.stash[WAITS] = seconds, contextlib.ExitStack()
    _start_early(config)
    config.pluginmanager.register(MaskedReports(config), "uitest-masked-reports")
    if jobs is not None:
        jobs.register(config.pluginmanager)


def _jobs(assignment: Path) -> "Jobs":
    from uitest.plugin.jobs import Jobs  # with stores and places, which bare pytest starts without

    return Jobs(assignment)


def _start_early(config: pytest.Config) -> None:
    """Start a browser while pytest collects, where cases will run here and somebody said in which browser."""
    only_hands_out = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    jobs = config.stash[JOBS]
    named = (
        jobs.first_browser(config)
        if jobs is not None
        else options.value(config, "browser") and config.stash[BROWSERS][0]
    )
    settings = options.settings(config)
    if named and settings.grid is None and not only_hands_out and not config.getoption("collectonly", False):
        config.stash[POOL].expect(named, settings)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Make waits look often, in processes where anybody waits: Selenium takes long to import."""
    has_cases = any(cases.PARAMETER in getattr(item, "fixturenames", ()) for item in session.items)
    if has_cases or "selenium.webdriver" in sys.modules:
        session.config.stash[WAITS].enter_context(waits.look_often(session.config.stash[POLL]))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the browsers, but one that is to be kept."""
    if POOL in config.stash:
        config.stash[POOL].close()
        config.stash[WAITS].close()


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Browsers, or in a run jobs, as the last parameter of a test."""
    jobs = metafunc.config.stash[JOBS]
    browsers: tuple[str, ...] = metafunc.config.stash[BROWSERS]
    cases.parametrize(metafunc, browsers, jobs.assignment.tasks if jobs else None)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem() -> Generator[None, object, object]:
    """Methods of a TestCase once for each browser or job."""
    made = yield

    def wanted(item: pytest.Item) -> tuple[list[cases.Target], str]:
        jobs, browsers = item.config.stash[JOBS], item.config.stash[BROWSERS]
        return cases.targets(item, browsers, jobs.assignment.tasks if jobs else None), cases.driver_scope(
            item, "function"
        )

    testcases.expand(made, wanted)
    return made


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse two tests with one id; let ``-k`` find a case by its id."""
    jobs = config.stash[JOBS]
    try:
        config.stash[cases.IDS] = cases.name_cases(items)
    except pytest.UsageError as exc:
        if jobs is not None:
            jobs.tell([str(exc)])
        elif hasattr(config, "workerinput"):
            config.stash[PROBLEM] = str(exc)  # xdist tells nothing of what is raised here
            return
        raise


def pytest_report_header(config: pytest.Config) -> str:
    """The engines, in pytest's own header."""
    browsers: tuple[str, ...] = config.stash[BROWSERS]
    return f"uitest: {', '.join(browsers)}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """Say which engine comes next, and start the case's clock of where its time goes."""
    following = cases.target(nextitem) if nextitem is not None else None
    item.stash[NEXT] = following.browser if following is not None else None
    meter.begin()
    return (yield)


def _limit(item: pytest.Item) -> Limit:
    """The time a case has; debugging takes as long as it takes."""
    seconds = float(options.value(item.config, "case-timeout", options.CASE_TIMEOUT_S))
    if cases.PARAMETER not in getattr(item, "fixturenames", ()) or item.config.getoption("usepdb", False):
        seconds = 0
    jobs = item.config.stash[JOBS]
    return Limit(jobs.case_timeout(item, seconds) if jobs is not None else seconds)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Stop a setup that hangs; a plugin that repeats a case gives it its whole time again."""
    if PROBLEM in item.config.stash:
        pytest.fail(item.config.stash[PROBLEM], pytrace=False)
    item.stash[LIMIT] = _limit(item)
    with _phase(item), item.stash[LIMIT].running(), meter.current().on(Spent.FIXTURES):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Stop a case that hangs."""
    with _phase(item), item.stash[LIMIT].running(), meter.current().on(Spent.TEST):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Stop a teardown that hangs; a case that used up its time may still clean up."""
    limit = item.stash.get(LIMIT, None) or Limit(0)
    with _phase(item), limit.running(at_least=AGAIN_S), meter.current().on(Spent.FIXTURES):
        return (yield)


def _phase(item: pytest.Item) -> contextlib.AbstractContextManager[None]:
    """In a run, a case that wants to stop pytest stops nothing but itself."""
    return contained() if item.config.stash[JOBS] is not None else contextlib.nullcontext()


def pytest_enter_pdb() -> None:
    """Let a case that calls ``breakpoint()`` be debugged in peace."""
    limit = current()
    if limit is not None:
        limit.forget()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """While the browser still shows what happened: keep its picture, and what was raised for the verdict."""
    report = yield
    if call.excinfo is not None and is_timeout(call.excinfo.value):
        item.stash[UNUSABLE] = True
    taken = _capture(item, report, call)
    if taken is not None:
        _show(item, report, taken)
    if REPORTS in item.stash:
        item.stash[REPORTS].note_raised(report, call)
    return report


def _capture(item: pytest.Item, report: pytest.TestReport, call: pytest.CallInfo[None]) -> Capture | None:
    raised = call.excinfo.value if call.excinfo is not None else None
    if isinstance(raised, BrowserError) and raised.log:
        printed = Capture({"driver.log": raised.log.encode(errors="replace")})
        printed.mask(options.secrets(item.config))
        return printed
    if DRIVER not in item.stash:
        return None
    recorder = tracing.due(item, report)
    taken = _take(item, report, recorder)
    if taken is not None and recorder is not None:
        tracing.keep(recorder, taken, item, item.stash[VERSION], in_a_run=CAPTURES in item.stash)
    return taken


def _take(item: pytest.Item, report: pytest.TestReport, recorder: "Recorder | None") -> Capture | None:
    """What the browser shows, for a trace too; None if nobody wants to see it."""
    if report.when == "teardown":
        return Capture() if recorder is not None else None  # the browser is gone
    when = options.value(item.config, "screenshot", "only-on-failure")
    failed = report.failed
    shot = (when == "on" and report.when == "call") or (when == "only-on-failure" and failed)
    if not (failed or shot or recorder is not None):
        return None
    seen = recorder is None or recorder.look_last(picture=not shot)
    taken = capture(item.stash[DRIVER], item.stash[BROWSER], screenshot=shot, page=failed, hung=UNUSABLE in item.stash)
    if recorder is not None and not seen and failed:
        recorder.look_last(picture=not shot)  # a dialog was over it, which is closed now
    taken.mask(options.secrets(item.config))
    return taken


def _show(item: pytest.Item, report: pytest.TestReport, taken: Capture) -> None:
    """Sections of the report for a reader at a terminal; a run keeps the files by itself."""
    if CAPTURES in item.stash:
        item.stash[CAPTURES].append(taken)
        return
    lines = [f"address: {taken.url}"] if taken.url else []
    asked = options.value(item.config, "artifacts", LOCAL_ARTIFACTS)
    # A bucket in UITEST_ARTIFACTS is meant for runs; a developer's own pytest writes nothing there.
    folder = Path(LOCAL_ARTIFACTS if "://" in asked else asked) / safe_name(item.nodeid)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in taken.files.items():
            (folder / name).write_bytes(data)
            lines.append(f"{name.partition('.')[0]}: {folder / name}")
    except OSError as exc:
        taken.warnings.append(f"the files could not be kept in {folder}: {exc}")
    lines += [f"warning: {warning}" for warning in taken.warnings]
    report.sections.append(("Browser", "\n".join(lines)))
    if taken.console:
        report.sections.append(("Browser console", "\n".join(taken.console[-50:])))
