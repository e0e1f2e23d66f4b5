"""The fixtures a case uses: ``driver`` (alias ``selenium``), and those that shape its browser.

pytest loads the plugin in projects without a single UI case too, and in the process that only hands cases to
workers, so Selenium is imported where a browser is started.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from uitest import browsers
from uitest.browsers.pool import Keep, Pool
from uitest.browsers.settings import Settings
from uitest.errors import BrowserError, UsageError
from uitest.model import Spent
from uitest.plugin import meter, options, tracing, waits
from uitest.plugin.cases import Target
from uitest.plugin.timeout import Limit

if TYPE_CHECKING:
    from selenium.webdriver.common.options import ArgOptions
    from selenium.webdriver.remote.webdriver import WebDriver

    from uitest.browsers.isolation import Browser

BROWSERS = pytest.StashKey[tuple[str, ...]]()
"""The engines of the session."""
POOL = pytest.StashKey[Pool]()
KEEP = pytest.StashKey[Keep]()
"""Set by whoever starts a session whose last browser shall outlive it."""
BROWSER = pytest.StashKey["Browser"]()
DRIVER = pytest.StashKey["WebDriver"]()
VERSION = pytest.StashKey[str]()
LIMIT = pytest.StashKey[Limit]()
NEXT = pytest.StashKey[str | None]()
"""The engine that the test after this one is for, None for none."""
UNUSABLE = pytest.StashKey[bool]()
"""Set on a test whose browser must not serve another one."""


@pytest.fixture(scope="session")
def uitest_browser(request: pytest.FixtureRequest) -> str:
    """The engine this test runs in: chrome, firefox or webkit."""
    target: Target | None = getattr(request, "param", None)
    if target is not None:
        return target.browser
    engines = request.config.stash[BROWSERS]
    if len(engines) > 1:
        pytest.fail(
            f"this test asks for a browser while it runs, and nobody could know before that it is to run in "
            f"{', '.join(engines)}: mark it with @pytest.mark.usefixtures('uitest_browser')",
            pytrace=False,
        )
    return engines[0]


@pytest.fixture
def browser_options() -> dict[str, Any]:
    """Override to shape the browser of a whole suite; takes what ``@pytest.mark.browser_options`` takes."""
    return {}


@pytest.fixture(scope="session")
def session_capabilities() -> dict[str, Any]:
    """Override to add WebDriver capabilities for a session."""
    return {}


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
    """How this test's browser is started: command line, then fixtures, then marks, the nearest last."""
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
    """A Selenium WebDriver, alone in a fresh user context that is gone when the test ends."""
    made = request.getfixturevalue(f"{uitest_browser}_options")
    pool = request.config.stash[POOL]
    node = request.node
    with node.stash[LIMIT].paused():  # the first case of a browser does not pay for its start
        browser, found = _open(pool, uitest_browser, uitest_settings, made)
    node.stash[BROWSER], node.stash[DRIVER] = browser, found
    node.stash[VERSION] = "{browserName} {browserVersion}".format(
        **{"browserName": uitest_browser, "browserVersion": "", **found.capabilities}
    )
    following = node.stash[NEXT]
    if following == uitest_browser:
        browser.prepare()
    elif following is not None:
        pool.expect(following, options.settings(request.config))
    found.execute = meter.current().metered(found.execute, lambda: getattr(found, "forwarded", None))  # type: ignore[method-assign]
    tracing.begin(node, uitest_browser, browser, found)
    with waits.naps(getattr(found, "nap", time.sleep)):
        yield found
    with meter.current().on(Spent.CONTEXT):
        if node.stash.get(UNUSABLE, False):
            browser.kill()
        else:
            browser.close(found)


def _open(pool: Pool, name: str, settings: Settings, made: "ArgOptions") -> "tuple[Browser, WebDriver]":
    from selenium.common.exceptions import WebDriverException
    from urllib3.exceptions import HTTPError

    def get() -> "tuple[Browser, WebDriver]":
        with meter.current().on(Spent.BROWSER):
            browser = pool.get(name, settings, made)
        with meter.current().on(Spent.CONTEXT):
            return browser, browser.open()

    try:
        with contextlib.suppress(BrowserError, WebDriverException, HTTPError, OSError):
            return get()
        return get()  # a warm browser may have died since the last case: that must not cost this one
    except (WebDriverException, HTTPError, OSError) as exc:
        raise BrowserError(f"{name} started but gives no window: {exc}") from exc


@pytest.fixture
def selenium(driver: "WebDriver") -> "WebDriver":
    """The same as ``driver``, for suites written for pytest-selenium."""
    return driver


@pytest.fixture
def downloads(request: pytest.FixtureRequest, driver: "WebDriver", tmp_path: Path) -> Path:
    """An empty folder that this test's browser downloads into (Chrome and Firefox)."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    request.node.stash[BROWSER].allow_downloads(driver, folder)
    return folder
