"""The common base of Chrome's and Firefox's local WebDriver, which owns its driver process."""

from typing import Any

from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver

from uitest.browsers.process.handover import RESPONSE_TIMEOUT_S, RunningBrowser
from uitest.browsers.process.http_client import client_config, command_timeout
from uitest.browsers.process.process_group import DriverProcess
from uitest.browsers.process.startup_errors import translating_startup_errors
from uitest.compat.selenium_private import mark_local


class LocalDriver(WebDriver):
    """A mixin that precedes the engine's Selenium class among the bases of a driver."""

    def begin(
        self,
        name: str,
        process: DriverProcess,
        connection: type[RemoteConnection],
        selenium_options: ArgOptions,
        kept: RunningBrowser | None = None,
    ) -> None:
        """Start a session, or adopt ``kept``; the process ends with the session, or at once if it fails to start.

        Raises BrowserError.
        """
        self._process, self._kept = process, kept
        try:
            executor = connection(process.url, client_config=client_config(process.url))
            with translating_startup_errors(name, process.output):
                WebDriver.__init__(self, command_executor=executor, options=selenium_options)
                if kept is not None:
                    with command_timeout(self, RESPONSE_TIMEOUT_S):
                        self.switch_to.window(kept.state["window"])
            mark_local(self)
        except BaseException:
            process.stop()
            raise

    def start_session(self, capabilities: dict[str, Any]) -> None:
        """Start a session, unless one is adopted."""
        if self._kept is None:
            WebDriver.start_session(self, capabilities)
        else:
            self.session_id, self.caps = self._kept.state["session"], dict(self._kept.state["capabilities"])

    def keep(self, window: str) -> RunningBrowser:
        """The data with which another process can adopt the session, starting in this window."""
        state = {"session": str(self.session_id), "capabilities": self.caps, "window": window}
        return RunningBrowser((self._process.hand_over(),), state)

    def quit(self) -> None:
        """End the session and the processes."""
        try:
            WebDriver.quit(self)
        finally:
            self.kill()

    def kill(self) -> None:
        """End the processes at once."""
        self._process.stop()
