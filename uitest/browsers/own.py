"""A driver that owns its driver process: what Chrome and Firefox on this machine have in common."""

from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver

from uitest.browsers.client import client_config
from uitest.browsers.process import DriverProcess
from uitest.browsers.starting import starting


class OwnProcess(WebDriver):
    """Goes before an engine's own class among the bases of a driver."""

    def begin(self, name: str, process: DriverProcess, connection: type[RemoteConnection], made: ArgOptions) -> None:
        """Start the engine's session; the process ends with it, and at once if there is none. Raises BrowserError."""
        self._process = process
        try:
            executor = connection(process.url, client_config=client_config(process.url))
            with starting(name, process.output):
                WebDriver.__init__(self, command_executor=executor, options=made)
            self._is_remote = False  # files to upload are on the browser's own machine
        except BaseException:
            process.stop()
            raise

    def quit(self) -> None:
        """End the session and the processes."""
        try:
            WebDriver.quit(self)
        finally:
            self._process.stop()

    def kill(self) -> None:
        """End the processes at once."""
        self._process.stop()
