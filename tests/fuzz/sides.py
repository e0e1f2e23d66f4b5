"""Who runs a program: we with direct commands, we without, and plain Selenium, which is right.

Each side keeps its browser and begins every program in a fresh window of it.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.remote_connection import ChromeRemoteConnection
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from tests.fuzz.program import Program
from tests.fuzz.running import Outcome, Run
from tests.fuzz.site import Site
from uitest import browsers
from uitest.browsers import locate
from uitest.browsers.chrome import devtools_url
from uitest.browsers.isolation import Browser
from uitest.browsers.own import OwnProcess
from uitest.browsers.process import DriverProcess, free_port
from uitest.browsers.settings import Settings
from uitest.browsers.warm import DEFAULT_TIMEOUTS
from uitest.browsers.wire import Wire
from uitest.errors import BrowserError

LIMIT_S = 45.0
"""Longest time a program may take. What takes longer has hung, and its browser is ended."""

ANSWER_S = 15
"""Longest time a command may take."""


class Seat(Protocol):
    """A browser that is kept from program to program."""

    def open(self) -> WebDriver:
        """A driver in a fresh window. Raises WebDriverException, BrowserError or OSError if the browser is no good."""

    def close(self, driver: WebDriver) -> None:
        """The program is over."""

    def kill(self) -> None:
        """End the browser at once; the next ``open`` starts another."""


class Ours:
    """Our contexts in a warm browser."""

    def __init__(self, name: str, *, direct: bool) -> None:
        self._name, self._settings = name, Settings(direct=direct)
        self._browser: Browser | None = None

    def open(self) -> WebDriver:
        """The next case's driver."""
        if self._browser is None or self._browser.spent:
            self.kill()
            made = browsers.options(self._name, self._settings)
            self._browser = browsers.launch(self._name, self._settings, made)
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


class _Chrome(OwnProcess, webdriver.Chrome):
    """Selenium's own Chrome; only its processes are ours to end, since chromedriver leaves its browser running."""

    def __init__(self) -> None:
        port = free_port()
        process = DriverProcess([locate.chromedriver(), f"--port={port}", "--enable-chrome-logs"], port)
        self.begin("chrome", process, ChromeRemoteConnection, browsers.options("chrome", Settings()))


class PlainChrome:
    """Selenium's own Chrome in one session; a program's windows are closed behind its back."""

    def __init__(self) -> None:
        self._driver: _Chrome | None = None
        self._wire: Wire | None = None

    def open(self) -> WebDriver:
        """The driver, in a window of its own."""
        if self._driver is None:
            self._driver = _Chrome()
            self._wire = Wire(devtools_url(self._driver))
        assert self._wire is not None
        old = [
            target["targetId"]
            for target in self._wire.call("Target.getTargets", filter=[{"type": "page"}])["targetInfos"]
        ]
        size = dict(zip(("width", "height"), Settings().window_size, strict=True))
        window = self._wire.call("Target.createTarget", url="about:blank", newWindow=True, **size)["targetId"]
        for target in old:
            self._wire.call("Target.closeTarget", targetId=target)
        self._wire.call("Storage.clearCookies")
        self._wire.take_events()
        self._driver.switch_to.window(window)
        self._driver.execute(Command.W3C_CLEAR_ACTIONS)
        self._driver.execute(Command.SET_TIMEOUTS, dict(DEFAULT_TIMEOUTS))
        self._driver.get_log("browser")  # type: ignore[no-untyped-call]
        return self._driver

    def close(self, driver: WebDriver) -> None:
        """Nothing: the next ``open`` sees to it."""

    def kill(self) -> None:
        """End the browser."""
        driver, self._driver = self._driver, None
        if self._wire is not None:
            self._wire.close()
            self._wire = None
        if driver is not None:
            driver.kill()


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
            return [*outcomes, Outcome("", "never ended")]

    def run(self, program: Program) -> list[Outcome]:
        """Run a program to its end."""
        return self.finish(self.start(program))

    def _complete(self, program: Program) -> list[Outcome]:
        driver = self._open()
        driver.command_executor.client_config.timeout = ANSWER_S  # type: ignore[union-attr]
        self._run = Run(driver, self._site, program)
        try:
            return self._run.complete()
        finally:
            self._seat.close(driver)

    def _open(self) -> WebDriver:
        try:
            return self._seat.open()
        except (WebDriverException, BrowserError, OSError, HTTPError):
            self._seat.kill()
            return self._seat.open()

    def close(self) -> None:
        """End the browser and the server."""
        self._seat.kill()
        self._thread.shutdown()
        self._site.close()
