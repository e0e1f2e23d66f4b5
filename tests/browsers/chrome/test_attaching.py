"""Windows that show a dialog in the moment in which a case's session attaches to them."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import alert_is_present
from selenium.webdriver.support.ui import WebDriverWait

from tests.browsers.chrome.sides import directly
from uitest.browsers.sessions.case_driver import CaseDriver

PAGE = b"""<!doctype html><title>page</title><link rel=icon href=data:,><script>
function ask() {
  const request = new XMLHttpRequest();
  request.open("GET", "/held", false);
  request.send();
  document.title = confirm("Sure?");
}
</script>"""
"""A page whose ``ask`` blocks it until the server answers, and then shows a dialog."""


class Held(ThreadingHTTPServer):
    """Serves the page; answers ``/held`` when it is released."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked, self.released = threading.Event(), threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: Held

    def do_GET(self) -> None:
        if self.path == "/held":
            self.server.asked.set()
            self.server.released.wait(30)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@pytest.fixture
def server() -> Iterator[Held]:
    """The server, while it runs."""
    with Held() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


def test_window_whose_dialog_interrupts_the_attachment_is_handled_directly(driver: CaseDriver, server: Held) -> None:
    """The dialog is the case's, and the document is known once it is closed."""
    driver.get(f"http://127.0.0.1:{server.server_address[1]}/")
    with directly(driver):
        driver.execute_script("const popup = open('/popup'); popup.onload = () => popup.setTimeout(popup.ask)")
        server.asked.wait(10)
        threading.Timer(0.3, server.released.set).start()
        driver.switch_to.window(driver.window_handles[-1])
        WebDriverWait(driver, 10).until(alert_is_present())
        driver.switch_to.alert.accept()
        assert driver.title == "true"
        assert driver.find_element(By.TAG_NAME, "title").tag_name == "title"
        assert driver.execute_script("return 5") == 5
