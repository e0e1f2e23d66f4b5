"""A driver that owns its driver process: what Chrome and Firefox on this machine have in common."""

from typing import Any

from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver

from uitest.browsers.process.handover import ANSWER_S, RunningBrowser
from uitest.browsers.process.http_client import client_config, command_timeout
from uitest.browsers.process.process_group import DriverProcess
from uitest.browsers.process.startup_errors import translating_startup_errors
from uitest.compat.selenium_private import mark_local


class LocalDriver(WebDriver):
    """Goes before an engine's own class among the bases of a driver."""

    def begin(
        self,
        name: str,
        process: DriverProcess,
        connection: type[RemoteConnection],
        made: ArgOptions,
        kept: RunningBrowser | None = None,
    ) -> None:
        """Start the engine's session, or go on with a kept one; the process ends with it, and at once if there is none.

        Raises BrowserError.
        """
        self._process, self._kept = process, kept
        try:
            executor = connection(process.url, client_config=client_config(process.url))
            with translating_startup_errors(name, process.output):
                WebDriver.__init__(self, command_executor=executor, options=made)
                if kept is not None:
                    with command_timeout(self, ANSWER_S):
                        self.switch_to.window(kept.window)
            mark_local(self)
        except BaseException:
            process.stop()
            raise

    def start_session(self, capabilities: dict[str, Any]) -> None:
        """Start a session, but where one is kept."""
        if self._kept is None:
            WebDriver.start_session(self, capabilities)
        else:
            self.session_id, self.caps = self._kept.session, dict(self._kept.capabilities)

    def keep(self, window: str) -> RunningBrowser:
        """What another process needs to go on with the session, beginning at this window."""
        process = self._process
        return RunningBrowser(
            process.url, str(self.session_id), self.caps, window,
            process.group, process.guard, str(process.scratch), process.fds,
        )  # fmt: skip

    def quit(self) -> None:
        """End the session and the processes."""
        try:
            WebDriver.quit(self)
        finally:
            self.kill()

    def kill(self) -> None:
        """End the processes at once."""
        self._process.stop()
