"""Who runs a program: we with direct commands, we without, and plain Selenium, which is right.

Each side keeps its browser and begins every program in a fresh window of it.
"""

from concurrent.futures import Future, ThreadPoolExecutor

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from tests.fuzz.plain import Seat
from tests.fuzz.program import Program
from tests.fuzz.running import Outcome, Run
from tests.fuzz.site import Site
from uitest import browsers
from uitest.browsers.sessions.protocols import Browser
from uitest.browsers.settings import Settings
from uitest.errors import BrowserError

LIMIT_S = 45.0
"""Longest time a program may take. What takes longer has hung, and its browser is ended."""

ANSWER_S = 9
"""Longest time a command may take."""

STARTS = 3
"""How often a browser is started before the search gives up: on a busy machine one may not start in time."""


class Ours:
    """Our contexts in a warm browser."""

    def __init__(self, name: str, *, direct: bool) -> None:
        self._name, self._settings = name, Settings(direct=direct)
        self._browser: Browser | None = None

    def open(self) -> WebDriver:
        """The next case's driver."""
        if self._browser is None or self._browser.needs_replacement:
            self.kill()
            options = browsers.options(self._name, self._settings)
            self._browser = browsers.launch(self._name, self._settings, options)
        return self._browser.open()

    def close(self, driver: WebDriver) -> None:
        """The case is over."""
        if self._browser is not None:
            self._browser.close(driver)

    def kill(self) -> None:
        """End the browser."""
        browser, self._browser = self._browser, None
        if browser is not None:
            browser.kill()


class Side:
    """One of those that are compared, in a thread of its own."""

    def __init__(self, name: str, seat: Seat) -> None:
        self.name = name
        self._seat = seat
        self._site = Site()
        self._run: Run | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    def start(self, program: Program) -> "Future[list[Outcome]]":
        """Begin to run a program."""
        return self._thread.submit(self._complete, program)

    def finish(self, running: "Future[list[Outcome]]") -> list[Outcome]:
        """What came of it."""
        try:
            return running.result(LIMIT_S)
        except TimeoutError:
            outcomes = list(self._run.outcomes) if self._run else []
            self._seat.kill()
            self._thread = ThreadPoolExecutor(1, thread_name_prefix=self.name)
            return [*outcomes, Outcome("", "never ended", is_slow=True)]

    def _complete(self, program: Program) -> list[Outcome]:
        driver = self._open()
        driver.command_executor.client_config.timeout = ANSWER_S  # type: ignore[union-attr]
        self._run = Run(driver, self._site, program)
        try:
            return self._run.complete()
        finally:
            if self._run.hangs:
                self._seat.kill()
            else:
                self._seat.close(driver)

    def _open(self) -> WebDriver:
        for _ in range(STARTS):
            try:
                return self._seat.open()
            except (WebDriverException, BrowserError, OSError, HTTPError) as exc:
                failed = exc
                self._seat.kill()
        raise failed

    def close(self) -> None:
        """End the browser and the server."""
        self._seat.kill()
        self._thread.shutdown()
        self._site.close()
