"""What a case reads in its browser's log is what chromedriver would say."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from selenium.webdriver.common.by import By

from tests.browsers.chrome.sides import directly, show
from tests.support.processes import eventually
from uitest.browsers.cdp.console import MAX_LINES, Console
from uitest.browsers.sessions.case_driver import CaseDriver

PAGE = r"""<!doctype html><link rel=icon href=data:,><script>
function named() { console.log('a', 1, 1.5, null, undefined, true, {a: 1}, [1, 2], new Date(0), /x/g, Symbol('q'), 12n,
  document.documentElement, function foo() {}, NaN, -0, new Map([[1, 2]]), new Error('inner')); }
named(); console.error('%s and %d', 'x', 5); console.warn('w'); console.debug('d'); console.info('i');
console.table([[1]]); console.assert(false, 'bad'); console.trace('t'); console.dir({x: 1}); console.group('G');
console.groupEnd(); console.count('c'); console.time('e'); console.timeEnd('e');
console.log('two\nlines "quoted" \\ <b>é\u2028\u0001\u007f</b>');
setTimeout(() => { throw new TypeError('thrown') }, 0); setTimeout(() => { throw 'text' }, 0);
setTimeout(() => { throw {a: 1} }, 0); Promise.reject(new Error('rejected')); Promise.reject(5);
</script><img src='/absent.png'><script src='http://127.0.0.1:1/x.js'></script><script>syntax error here</script>
"""


class _Pages(BaseHTTPRequestHandler):
    """``/`` logs all there is, ``/outer`` has a page of another site in a frame, everything else is absent."""

    def do_GET(self) -> None:
        other = f"http://localhost:{self.server.server_address[1]}"
        pages = {
            "/": PAGE,
            "/outer": f"<link rel=icon href=data:,><script>console.log('outer')</script><iframe src='{other}/inner'>",
            "/inner": "<script>console.log('inner'); setTimeout(() => console.log('later'), 300)</script>",
        }
        exists = self.path in pages
        self.send_response(200 if exists else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(pages.get(self.path, "").encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Address of a server with pages that log."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def words(entries: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return sorted((entry["level"], entry["source"], entry["message"]) for entry in entries)


def test_console_lines_read_as_chromedrivers_and_come_once(driver: CaseDriver, site: str) -> None:
    """Every kind of line, with level and source; and each is told once."""
    driver.show_to_driver()
    driver.get(f"{site}/")
    driver.execute_script("console.log('by a script', arguments[0])", 5)
    with directly(driver):
        ours = driver.execute("getLog", {"type": "browser"})["value"]
        assert driver.execute("getLog", {"type": "browser"})["value"] == []
    theirs = driver.forward_to_driver("getLog", {"type": "browser"})["value"]
    assert words(ours) == words(theirs)
    assert len(ours) > 15
    for entry in ours:
        assert abs(entry["timestamp"] - theirs[0]["timestamp"]) < 60_000


def test_console_has_what_pages_log_while_they_load(driver: CaseDriver, slow_page: str) -> None:
    """What pages log while they load is in the log, of one page after the other."""
    with directly(driver):
        driver.get(f"{slow_page}/log")
        driver.refresh()
        lines = [entry["message"].split()[-1] for entry in driver.get_log("browser")]  # type: ignore[attr-defined]
    assert lines == ['"loading"', '"loaded"'] * 2
    driver.show_to_driver()
    driver.execute_script("document.body.insertAdjacentHTML('beforeend', '<a id=on href=/log>on</a>')")
    driver.find_element(By.ID, "on").click()
    lines = [entry["message"].split()[-1] for entry in driver.get_log("browser")]  # type: ignore[attr-defined]
    assert lines == ['"loading"', '"loaded"']


def test_console_has_lines_of_frames_of_other_sites(driver: CaseDriver, site: str) -> None:
    """They live in another process, and their lines are in the log as well."""
    lines: list[str] = []

    def has_all_lines() -> bool:
        lines.extend(entry["message"].split()[-1] for entry in driver.get_log("browser"))  # type: ignore[attr-defined]
        return len(lines) == 3

    with directly(driver):
        driver.get(f"{site}/outer")
        eventually(has_all_lines, "all lines have been heard")
    assert sorted(lines) == ['"inner"', '"later"', '"outer"']


def test_window_that_is_switched_back_to_tells_no_line_twice(driver: CaseDriver) -> None:
    """A window that is switched back to tells nothing twice."""
    show(driver, "<script>console.log('one')</script>")
    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    show(driver, "<script>console.log('two')</script>")
    driver.switch_to.window(first)
    driver.execute_script("console.log('three')")
    lines = [entry["message"].split()[-1] for entry in driver.get_log("browser")]  # type: ignore[attr-defined]
    assert lines == ['"one"', '"two"', '"three"']


def test_page_that_logs_for_ever_keeps_its_newest_lines() -> None:
    """A page that logs for ever does not fill the memory."""
    console = Console()
    for number in range(MAX_LINES + 5):
        args = [{"type": "number", "value": number, "description": str(number)}]
        console.hear(
            {"method": "Runtime.consoleAPICalled", "params": {"type": "log", "args": args, "timestamp": number}}
        )
    assert [line.text for line in (console.lines[0], console.lines[-1])] == ["5", str(MAX_LINES + 4)]
    assert len(console.take()) == MAX_LINES
    assert console.take() == []
