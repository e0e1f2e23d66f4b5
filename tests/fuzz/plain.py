"""Plain Selenium in one session, whose windows are closed behind a program's back."""

import contextlib
from typing import Protocol

from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.chrome.remote_connection import ChromeRemoteConnection
from selenium.webdriver.firefox.options import Options as FirefoxOptions
from selenium.webdriver.firefox.remote_connection import FirefoxRemoteConnection
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver

from uitest import browsers
from uitest.browsers.cdp.transport import Transport
from uitest.browsers.engines import firefox
from uitest.browsers.engines.chrome import devtools_url
from uitest.browsers.process import discovery
from uitest.browsers.process.local_driver import LocalDriver
from uitest.browsers.process.process_group import DriverProcess, on_free_port
from uitest.browsers.sessions.shared_browser import DEFAULT_TIMEOUTS
from uitest.browsers.settings import Settings

DIALOGS = 5
"""Most dialogs that a page can open one after the other."""


class Seat(Protocol):
    """A browser that is kept from program to program."""

    def open(self) -> WebDriver:
        """A driver in a fresh window. Raises WebDriverException, BrowserError or OSError if the browser is no good."""

    def close(self, driver: WebDriver) -> None:
        """The program is over."""

    def kill(self) -> None:
        """End the browser at once; the next ``open`` starts another."""


class _Chrome(LocalDriver, webdriver.Chrome):
    """Selenium's own Chrome; only its processes are ours to end, since chromedriver leaves its browser running."""

    def __init__(self) -> None:
        options = browsers.options("chrome", Settings())
        process = DriverProcess([discovery.chromedriver(), "--port=0", "--enable-chrome-logs"])
        # Else chromedriver has the headless shell save what a page offers in the folder that it was started in.
        options.add_experimental_option("prefs", {"download.default_directory": str(process.scratch)})
        self.begin("chrome", process, ChromeRemoteConnection, options)


class PlainChrome:
    """Chrome with chromedriver."""

    def __init__(self) -> None:
        self._driver: _Chrome | None = None
        self._wire: Transport | None = None

    def open(self) -> WebDriver:
        """The driver, in a window of its own."""
        if self._driver is None or self._wire is None:
            self._driver = _Chrome()
            self._wire = Transport(devtools_url(self._driver))
        olds = self._wire.call("Target.getTargets", filter=[{"type": "page"}])["targetInfos"]
        size = dict(zip(("width", "height"), Settings().window_size, strict=True))
        window = self._wire.call("Target.createTarget", url="about:blank", newWindow=True, **size)["targetId"]
        for old in olds:
            self._wire.call("Target.closeTarget", targetId=old["targetId"])
        self._wire.call("Storage.clearCookies")
        self._wire.take_events()
        self._driver.switch_to.window(window)
        _restore(self._driver)
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


class _Firefox(LocalDriver, webdriver.Firefox):
    """Selenium's own Firefox, in a profile of geckodriver's making and without BiDi."""

    def __init__(self) -> None:
        options = FirefoxOptions()
        options.binary_location = discovery.firefox()
        width, height = Settings().window_size
        for argument in ("-headless", "-remote-allow-system-access", f"--width={width}", f"--height={height}"):
            options.add_argument(argument)
        for name, value in {**firefox.PREFERENCES, **firefox.REDUCED_MOTION}.items():
            options.set_preference(name, value)
        # As Selenium does: of two Firefoxes with geckodriver's default, 9222, the later one ends after five seconds.
        argv = [discovery.geckodriver(), "--host=127.0.0.1", "--websocket-port=0", "--log=error"]
        process = on_free_port(lambda port: DriverProcess([*argv, f"--port={port}"], port=port))
        self.begin("firefox", process, FirefoxRemoteConnection, options)
        self.size = dict(zip(("width", "height"), Settings().window_size, strict=True))
        """Of the one window; a program may change it."""
        self.get("about:blank")  # the tab that Firefox starts with may be replaced by another one


class PlainFirefox:
    """Firefox with geckodriver."""

    def __init__(self) -> None:
        self._driver: _Firefox | None = None

    def open(self) -> WebDriver:
        """The driver, in a tab of its own."""
        driver = self._driver = self._driver or _Firefox()
        olds = driver.window_handles
        for old in olds:
            driver.switch_to.window(old)
            with contextlib.suppress(NoAlertPresentException):
                for _ in range(DIALOGS):
                    driver.switch_to.alert.dismiss()
        driver.switch_to.new_window("tab")
        mine = driver.current_window_handle
        for old in olds:
            driver.switch_to.window(old)
            driver.close()
        driver.switch_to.window(mine)
        driver.execute(Command.SET_WINDOW_RECT, driver.size)
        with driver.context(driver.CONTEXT_CHROME):
            driver.execute_script("Services.cookies.removeAll()")
        _restore(driver)
        return driver

    def close(self, driver: WebDriver) -> None:
        """Nothing: the next ``open`` sees to it."""

    def kill(self) -> None:
        """End the browser."""
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.kill()


def _restore(driver: WebDriver) -> None:
    driver.execute(Command.W3C_CLEAR_ACTIONS)
    driver.execute(Command.SET_TIMEOUTS, dict(DEFAULT_TIMEOUTS))
