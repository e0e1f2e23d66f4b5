"""Checks whether WebKit sessions work in our own host process (``host``), which uses the library by ctypes.

The check runs two sessions. It takes about a second, once for each version of the library (``compat.features``). If it
fails, WebKitWebDriver starts a MiniBrowser for each session.
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

COMMAND_TIMEOUT_S = 20.0
"""Longest time that a command of the check may take."""

PAGE = "data:text/html,<title>Check</title><script>console.warn('words')</script>"
RECORDED = "return window.__uitestConsole.map(([, level, words]) => `${level} ${words}`)"


def host_works(start: Callable[[Options], "Server"], minibrowser: str) -> bool:
    """Whether sessions work in a host with the library of this MiniBrowser; warns once if not.

    ``start`` starts a server with a host.
    """
    plain = Options()
    plain.binary_location = minibrowser
    for argument in ("--automation", "--geometry=800x600"):
        plain.add_argument(argument)
    return works(HOST, lambda: _check(start, plain), _version(Path(minibrowser)))


def _check(start: Callable[[Options], "Server"], plain: Options) -> bool:
    """Run two sessions one after the other, as the second must not see anything of the first."""
    server = start(plain)
    try:
        return all(_session_is_as_known(server, plain) for _ in range(2))
    finally:
        server.stop()


def _session_is_as_known(server: "Server", plain: Options) -> bool:
    connection = server.connection()
    connection.client_config.timeout = COMMAND_TIMEOUT_S
    driver = WebDriver(command_executor=connection, options=plain)
    try:
        driver.get(PAGE)
        return driver.title == "Check" and driver.execute_script(RECORDED) == ["WARN words"]
    finally:
        driver.quit()


def _version(minibrowser: Path) -> str:
    """Version of the library beside a MiniBrowser, else the MiniBrowser's date: no program prints its version."""
    with contextlib.suppress(OSError):
        library = minibrowser.resolve().parents[1] / "libwebkit2gtk-4.1.so.0"
        return library.resolve(strict=True).name
    day = datetime.datetime.fromtimestamp(minibrowser.stat().st_mtime, datetime.UTC)
    return f"of {day:%Y-%m-%d}"
