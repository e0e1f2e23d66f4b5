"""One warm Chrome for the tests of a worker, and a case's driver in it for each test."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.browsers.yardstick import FirefoxWays, Ways, ways
from tests.plugin.pages import Pages, serve
from uitest import browsers
from uitest.browsers.sessions.case_driver import CaseDriver
from uitest.browsers.sessions.shared_browser import SharedBrowser
from uitest.browsers.settings import Settings


@pytest.fixture(scope="module")
def chrome() -> Iterator[SharedBrowser]:
    """A warm Chrome."""
    settings = Settings()
    browser = browsers.launch("chrome", settings, browsers.options("chrome", settings))
    assert isinstance(browser, SharedBrowser)
    yield browser
    browser.kill()


@pytest.fixture
def new_case(chrome: SharedBrowser) -> Iterator[Callable[[], CaseDriver]]:
    """Begins a case; the one before it ends."""
    running: list[CaseDriver] = []

    def begin() -> CaseDriver:
        while running:
            chrome.close(running.pop())
        driver = chrome.open()
        assert isinstance(driver, CaseDriver)
        running.append(driver)
        return driver

    yield begin
    for driver in running:
        chrome.close(driver)
    assert not chrome.needs_replacement


@pytest.fixture
def driver(new_case: Callable[[], CaseDriver]) -> CaseDriver:
    """A case's driver."""
    return new_case()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The plugin's pages, served."""
    with serve(tmp_path_factory.mktemp("pages")) as pages:
        yield pages


SCRIPTS = {
    "hop": "location.replace('/slow')",
    "restless": "setTimeout(() => location.reload(), 300)",
    "alert": "alert('loading')",
    "ask": "document.title = prompt('Who?')",
    "log": "console.log('loading'); addEventListener('load', () => console.warn('loaded'))",
}


class _Slow(BaseHTTPRequestHandler):
    """A page named after its path, some with a script; ``/slow`` takes half a second, ``/file`` is to be kept."""

    def do_GET(self) -> None:
        name = self.path.strip("/?")
        if name == "slow":
            time.sleep(0.5)
        script = f"<script>{SCRIPTS[name]}</script>" if name in SCRIPTS else ""
        body = f"<!doctype html><title>{name}</title><link rel=icon href=data:,><h1>{name}</h1>{script}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        if name == "file":
            self.send_header("Content-Disposition", "attachment")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def slow_page() -> Iterator[str]:
    """Address of a server with a quick and a slow page."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Slow) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def chromes() -> Iterator[Ways]:
    """Browsers to run the same steps in: directly, by chromedriver in our contexts, and with plain Selenium."""
    with ways() as running:
        yield running


@pytest.fixture(scope="module")
def firefox() -> Iterator[Ways]:
    """Firefoxes to run the same steps in: in one of our contexts, and with plain Selenium."""
    with ways(FirefoxWays) as started:
        yield started
