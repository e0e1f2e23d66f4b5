"""Whether WebKit sessions can be made in the host (``host``), which drives the library by ctypes.

One session is started in it and looked at. That takes about a second and is done once for each version of the library
(``compat.features``). Where it does not go as known, WebKitWebDriver starts a MiniBrowser for each session.
"""

import contextlib
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.webkitgtk.options import Options

from uitest.compat.features import Feature, works

if TYPE_CHECKING:
    from uitest.browsers.engines.webkit.servers import Server

HOST = Feature("WebKitGTK", "sessions in one process", "each case gets a MiniBrowser of its own, which takes longer")

ANSWER_S = 20.0
"""Seconds a command of the check may take."""

PAGE = "data:text/html,<title>Check</title><script>console.warn('words')</script>"
RECORDED = "return window.__uitestConsole.map(([, level, words]) => `${level} ${words}`)"


def host_works(start: Callable[[Options], "Server"], minibrowser: str) -> bool:
    """Whether sessions can be made in a host, with the library of a MiniBrowser; warns once if not.

    ``start`` starts a server that has one.
    """
    plain = Options()
    plain.binary_location = minibrowser
    for argument in ("--automation", "--geometry=800x600"):
        plain.add_argument(argument)
    return works(HOST, lambda: _check(start, plain), _version(Path(minibrowser)))


def _check(start: Callable[[Options], "Server"], plain: Options) -> bool:
    """Two sessions, one after the other: the second must know nothing of the first."""
    server = start(plain)
    try:
        return all(_session_is_as_known(server, plain) for _ in range(2))
    finally:
        server.stop()


def _session_is_as_known(server: "Server", plain: Options) -> bool:
    connection = server.connection()
    connection.client_config.timeout = ANSWER_S
    driver = WebDriver(command_executor=connection, options=plain)
    try:
        driver.get(PAGE)
        return driver.title == "Check" and driver.execute_script(RECORDED) == ["WARN words"]
    finally:
        driver.quit()


def _version(minibrowser: Path) -> str:
    """That of the library beside a MiniBrowser, else the day of the MiniBrowser: neither program tells its version."""
    with contextlib.suppress(OSError):
        library = minibrowser.resolve().parents[1] / "libwebkit2gtk-4.1.so.0"
        return library.resolve(strict=True).name
    day = datetime.datetime.fromtimestamp(minibrowser.stat().st_mtime, datetime.UTC)
    return f"of {day:%Y-%m-%d}"
