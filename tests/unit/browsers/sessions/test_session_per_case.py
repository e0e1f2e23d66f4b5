"""Engines without contexts: a session for each case, started ahead, and all of them ended."""

import threading

from selenium.webdriver.chrome.options import Options
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver

from tests.support.processes import eventually
from tests.unit.browsers.sessions.fakes import FakeExecutor
from uitest.browsers.sessions.session_per_case import SessionPerCase


def test_session_that_does_not_end_costs_the_browser(executor: FakeExecutor) -> None:
    """A session that does not end costs the browser; one on a grid is not prepared, and is ended by ``kill``."""
    sessions = SessionPerCase(lambda: WebDriver(executor, options=Options()))  # type: ignore[arg-type]
    sessions.close(sessions.open())
    eventually(lambda: executor.asked[-1][0] == Command.QUIT, "its session is ended")
    assert not sessions.needs_replacement
    sessions.open()
    executor.asked.clear()
    sessions.prepare()
    sessions.kill()
    assert [command for command, _ in executor.asked] == [Command.QUIT]  # and no new session
    executor.breaks_at = Command.QUIT
    broken = SessionPerCase(lambda: WebDriver(executor, options=Options()))  # type: ignore[arg-type]
    broken.close(broken.open())
    eventually(lambda: broken.needs_replacement, "it is known that the session did not end")


def test_sessions_of_a_grid_are_all_ended(executor: FakeExecutor) -> None:
    """Also the last case's, when the run is over before the grid has answered."""
    sessions = SessionPerCase(lambda: WebDriver(executor, options=Options()))  # type: ignore[arg-type]
    first = sessions.open()
    executor.may_quit.clear()
    sessions.close(first)
    threading.Timer(0.1, executor.may_quit.set).start()
    sessions.kill()
    assert [command for command, _ in executor.asked] == [Command.NEW_SESSION, Command.QUIT]


def test_next_session_is_started_ahead(executor: FakeExecutor) -> None:
    """Where sessions can be stopped they are started ahead, one at a time."""
    stopped: list[bool] = []
    connect = lambda: WebDriver(executor, options=Options())  # type: ignore[arg-type]  # noqa: E731
    sessions = SessionPerCase(connect, lambda: stopped.append(True))
    first = sessions.open()
    sessions.prepare()
    sessions.prepare()
    started = [Command.NEW_SESSION] * 2
    eventually(lambda: [command for command, _ in executor.asked] == started, "the next session is started")
    sessions.close(first)
    sessions.open()
    eventually(lambda: [command for command, _ in executor.asked] == [*started, Command.QUIT], "the first one is ended")
    sessions.kill()
    assert stopped
    assert [command for command, _ in executor.asked] == [*started, Command.QUIT]
