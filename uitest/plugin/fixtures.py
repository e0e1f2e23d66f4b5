"""The fixtures of cases: ``driver`` (alias ``selenium``), and those that configure its browser.

Selenium is imported only where a browser is started, because pytest also loads the plugin in projects without UI cases
and in the controller process of xdist.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from uitest import browsers
from uitest.browsers.console import ConsoleLine
from uitest.browsers.sessions.pool import BrowserKeeper
from uitest.browsers.settings import Settings
from uitest.compat import pytest_private
from uitest.errors import UsageError
from uitest.jobs.plan import check_browsers
from uitest.plugin import options, pytest_selenium
from uitest.plugin.collection.browser_parameter import Target
from uitest.plugin.drivers import LIVE, OPENED, POOL, RUNNING, open_driver

if TYPE_CHECKING:
    from selenium.webdriver.common.options import ArgOptions
    from selenium.webdriver.remote.webdriver import WebDriver

BROWSERS = pytest.StashKey[tuple[str, ...]]()
"""The engines of the session."""
NEXT = pytest.StashKey[str | None]()
"""The engine of the next test, or None."""
KEEP = pytest.StashKey[BrowserKeeper | None]()
"""What keeps browsers of this session for the next one; in Lambda its handler."""


@pytest.fixture(scope="session")
def uitest_browser(request: pytest.FixtureRequest) -> str:
    """The engine this test runs in: chrome, firefox or webkit."""
    target: Target | None = getattr(request, "param", None)
    if target is not None:
        return target.browser
    engines = request.config.stash[BROWSERS]
    if len(engines) > 1:
        pytest.fail(
            f"this test requests a browser only while it runs, so it was not collected for each of "
            f"{', '.join(engines)}: mark it with @pytest.mark.usefixtures('uitest_browser')",
            pytrace=False,
        )
    return engines[0]


@pytest.fixture
def browser_options() -> dict[str, Any]:
    """Override to configure the browsers of a suite, with the keywords of ``@pytest.mark.browser_options``."""
    return {}


@pytest.fixture(scope="session")
def session_capabilities(pytestconfig: pytest.Config) -> dict[str, Any]:
    """Capabilities of the command line; override to add WebDriver capabilities for a session."""
    found_capabilities = pytest_selenium.capabilities(pytestconfig)
    if options.server(pytestconfig) is not None:
        found_capabilities.pop("browserName", None)  # Selenium's options have it already
    return found_capabilities


@pytest.fixture
def capabilities(request: pytest.FixtureRequest, session_capabilities: dict[str, Any]) -> dict[str, Any]:
    """Override to add WebDriver capabilities; ``@pytest.mark.capabilities(name=value)`` adds to them."""
    marks = [mark.kwargs for mark in request.node.iter_markers("capabilities")]
    return {
        **session_capabilities,
        **{name: value for mark in reversed(marks) for name, value in mark.items()},
    }


@pytest.fixture
def uitest_settings(
    request: pytest.FixtureRequest, browser_options: dict[str, Any], capabilities: dict[str, Any]
) -> Settings:
    """The settings of this test's browser: command line, then fixtures, then marks, the nearest last."""
    try:
        settings = options.settings(request.config).narrowed(browser_options)
        for mark in reversed(list(request.node.iter_markers("browser_options"))):
            settings = settings.narrowed(mark.kwargs)
        return settings.narrowed({"capabilities": capabilities})
    except UsageError as exc:
        pytest.fail(str(exc), pytrace=False)


@pytest.fixture
def chrome_options(uitest_settings: Settings) -> "ArgOptions":
    """Selenium's options for Chrome; override to change them."""
    return browsers.options("chrome", uitest_settings)


@pytest.fixture
def firefox_options(uitest_settings: Settings) -> "ArgOptions":
    """Selenium's options for Firefox; override to change them."""
    return browsers.options("firefox", uitest_settings)


@pytest.fixture
def webkit_options(uitest_settings: Settings) -> "ArgOptions":
    """Selenium's options for WebKit; override to change them."""
    return browsers.options("webkit", uitest_settings)


@pytest.fixture
def driver(request: pytest.FixtureRequest, uitest_browser: str, uitest_settings: Settings) -> "Iterator[WebDriver]":
    """A Selenium WebDriver in a fresh user context, which is removed when the test ends."""
    selenium_options = request.getfixturevalue(f"{uitest_browser}_options")
    with open_driver(request.node, uitest_browser, uitest_settings, selenium_options) as opened:
        following = request.node.stash[NEXT]
        if following == uitest_browser:
            opened.browser.prepare()
        elif following is not None:
            request.config.stash[POOL].expect(following, options.settings(request.config))
        yield opened.handed


def _shared(request: pytest.FixtureRequest, uitest_browser: str) -> "Iterator[WebDriver]":
    """A driver for all tests of the fixture's scope, configured by the fixtures of its first test."""
    item = request.config.stash[RUNNING]
    settings, selenium_options = _settings_and_options(item, uitest_browser)
    close_early = pytest_private.fixture_finisher(request)
    with open_driver(item, uitest_browser, settings, selenium_options, close_early=close_early) as opened:
        yield opened.handed


def _settings_and_options(item: pytest.Item, engine: str) -> "tuple[Settings, ArgOptions]":
    """The browser settings and options by a test's own fixtures, for a fixture of a wider scope."""
    see = pytest_private.narrow_fixtures(item)
    if see is not None:
        return see("uitest_settings"), see(f"{engine}_options")
    settings = options.settings(item.config)
    return settings, browsers.options(engine, settings)


def shared_driver(name: str, scope: Any) -> Any:
    """A fixture for a driver with a wider scope than one test."""
    return pytest.fixture(_shared, scope=scope, name=name)


driver_class = shared_driver("driver_class", "class")
driver_module = shared_driver("driver_module", "module")
driver_session = shared_driver("driver_session", "session")


@pytest.fixture
def driver_factory(
    request: pytest.FixtureRequest, uitest_browser: str, uitest_settings: Settings
) -> "Iterator[Callable[..., WebDriver]]":
    """A function that opens further drivers, each in a separate browser; all are closed with the test.

    ``driver_factory()`` is configured like ``driver``, ``driver_factory("firefox")`` uses another engine. Keywords are
    those of ``@pytest.mark.browser_options``; with them, fixtures such as ``chrome_options`` are not used.
    """

    def make(browser: str | None = None, **changes: Any) -> "WebDriver":
        engine = browser or uitest_browser
        try:
            settings = uitest_settings.narrowed(changes)
            selenium_options = browsers.options(engine, settings) if changes else None
            check_browsers([engine])
        except UsageError as exc:
            pytest.fail(str(exc), pytrace=False)
        selenium_options = selenium_options or request.getfixturevalue(f"{engine}_options")
        further: WebDriver = drivers.enter_context(open_driver(request.node, engine, settings, selenium_options)).handed
        return further

    with contextlib.ExitStack() as drivers:
        yield make


def _driver_scope(fixture_name: str, config: pytest.Config) -> Any:  # noqa: ARG001  called by names
    return options.driver_scope(config)


@pytest.fixture(scope=_driver_scope)
def selenium(driver: "WebDriver") -> "WebDriver":
    """The same as ``driver``, for suites written for pytest-selenium."""
    return driver


@pytest.fixture
def browser_console(request: pytest.FixtureRequest) -> Callable[[], list[ConsoleLine]]:
    """Call it for the lines that this test's browsers have logged so far, each with ``level`` and ``text``."""

    def lines() -> list[ConsoleLine]:
        opened = request.node.stash.get(OPENED, ())
        return [ConsoleLine.of(line) for driver in opened for line in driver.console()]

    return lines


@pytest.fixture
def downloads(request: pytest.FixtureRequest, driver: "WebDriver", tmp_path: Path) -> Path:
    """An empty folder that this test's browser downloads into (Chrome and Firefox)."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    own = [opened for opened in request.config.stash[LIVE] if opened.handed is driver]
    if not own:
        pytest.fail(
            "downloads works only with uitest's driver, and this suite starts its own; use the fixture driver",
            pytrace=False,
        )
    own[0].browser.allow_downloads(own[0].driver, folder)
    return folder
