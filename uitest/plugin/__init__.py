"""The pytest plugin: the fixture ``driver``, browsers as parameters, artifacts of failures, and the worker of a run.

This module has pytest's hooks of a session and connects them with the modules of the package: ``options`` (command
line), ``collection`` (ids and parameters), ``fixtures``, ``case_hooks`` (around a single test), ``timing``,
``artifacts``, and ``worker`` for a worker of a run.
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

from uitest import distribution, log, requirements
from uitest.browsers.sessions.pool import Pool
from uitest.compat import selenium_bidi
from uitest.errors import UitestError
from uitest.plugin import hooks, kept_browsers, options, pytest_selenium, sensitive
from uitest.plugin.artifacts.masked_reports import MaskedReports
from uitest.plugin.case_hooks import (
    JOBS,
    PROBLEM,
    pytest_enter_pdb,
    pytest_runtest_call,
    pytest_runtest_makereport,
    pytest_runtest_protocol,
    pytest_runtest_setup,
    pytest_runtest_teardown,
)
from uitest.plugin.collection import browser_parameter, case_ids, cases, shared_drivers, unittest_cases
from uitest.plugin.drivers import LIVE, POOL
from uitest.plugin.fixtures import (
    BROWSERS,
    KEEP,
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
from uitest.plugin.option_table import SCOPES
from uitest.plugin.timing import waits

if TYPE_CHECKING:
    from uitest.plugin.worker.run_worker import RunWorker

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
    "pytest_enter_pdb",
    "pytest_runtest_call",
    "pytest_runtest_makereport",
    "pytest_runtest_protocol",
    "pytest_runtest_setup",
    "pytest_runtest_teardown",
    "selenium",
    "session_capabilities",
    "uitest_browser",
    "uitest_settings",
    "webkit_options",
]

POLL = pytest.StashKey[float]()
WAITS = pytest.StashKey[contextlib.ExitStack]()

ONLY_SHOW = ("collectonly", "showfixtures", "show_fixtures_per_test", "setupplan")
"""pytest's options with which tests are collected but not run."""

MARKERS = (
    "case(id): the id this case has in modules and reports",
    "module(name): the module this case belongs to where the module table is empty",
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
    """Start the log, before pytest captures standard error; add our options after those of all other plugins.

    What conftest files import of Selenium is imported without its modules for BiDi.

    In a run, note which conftest file is loaded, and do without those that end pytest.
    """
    selenium_bidi.import_late()
    _start_log(early_config)
    options.complete_flags(args)
    options.separate_option_values(early_config, parser, args)
    assignment = options.early_value(early_config, args, "assignment")
    if assignment is not None:
        from uitest.plugin.worker.import_notes import IMPORT_NOTES, ImportNotes

        notes = ImportNotes(Path(assignment).parent)
        notes.watch(early_config)
        early_config.pluginmanager.register(notes, IMPORT_NOTES)
    result = yield
    options.add_options(parser)
    return result


def _start_log(config: pytest.Config) -> None:
    """Log as the environment variables say until pytest ends; does nothing in a process that logs already."""
    try:
        wanted = log.LogSettings.from_environ(os.environ) if log.installed() is None else None
        log.start(wanted)
    except UitestError as exc:
        raise pytest.UsageError(str(exc)) from exc
    if wanted is not None:
        config.add_cleanup(log.stop)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """In a run, keep pytest-dependency from skipping a case because another one ran elsewhere."""
    if options.value(config, "assignment") and hasattr(config.option, "ignore_unknown_dependency"):
        config.option.ignore_unknown_dependency = True


def pytest_configure(config: pytest.Config) -> None:
    """Read and check the options, and set up the session; a wrong value is a usage error."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    try:
        if not config.option.collectonly:  # so that runs in AWS can be planned on any system
            requirements.check_system()
        requirements.check()
        options.check(config)
        _set_base_url(config)
        log.hide(options.secrets(config))
        with options.naming(config, "browser"):
            engines = pytest_selenium.engines(config)
        pytest_selenium.check(config, engines)
        sensitive_url = sensitive.pattern(config)
        assignment = options.value(config, "assignment")
        jobs = _jobs(Path(assignment)) if assignment else None
        seconds = options.value(config, "poll-frequency", waits.FAST_S)
    except UitestError as exc:
        raise pytest.UsageError(str(exc)) from exc
    config.stash[JOBS], config.stash[BROWSERS] = jobs, engines
    if KEEP not in config.stash:
        config.stash[KEEP] = kept_browsers.keeper(config, os.environ)
    config.stash[POOL], config.stash[LIVE] = Pool(config.stash[KEEP]), []
    config.stash[POLL], config.stash[WAITS] = seconds, contextlib.ExitStack()
    config.pluginmanager.register(MaskedReports(config), "uitest-masked-reports")
    if options.driver_scope(config) != SCOPES[0]:
        wider = ModuleType("uitest_driver_scope")  # a fixture of a later plugin overrides ours
        wider.driver = shared_driver("driver", options.driver_scope(config))  # type: ignore[attr-defined]
        config.pluginmanager.register(wider, wider.__name__)
    if sensitive_url is not None:
        config.pluginmanager.register(sensitive.guard(sensitive_url))
    config.stash[WAITS].enter_context(pytest_selenium.driver_path(config, engines))
    if jobs is not None:
        jobs.register(config)


def _set_base_url(config: pytest.Config) -> None:
    """Have pytest-base-url use our address where it has none, and none with a slash at its end."""
    if not hasattr(config.option, "base_url"):
        return  # pytest-base-url is switched off
    given = config.option.base_url or config.getini("base_url") or options.base_url(config)
    if given:
        config.option.base_url = given.rstrip("/")  # cases write f"{base_url}/page"


def _jobs(assignment: Path) -> "RunWorker":
    from uitest.plugin.worker.run_worker import RunWorker  # imported late, as it imports stores and places

    return RunWorker(assignment)


def pytest_sessionstart(session: pytest.Session) -> None:
    """In a run, where the first engine is known, start a worker's browser while it collects."""
    jobs = session.config.stash[JOBS]
    named = jobs.first_browser(session.config) if jobs is not None else None
    if named is not None:
        _start_early(session.config, named)


def _start_early(config: pytest.Config, engine: str) -> None:
    """Start a browser in the background, if tests will run in this process."""
    only_hands_out = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    only_shows = any(config.getoption(name, False) for name in ONLY_SHOW)
    settings = options.settings(config)
    if settings.grid is None and not only_hands_out and not only_shows:
        config.stash[POOL].expect(engine, settings)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the first browser and shorten the pauses of waits, in processes that need them."""
    shared_drivers.keep_engines(session.items)
    first = next(filter(None, map(browser_parameter.target, session.items)), None)
    if first is not None and session.config.stash[JOBS] is None:
        _start_early(session.config, first.browser)
    if first is not None or "selenium.webdriver" in sys.modules:  # Selenium takes long to import
        session.config.stash[WAITS].enter_context(waits.look_often(session.config.stash[POLL]))


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    """Remind the user of tests that pytest-selenium would have skipped."""
    if sensitive.pattern(config) is None:
        reminder = sensitive.reminder(terminalreporter.stats, config.getoption("base_url", None))
        if reminder is not None:
            terminalreporter.write_line(reminder, yellow=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the browsers, except one that is kept."""
    if POOL in config.stash:
        config.stash[POOL].close()
        config.stash[WAITS].close()


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise a test by its browsers, or in a run by its jobs."""
    config = metafunc.config
    targets = _targets(metafunc.definition, config)
    cases.parametrize(metafunc, targets)
    if targets and config.stash[JOBS] is None and not (config.getoption("keyword") or config.getoption("markexpr")):
        _start_early(config, targets[0].browser)  # during the rest of the collection


def _targets(definition: pytest.Item, config: pytest.Config) -> list[browser_parameter.Target]:
    jobs, browsers = config.stash[JOBS], config.stash[BROWSERS]
    return cases.targets(definition, browsers, jobs.assignment.tasks if jobs else None)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem() -> Generator[None, object, object]:
    """Repeat methods of a TestCase for each browser or job."""
    collected = yield

    unittest_cases.expand(collected, lambda item: _targets(item, item.config))
    return collected


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Reject two tests with one id, let ``-k`` find a case by its id, and group tests that share a driver."""
    jobs = config.stash[JOBS]
    try:
        config.stash[case_ids.IDS] = cases.name_cases(items)
    except pytest.UsageError as exc:
        if jobs is not None:
            jobs.report_problems([str(exc)])
        elif hasattr(config, "workerinput"):
            config.stash[PROBLEM] = str(exc)  # xdist does not report exceptions raised here
            return
        raise
    engines: tuple[str, ...] = config.stash[BROWSERS]
    items[:] = shared_drivers.by_engine(items, engines)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Show the engines in pytest's header, whether they are kept, and another project's package called uitest."""
    browsers: tuple[str, ...] = config.stash[BROWSERS]
    notes = [", ".join(browsers), config.stash.get(kept_browsers.NOTE, None), distribution.other_distribution()]
    return [f"uitest: {note}" for note in notes if note]
