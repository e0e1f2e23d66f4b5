"""A site with a certificate that nobody has signed, in every engine."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Project
from tests.support.certificates import make_certificate
from uitest.model import BROWSERS, Module


class Page(http.server.BaseHTTPRequestHandler):
    """One page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>secure</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def secure_url(tmp_path: Path) -> Iterator[str]:
    """Where the site is."""
    folder = tmp_path / "certificate"
    folder.mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        server.socket = make_certificate(folder).wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.slow
def test_self_signed_site_is_refused_unless_insecure_is_given(project: Project, secure_url: str) -> None:
    """Refused before the run with the option that helps; with it the check and all engines take it."""
    project.cases("""
def test_a(driver, base_url):
    driver.get(base_url)
    assert driver.title == "secure"
""")
    project.modules(Module("m", ("test_it::test_a",)))
    words = ("run", "--url", secure_url, "--browser", ",".join(BROWSERS), "--run-id", "r")
    assert "accept its certificate with --insecure" in project.run(*words, code=2).stderr
    project.run(*words, "--insecure")
    assert project.status("r")["counts"] == {"passed": len(BROWSERS)}
