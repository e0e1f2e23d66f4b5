"""Secrets of a real run: in a page, its address, its console, an error, a command, and the address under test."""

import html
import json
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.e2e.conftest import Project
from uitest import browsers
from uitest.model import Module
from uitest.reporting.site.page import Pages

SECRET = "hunter2-is <no>/secret & \"more'"
PASSWORD = "s3cr3t-of-the-site"
SPELLINGS = (
    SECRET,
    html.escape(SECRET),
    html.escape(SECRET, quote=False),
    quote(SECRET, safe=""),
    quote_plus(SECRET),
    json.dumps(SECRET)[1:-1],
    repr(SECRET)[1:-1],
    b64encode(f"me:{SECRET}".encode()).decode().rstrip("=")[4:-1],
    PASSWORD,
    b64encode(f"me:{PASSWORD}".encode()).decode().rstrip("=")[4:-1],
    "hunter2-is",  # what is left of it where it is cut
)

CASES = """
import base64, html, json, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote, quote_plus

class Echo(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("X-Said", quote(body.decode()))
        self.end_headers()
        self.wfile.write(body)

def refused(driver, body):
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        ask = "const [url, body, done] = arguments; fetch(url, {method: 'POST', body}).then(a => a.text()).then(done)"
        return driver.execute_async_script(ask, f"http://127.0.0.1:{server.server_port}/", body)

def test_leaks(driver, base_url):
    secret = os.environ["SHOP_PASSWORD"]
    driver.get(f"{base_url}/?key=" + quote_plus(secret))
    driver.execute_script("document.body.append(arguments[0]); console.error(arguments[0])", secret)
    driver.execute_script("document.body.setAttribute('data-it', JSON.stringify(arguments))", secret)
    again = "return fetch(location.origin + '/?again=' + encodeURIComponent(arguments[0])).then(() => 1)"
    driver.execute_script(again, secret)
    for before in (170, 180, 190, 195):
        driver.execute_script("return arguments[0]", "x" * before + secret)
    refused(driver, "x" * 3990 + secret + json.dumps(secret) + quote(secret))
    basic = base64.b64encode(f"me:{secret}".encode()).decode()
    print(secret, base_url, basic)
    said = f"{secret} {html.escape(secret)} {quote(secret)} {json.dumps(secret)} {secret!r} Basic {basic}"
    assert "x" * 220 + secret == "y", f"{said} was refused by https://me:s3cr3t@shop.example/"
"""


def prompt_of(trace: bytes, page: Path) -> str:
    """What *Copy as a prompt* copies of a trace, which is opened as ``page``."""
    data = json.loads(trace.decode().partition("(")[2].rpartition(")")[0])
    page.write_bytes(Pages().trace(data))
    driver = browsers.start("chrome")
    try:
        driver.get(page.as_uri())
        return str(driver.execute_script("return ui.tracePrompt(ui.recording(ui.data.trace))"))
    finally:
        driver.quit()


def test_no_file_or_output_holds_a_masked_value(project: Project) -> None:
    """Neither store, site, artifacts nor the JUnit file, nor the forms to take away, nor the terminal."""
    project.cases(CASES)
    project.modules(Module("m", ("test_it::test_leaks",)))
    url = project.url.replace("://", f"://me:{PASSWORD}@")
    environ = {"SHOP_PASSWORD": SECRET, "UITEST_MASK": "SHOP_PASSWORD", "UITEST_URL": f"{url}/?token={quote(SECRET)}"}
    environ["UITEST_LOG"] = "debug:uitest.log"
    ended = project.run("run", "--run-id", "r", "--trace", "retain-on-failure", code=1, environ=environ)
    forms = ("--single-file", "out/r.html", "--allure", "out/allure", "--csv", "out/r.csv", "--markdown", "out/r.md")
    reported = project.run("report", "r", *forms, environ=environ)
    shown = project.run("status", "r", environ=environ)
    kept = {str(path): path.read_bytes() for path in project.folder.rglob("*") if path.is_file()}
    kept = {path: data for path, data in kept.items() if not path.endswith((".py", ".pyc"))}
    names = {path.rpartition("/")[2] for path in kept}
    assert {
        "trace.js",
        "console.log",
        "network.log",
        "page.html.txt",
        "junit.xml",
        "r.html",
        "r.csv",
        "r.md",
        "uitest.log",
    } <= names
    assert "uitest.db" in names
    trace = next(data for data in kept.values() if data.startswith(b"ui.trace("))
    kept["prompt"] = prompt_of(trace, project.folder / "trace.html").encode()
    assert b"Failed requests" in kept["prompt"]
    assert b"accessibility tree" in kept["prompt"]
    kept |= {
        f"said {n}": (process.stdout + process.stderr).encode() for n, process in enumerate((ended, reported, shown))
    }
    for path, data in kept.items():
        for secret in (*SPELLINGS, "s3cr3t@"):
            assert secret.encode() not in data, (path, secret)
    assert b'"received_body":"xxx' in trace
    assert b'"sent_body":"xxx' in trace
    with project.store() as store:
        assert store.run("r").url.startswith("http://me:***@127.0.0.1:")
    [attempt] = project.rows("r")["test_it::test_leaks"].attempts
    assert attempt.error is not None
    assert attempt.error.startswith("AssertionError: *** *** *** \"***\" '***' Basic ")
    assert "https://me:***@shop.example/" in attempt.error

    project.run("rerun", "r", "--failed", "--url", url.replace("me:", "you:"), code=1, environ=environ)
    environ.pop("UITEST_URL")
    refused = project.run("rerun", "r", "--failed", code=2, environ={**environ, "UITEST_URL": ""})
    assert "give it again with --url" in refused.stderr


def test_pytest_alone_masks_its_reports(project: Project) -> None:
    """What pytest prints and writes of a case is masked as well."""
    project.cases("""
def test_leaks():
    print("printed", os.environ["SHOP_PASSWORD"])
    raise AssertionError(os.environ["SHOP_PASSWORD"])
""")
    environ = {"SHOP_PASSWORD": SECRET, "UITEST_MASK": "SHOP_PASSWORD"}
    words = ("cases", f"--base-url=http://me:{PASSWORD}@127.0.0.1/", "--junit-xml=junit.xml", "-rA")
    ended = project.end(project.start(*words, program="pytest", environ=environ), 1)
    assert "printed ***" in ended.stdout
    written = (project.folder / "junit.xml").read_text()
    for secret in SPELLINGS:
        assert secret not in ended.stdout + written


def test_mask_that_is_a_value_is_refused_and_not_repeated(project: Project) -> None:
    """Is refused, and not repeated in the message."""
    project.cases("def test_a(): pass")
    project.modules(Module("m", ("test_it::test_a",)))
    output = project.run("run", "--mask", SECRET, code=2).stderr
    assert "name 1 of --mask" in output
    assert SECRET not in output


@pytest.mark.slow
def test_trace_of_a_passed_repetition_is_kept(project: Project) -> None:
    """Beside that of the failed attempt, with which it is compared; a case that passes at once has none."""
    project.cases("""
def test_flaky(driver, base_url):
    driver.get(base_url)
    once = HERE / "once"
    if not once.exists():
        once.touch()
        assert driver.title == "another"

def test_good(driver, base_url):
    driver.get(base_url)
""")
    project.modules(Module("m", ("test_it::test_flaky", "test_it::test_good")))
    project.run("run", "--run-id", "r", "--trace", "retain-on-failure", "--retries", "1")
    rows = project.rows("r")
    kept = [["trace.js" in attempt.artifacts for attempt in row.attempts] for row in rows.values()]
    assert dict(zip(rows, kept, strict=True)) == {"test_it::test_flaky": [True, True], "test_it::test_good": [False]}
