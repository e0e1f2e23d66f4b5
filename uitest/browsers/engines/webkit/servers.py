"""Starts WebKitWebDriver and its browser on a virtual display, as servers for WebKit sessions."""

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Self

from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options

from uitest.browsers.engines.webkit.host_check import host_works
from uitest.browsers.process import discovery
from uitest.browsers.process.handover import AdoptedProcess, RunningBrowser
from uitest.browsers.process.http_client import client_config
from uitest.browsers.process.process_group import (
    START_TIMEOUT_S,
    DriverProcess,
    GuardedProcess,
    RunningProcess,
    on_free_port,
)
from uitest.browsers.settings import explicit
from uitest.errors import BrowserError

HOST = Path(__file__).with_name("host.py")
NAVIGATIONS = "navigations"
"""Name of the file in which ``host`` counts navigations that are about to begin."""

HOST_ARGUMENTS = ("--automation", "--geometry=", "--user-agent=")


def can_be_hosted(selenium_options: Options) -> bool:
    """Whether one browser could serve all sessions (``host``), which needs the library of MiniBrowser 4.1."""
    return (
        explicit("minibrowser") is None
        and selenium_options.binary_location == discovery.minibrowser()
        and "webkit2gtk-4.1" in selenium_options.binary_location
        and all(argument.startswith(HOST_ARGUMENTS) for argument in selenium_options.arguments)
    )


CHEAP_RENDERING = {
    "NO_AT_BRIDGE": "1",  # saves the accessibility bus, which nobody uses
    "WEBKIT_SKIA_ENABLE_CPU_RENDERING": "1",  # else it renders with an emulated graphics card
}
"""Variables that make WebKit cheaper with the same pages; already set variables win. Not used although they would save
time: WEBKIT_DISABLE_DMABUF_RENDERER, with which screenshots hang, and WEBKIT_DISABLE_COMPOSITING_MODE, which renders
pages unlike Safari."""


class Display:
    """An X server without a screen."""

    def __init__(self) -> None:
        """Start Xvfb, which chooses its display number. Raises BrowserError."""
        program = discovery.xvfb()
        read, write = os.pipe()
        # Without -noreset Xvfb resets when its last client disconnects, and writes to the closed pipe again.
        argv = [
            program,
            "-displayfd",
            str(write),
            "-screen",
            "0",
            "1920x1200x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]
        try:
            try:
                self._guarded = GuardedProcess(argv, fds=(write,))
            finally:
                os.close(write)
            try:
                number = _line(read)
            except BaseException:
                self.stop()
                raise
        finally:
            os.close(read)
        if not number:
            output = self._guarded.output().strip().replace("\n", " | ")
            self.stop()
            raise BrowserError(f"Xvfb did not start: {output or 'it printed nothing'}; see: uitest doctor")
        self.name = f":{number}"

    @classmethod
    def adopt(cls, name: str, running: RunningProcess) -> Self:
        """One that was handed over."""
        display = cls.__new__(cls)
        display.name, display._guarded = name, AdoptedProcess(running)
        return display

    def hand_over(self) -> RunningProcess:
        """The data with which another process can take it over."""
        return self._guarded.hand_over()

    def stop(self) -> None:
        """End the X server."""
        self._guarded.stop()


def _line(pipe: int) -> str:
    """The next line from a pipe; Xvfb writes number and newline separately."""
    line = b""
    while not line.endswith(b"\n") and select.select([pipe], [], [], START_TIMEOUT_S)[0]:
        got = os.read(pipe, 16)
        if not got:
            break
        line += got
    return line.decode().strip()


def _language(tag: str) -> dict[str, str]:
    """Variables with which WebKit reports the language ``tag`` to pages, which needs a locale of the system.

    Raises BrowserError if the system has no such locale.
    """
    wanted = tag.replace("-", "_")
    try:
        output = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
    except OSError:
        output = ""
    installed = [name for name in output.split() if name.lower().endswith(".utf8")]
    locale = next((name for name in installed if name.startswith((f"{wanted}.", f"{wanted}_"))), None)
    if locale is None:
        raise BrowserError(
            f"WebKit needs the system locale {wanted}.UTF-8, which is not installed; apt-get install locales-all"
        )
    return {"LC_ALL": locale, "LANGUAGE": wanted}


class Server:
    """WebKitWebDriver with a browser and a display, for one session at a time."""

    def __init__(self, selenium_options: Options, locale: str | None, *, hosted: bool = False) -> None:
        """``hosted`` says whether one browser serves all sessions. Raises BrowserError."""
        language = _language(locale) if locale else {}
        self._display = Display()
        environ: Mapping[str, str] = {
            **CHEAP_RENDERING,
            **os.environ,
            "DISPLAY": self._display.name,
            "GDK_BACKEND": "x11",
            "GTK_OVERLAY_SCROLLING": str(
                int(selenium_options.overlay_scrollbars_enabled)
            ),  # as WebKitWebDriver does it
            **language,
        }
        self._browser: DriverProcess | None = None
        try:
            argv = [discovery.webkitdriver(), "--host=127.0.0.1", "--port=0"]
            if hosted:
                host = [sys.executable, "-I", str(HOST), f"--navigations={NAVIGATIONS}", *selenium_options.arguments]
                self._browser = on_free_port(
                    lambda port: DriverProcess(
                        host, {**environ, "WEBKIT_INSPECTOR_SERVER": f"127.0.0.1:{port}"}, port=port
                    )
                )
                argv.append(f"--target=127.0.0.1:{self._browser.port}")
            self._process = DriverProcess(argv, environ)
        except BaseException:
            self._stop_browser()
            raise

    @classmethod
    def adopt(cls, state: Mapping[str, Any], processes: Sequence[RunningProcess]) -> Self:
        """One that was handed over."""
        server = cls.__new__(cls)
        display, process, *browser = processes
        server._display = Display.adopt(state["display"], display)
        server._process = AdoptedProcess(process)
        server._browser = AdoptedProcess(browser[0]) if browser else None
        return server

    def hand_over(self) -> tuple[dict[str, Any], list[RunningProcess]]:
        """What ``adopt`` needs."""
        guarded = (self._display, self._process, *((self._browser,) if self._browser is not None else ()))
        return {"display": self._display.name}, [process.hand_over() for process in guarded]

    @property
    def alive(self) -> bool:
        """Whether it can take a session, as WebKitWebDriver would wait forever for a dead browser."""
        guarded = (self._process, *((self._browser,) if self._browser is not None else ()))
        return all(process.poll() is None for process in guarded)

    def pending_navigations(self) -> int | None:
        """Number of navigations that are about to begin in the browser's pages; None if that is not known."""
        if self._browser is None:
            return None
        with contextlib.suppress(OSError, IndexError):  # the browser has ended
            return (self._browser.scratch / NAVIGATIONS).read_bytes()[0]
        return None

    def connection(self) -> RemoteConnection:
        """A client of the server."""
        return RemoteConnection(client_config=client_config(self._process.url))

    def output(self) -> str:
        """The end of the output of driver and browser."""
        return self._process.output() + (self._browser.output() if self._browser else "")

    def stop(self) -> None:
        """End driver, browser and display."""
        self._process.stop()
        self._stop_browser()

    def _stop_browser(self) -> None:
        if self._browser is not None:
            self._browser.stop()
        self._display.stop()


def _adopted(kept: RunningBrowser) -> list[Server]:
    """The servers of a browser that was handed over. Raises BrowserError, and ends all, if one of them has died."""
    processes = iter(kept.processes)
    servers = [Server.adopt(state, list(islice(processes, state["processes"]))) for state in kept.state["servers"]]
    if not all(server.alive for server in servers):
        for server in servers:
            server.stop()
        raise BrowserError("WebKit has died since it was last used")
    return servers


class Servers:
    """Two servers that take sessions alternately, so that a session's end and the next one's start overlap.

    Each has its own display, because a new window on the display of the running case would take its focus.
    """

    def __init__(
        self, selenium_options: Options, locale: str | None = None, kept: RunningBrowser | None = None
    ) -> None:
        """Start the first server, or adopt those of ``kept``; the second one is started when it is needed.

        Raises BrowserError.
        """
        hosted = can_be_hosted(selenium_options) and host_works(
            partial(Server, locale=None, hosted=True), selenium_options.binary_location
        )
        self._start = partial(Server, selenium_options, locale, hosted=hosted)
        self._servers = [self._start()] if kept is None else _adopted(kept)
        self._turn = 0

    def hand_over(self) -> RunningBrowser:
        """The servers, for another process."""
        handed = [server.hand_over() for server in self._servers]
        state = {"servers": [{**state, "processes": len(processes)} for state, processes in handed]}
        return RunningBrowser(tuple(process for _, processes in handed for process in processes), state)

    def next(self) -> Server:
        """The next server; its last session must have ended."""
        place, self._turn = self._turn % 2, self._turn + 1
        if place == len(self._servers):
            self._servers.append(self._start())
        elif not self._servers[place].alive:
            self._servers[place].stop()
            self._servers[place] = self._start()
        return self._servers[place]

    def stop(self) -> None:
        """End drivers, browsers and displays."""
        for server in self._servers:
            server.stop()
