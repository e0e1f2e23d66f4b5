"""The command line of pytest-selenium, and its destructive tests."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.plugin.conftest import Run
from uitest.browsers.process import discovery

PASSES = "def test_passes(): pass"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--driver", "Edge"], "--driver edge is not supported: it has Chrome's engine: use chrome"),
        (["--driver", "Safari"], "use webkit"),
        (["--driver", "SauceLabs"], "--grid https://USER:KEY@HOST/wd/hub"),
        (["--driver", "Appium"], "browser_options(mobile=...)"),
        (
            ["--driver", "Remote"],
            "--driver Remote needs --capability browserName chrome, firefox or webkit: the browser is not given",
        ),
        (["--driver", "Remote", "--capability", "browserName", "opera"], "browserName opera is not one of"),
        (["--capability", "timeouts", "{1"], "--capability timeouts {1 is not valid JSON"),
        (["--selenium-port", "many"], "invalid int value: 'many'"),
        (["--driver-path", "/nowhere"], "--driver-path /nowhere is not an executable"),
        (["--driver-path", "/bin/sh", "--browser", "chrome,firefox"], "set UITEST_CHROMEDRIVER and UITEST_GECKODRIVER"),
        (["--event-listener", "Listener"], "it takes MODULE.CLASS"),
        (["--sensitive-url", "("], "--sensitive-url ( is not a regular expression"),
        (["--variables", "file.json"], "pip install pytest-variables"),
    ],
)
def test_unsupported_options_end_pytest_with_advice(pytester: pytest.Pytester, words: list[str], message: str) -> None:
    """What cannot be had ends pytest with exit code 4 and a line that says what to use."""
    pytester.makepyfile(PASSES)
    result = pytester.runpytest_inprocess(*words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.errlines if message in line]
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@pytest.mark.parametrize("name", ["Chrome", "chrome", "FIREFOX", "WebKit"])
@pytest.mark.usefixtures("no_early_browser")
def test_driver_names_ignore_capitals(pytester: pytest.Pytester, name: str) -> None:
    """Capitals do not matter."""
    pytester.makepyfile(f"def test_it(uitest_browser): assert uitest_browser == {name.lower()!r}")
    pytester.runpytest_inprocess("--driver", name).assert_outcomes(passed=1)


@pytest.mark.usefixtures("no_early_browser")
def test_capability_options_are_in_session_capabilities(pytester: pytest.Pytester) -> None:
    """They are in session_capabilities, which suites override; other plugins' --capability is theirs."""
    suite = pytester.mkdir("suite")
    (suite / "test_it.py").write_text(
        "def test_it(session_capabilities, uitest_settings):\n"
        "    wanted = {'acceptInsecureCerts': True, 'se:name': 'true?', 'timeouts': {'implicit': 5}}\n"
        "    assert session_capabilities == wanted == uitest_settings.capabilities"
    )
    words = [
        *("--capability", "acceptInsecureCerts", "true"),
        *("--capability", "se:name", "true?"),
        *("--capability", "timeouts", '{"implicit": 5}'),
    ]
    pytester.runpytest_inprocess(*words, "suite").assert_outcomes(passed=1)
    pytester.makeconftest("def pytest_addoption(parser): parser.addoption('--capability', dest='theirs')")
    others = [word.replace("--capability", "--uitest-capability") for word in words]
    pytester.runpytest_inprocess(*others, "--capability", "one", "suite").assert_outcomes(passed=1)


class Server(BaseHTTPRequestHandler):
    """A Selenium server that has no browser, and remembers what it was asked for."""

    requests: "list[tuple[str, object]]"

    def do_GET(self) -> None:
        """Lead elsewhere."""
        self.send_response(204 if self.path == "/production" else 302)
        self.send_header("location", "/production")
        self.end_headers()

    def do_POST(self) -> None:
        """Refuse a session."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.requests.append((self.path, body["capabilities"]["alwaysMatch"]))
        answer = json.dumps({"value": {"error": "session not created", "message": "no browser", "stacktrace": ""}})
        self.send_response(500)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """The server."""
    Server.requests = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("prefix", ["--selenium-", "--"])
def test_driver_remote_asks_the_server_for_the_named_browser(
    pytester: pytest.Pytester, server: ThreadingHTTPServer, run: Run, prefix: str
) -> None:
    """--driver Remote asks the server for the browser of the capability."""
    pytester.makepyfile("def test_it(driver): pass")
    where = [f"{prefix}host", "127.0.0.1", f"{prefix}port", str(server.server_port)]
    remote = ["--driver", "Remote", "--capability", "browserName", "firefox", "--capability", "se:name", "mine"]
    run(*where, *remote).assert_outcomes(errors=1)
    path, capabilities = Server.requests[0]
    assert path == "/wd/hub/session"
    assert isinstance(capabilities, dict)
    assert (capabilities["browserName"], capabilities["se:name"]) == ("firefox", "mine")


LISTENER = """
from selenium.webdriver.support.events import AbstractEventListener

class Listener(AbstractEventListener):
    def before_navigate_to(self, url, driver):
        print("before", url)

    def after_click(self, element, driver):
        print("clicked in", driver.title)
"""


@pytest.mark.parametrize("commands", ["direct", "driver"])
def test_event_listener_hears_of_every_command(pytester: pytest.Pytester, run: Run, commands: str) -> None:
    """A listener hears of commands, whoever answers them; every driver of a test has one."""
    pytester.makepyfile(listeners=LISTENER)
    pytester.makeini("[pytest]\npythonpath = .\n")
    pytester.makepyfile(
        """
        import os
        from selenium.webdriver.common.by import By
        from selenium.webdriver.support.ui import WebDriverWait

        def test_it(selenium, driver_factory, downloads, capsys):
            for driver in (selenium, driver_factory()):
                driver.get(os.environ["PAGES"] + "/page.html")
                button = WebDriverWait(driver, 10).until(lambda driver: driver.find_element(By.ID, "button"))
                button.click()
                assert button.text == "pressed"
            page = os.environ["PAGES"] + "/page.html"
            assert capsys.readouterr().out.splitlines() == [f"before {page}", "clicked in Page"] * 2
        """
    )
    run("--event-listener", "listeners.Listener", "--commands", commands).assert_outcomes(passed=1)
    result = run("--event-listener", "listeners.Missing")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*--event-listener listeners.Missing cannot be imported: *"])


def test_driver_path_is_the_driver_that_starts(pytester: pytest.Pytester, run: Run) -> None:
    """The driver of this path is the one that is started."""
    wrapper = pytester.path / "my driver"
    wrapper.write_text(f'#!/bin/sh\ntouch "$0.used"\nexec {discovery.driver("chrome")} "$@"\n')
    wrapper.chmod(0o755)
    pytester.makepyfile("def test_it(driver): assert driver.window_handles")
    run("--driver", "Chrome", "--driver-path", "my driver").assert_outcomes(passed=1)
    assert (pytester.path / "my driver.used").exists()


SHOP = """
import pytest

@pytest.mark.nondestructive
def test_looks(base_url): pass

def test_buys(base_url): pass

@pytest.mark.nondestructive
class TestShop:
    def test_method(self): pass
"""


@pytest.mark.parametrize(
    ("words", "setting", "variable", "skipped"),
    [
        (["--sensitive-url", "127"], "", "", 1),
        (["--sensitive-url", "example"], "127", "127", 0),
        ([], "sensitive_url = 127", "example", 1),
        ([], "", ".*", 1),
        ([], "", "", 0),
    ],
)
@pytest.mark.usefixtures("no_early_browser")
def test_destructive_tests_are_skipped_at_sensitive_addresses(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    setting: str,
    variable: str,
    skipped: int,
) -> None:
    """Tests without the mark are skipped where the address is sensitive, whoever says so; the nearest wins."""
    pytester.makeini(f"[pytest]\n{setting if '=' in setting else ''}\n")
    if variable:
        monkeypatch.setenv("SENSITIVE_URL", variable)
    pytester.makepyfile(SHOP)
    result = pytester.runpytest_inprocess("-rs", "--base-url", "http://127.0.0.1:1", *words)
    result.assert_outcomes(passed=3 - skipped, skipped=skipped)
    if skipped:
        result.stdout.fnmatch_lines(["*destructive test at a sensitive address, http://127.0.0.1:1: mark it *"])
    reminder = "uitest: 1 test without @pytest.mark.nondestructive ran at http://127.0.0.1:1; pytest-selenium would"
    assert any(line.startswith(reminder) for line in result.outlines) == (not words and not setting and not variable)
    pytester.runpytest_inprocess(*words).assert_outcomes(passed=3)


@pytest.mark.usefixtures("no_early_browser")
def test_address_that_redirects_to_a_sensitive_one_is_sensitive(
    pytester: pytest.Pytester, server: ThreadingHTTPServer
) -> None:
    """An address that leads to a sensitive one is one."""
    pytester.makepyfile(SHOP)
    words = ["--base-url", f"http://127.0.0.1:{server.server_port}", "--sensitive-url", "/production$"]
    pytester.runpytest_inprocess(*words).assert_outcomes(passed=2, skipped=1)


@pytest.mark.usefixtures("no_early_browser")
def test_suite_without_the_mark_gets_no_reminder(pytester: pytest.Pytester) -> None:
    """A suite that does not use the mark never meant it."""
    pytester.makepyfile("def test_it(base_url): pass")
    result = pytester.runpytest_inprocess("--base-url", "http://127.0.0.1:1")
    assert "nondestructive" not in result.stdout.str()
