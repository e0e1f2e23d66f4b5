"""The pytest plugin: ``driver`` for cases, browsers as parameters, files of failures, jobs of a run.

This module only connects pytest's hooks with the modules beside it: ``options`` (command line), ``collection``
(ids and parameters), ``fixtures`` (``driver`` and what shapes it), ``timeout``, ``waits``, ``capture``, and for a
worker of a run the package ``worker``.
"""

import contextlib
import os
import sys
from collections.abc import Generator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
import selenium as _selenium  # noqa: F401 - before pytest takes a folder of tests called selenium for it

from uitest import log, requirements
from uitest.browsers.sessions.pool import Pool
from uitest.errors import BrowserError, UitestError
from uitest.model import TimeCategory, safe_name
from uitest.plugin import drivers, hooks, options, pytest_selenium, sensitive, time_meter, tracing, waits
from uitest.plugin.capture import CAPTURES, Capture, capture
from uitest.plugin.collection import cases, unittest_cases
from uitest.plugin.drivers import FAILED, LIMIT, LIVE, OPENED, POOL, VERSION
from uitest.plugin.fixtures import (
    BROWSERS,
    KEEP,
    NEXT,
    browser_console,
    browser_options,
    capabilities,
    chrome_options,
    downloads,
    driver,
    driver_class,
    driver_factory,
    driver_module,
    driver_session,
    firefox_options,
    selenium,
    session_capabilities,
    shared_driver,
    uitest_browser,
    uitest_settings,
    webkit_options,
)
from uitest.plugin.masked_reports import MaskedReports
from uitest.plugin.timeout import AGAIN_S, Limit, current, is_timeout
from uitest.plugin.worker.exits import contained
from uitest.plugin.worker.import_notes import ImportNotes
from uitest.plugin.worker.reports import REPORTS

if TYPE_CHECKING:
    from uitest.plugin.worker.run_worker import RunWorker
    from uitest.trace.recorder import Recorder

__all__ = [
    "browser_console",
    "browser_options",
    "capabilities",
    "chrome_options",
    "downloads",
    "driver",
    "driver_class",
    "driver_factory",
    "driver_module",
    "driver_session",
    "firefox_options",
    "selenium",
    "session_capabilities",
    "uitest_browser",
    "uitest_settings",
    "webkit_options",
]

JOBS = pytest.StashKey["RunWorker | None"]()
PROBLEM = pytest.StashKey[str]()
"""Why no test of this worker may run."""
POLL = pytest.StashKey[float]()
WAITS = pytest.StashKey[contextlib.ExitStack]()

LOCAL_ARTIFACTS = ".uitest/pytest"

ONLY_SHOW = ("collectonly", "showfixtures", "show_fixtures_per_test", "setupplan")
"""pytest's options with which no test runs, though tests are collected."""

MARKERS = (
    "case(id): the id this case has in modules and reports",
    "browser_options(window_size=, arguments=, preferences=, capabilities=, locale=, mobile=, headless=): "
    "shape this case's browser",
    "capabilities(name=value): WebDriver capabilities of this case's browser",
    "nondestructive: changes nothing on the server, so it runs at addresses that --sensitive-url matches",
)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let others implement the hooks of ``hooks``."""
    pluginmanager.add_hookspecs(hooks)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, object, object]:
    """Start the log, before pytest captures standard error; add our options once everybody else has added theirs.

    In a run, note which conftest file is loaded.
    """
    _start_log(early_config)
    options.set_apart(early_config, parser, args)
    assignment = options.early_value(early_config, args, "assignment")
    if assignment is not None:
        notes = ImportNotes(Path(assignment))
        notes.watch(early_config)
        early_config.pluginmanager.register(notes, "uitest-import-notes")
    result = yield
    options.add_options(parser)
    return result


def _start_log(config: pytest.Config) -> None:
    """Log as the variables say, until pytest ends; a process that logs already goes on as it does."""
    try:
        wanted = log.LogSettings.from_environ(os.environ) if log.installed() is None else None
        log.start(wanted)
    except UitestError as exc:
        raise pytest.UsageError(str(exc)) from exc
    if wanted is not None:
        config.add_cleanup(log.stop)


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
        requirements.check_system()
        requirements.check()
        options.check(config)
        log.hide(options.secrets(config))
        engines = pytest_selenium.engines(config)
        pytest_selenium.check(config, engines)
        sensitive_url = sensitive.pattern(config)
        assignment = options.value(config, "assignment")
        jobs = _jobs(Path(assignment)) if assignment else None
        seconds = options.value(config, "poll-frequency", waits.FAST_S)
    except UitestError as exc:
        raise pytest.UsageError(str(exc)) from exc
    config.stash[JOBS], config.stash[BROWSERS] = jobs, engines
    config.stash[POOL], config.stash[LIVE] = Pool(config.stash.get(KEEP, None)), []
    config.stash[POLL], config.stash[WAITS] = seconds, contextlib.ExitStack()
    config.pluginmanager.register(MaskedReports(config), "uitest-masked-reports")
    if options.driver_scope(config) != options.SCOPES[0]:
        wider = ModuleType("uitest_driver_scope")  # a later plugin's fixture takes the place of ours
        wider.driver = shared_driver("driver", options.driver_scope(config))  # type: ignore[attr-defined]
        config.pluginmanager.register(wider, wider.__name__)
    if sensitive_url is not None:
        config.pluginmanager.register(sensitive.guard(sensitive_url))
    config.stash[WAITS].enter_context(pytest_selenium.driver_path(config, engines))
    if jobs is not None:
        jobs.register(config)


def _jobs(assignment: Path) -> "RunWorker":
    from uitest.plugin.worker.run_worker import RunWorker  # with stores and places, which bare pytest starts without

    return RunWorker(assignment)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start a worker's browser while it collects: in a run it is known which one it needs."""
    jobs = session.config.stash[JOBS]
    named = jobs.first_browser(session.config) if jobs is not None else None
    if named is not None:
        _start_early(session.config, named)


def _start_early(config: pytest.Config, engine: str) -> None:
    """Start a browser beside what goes on, if tests will run in this process."""
    only_hands_out = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    only_shows = any(config.getoption(name, False) for name in ONLY_SHOW)
    settings = options.settings(config)
    if settings.grid is None and not only_hands_out and not only_shows:
        config.stash[POOL].expect(engine, settings)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the first browser, and make waits look often, in processes where anybody needs that."""
    cases.keep_engines(session.items)
    first = next(filter(None, map(cases.target, session.items)), None)
    if first is not None and session.config.stash[JOBS] is None:
        _start_early(session.config, first.browser)
    if first is not None or "selenium.webdriver" in sys.modules:  # Selenium takes long to import
        session.config.stash[WAITS].enter_context(waits.look_often(session.config.stash[POLL]))


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    """Say that tests ran which pytest-selenium would have skipped."""
    if sensitive.pattern(config) is None:
        reminder = sensitive.reminder(terminalreporter.stats, config.getoption("base_url", None))
        if reminder is not None:
            terminalreporter.write_line(reminder, yellow=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the browsers, but one that is to be kept."""
    if POOL in config.stash:
        config.stash[POOL].close()
        config.stash[WAITS].close()


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Browsers, or in a run jobs, as the last parameter of a test."""
    config = metafunc.config
    found = _targets(metafunc.definition, config)
    cases.parametrize(metafunc, found)
    if found and config.stash[JOBS] is None and not (config.getoption("keyword") or config.getoption("markexpr")):
        _start_early(config, found[0].browser)  # beside the rest of the collection


def _targets(definition: pytest.Item, config: pytest.Config) -> list[cases.Target]:
    jobs, browsers = config.stash[JOBS], config.stash[BROWSERS]
    return cases.targets(definition, browsers, jobs.assignment.tasks if jobs else None)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem() -> Generator[None, object, object]:
    """Methods of a TestCase once for each browser or job."""
    made = yield

    unittest_cases.expand(made, lambda item: _targets(item, item.config))
    return made


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse two tests with one id, let ``-k`` find a case by its id, keep tests together that share a driver."""
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
    engines: tuple[str, ...] = config.stash[BROWSERS]
    items[:] = cases.by_engine(items, engines)


def pytest_report_header(config: pytest.Config) -> str:
    """The engines, in pytest's own header."""
    browsers: tuple[str, ...] = config.stash[BROWSERS]
    return f"uitest: {', '.join(browsers)}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """Say which engine comes next, and start the case's clock of where its time goes."""
    following = cases.target(nextitem) if nextitem is not None and not cases.shared_scopes(nextitem) else None
    item.stash[NEXT] = following.browser if following is not None else None
    time_meter.begin()
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
    drivers.begin(item)
    with _phase(item), item.stash[LIMIT].running(), time_meter.current().on(TimeCategory.FIXTURES):
        result = yield
        cases.check_marks(item)
        return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Stop a case that hangs."""
    with _phase(item), item.stash[LIMIT].running(), time_meter.current().on(TimeCategory.TEST):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Stop a teardown that hangs; a case that used up its time may still clean up."""
    limit = item.stash.get(LIMIT, None) or Limit(0)
    with _phase(item), limit.running(at_least=AGAIN_S), time_meter.current().on(TimeCategory.FIXTURES):
        try:
            return (yield)
        finally:
            drivers.end(item)


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
        drivers.mark_unusable(item)
    if report.failed:
        item.stash[FAILED] = True
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
    if not item.stash.get(OPENED, None):
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
    taken = Capture()
    opened: list[drivers.OpenDriver] = item.stash[OPENED]
    for number, one in enumerate(opened, 1):
        taken.add(capture(one.driver, one.console, screenshot=shot, page=failed, hung=one.unusable), number)
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
        taken.warn(f"the files could not be kept in {folder}: {exc}")
    lines += [f"warning: {warning}" for warning in taken.warnings]
    report.sections.append(("Browser", "\n".join(lines)))
    if taken.console:
        report.sections.append(("Browser console", "\n".join(taken.console[-50:])))
