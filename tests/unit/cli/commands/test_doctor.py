"""What the doctor says of a browser that fails in a way nobody thought of."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from click.testing import CliRunner
from selenium.webdriver.support import wait

from tests.support.aws.servers import FAKE_AWS
from uitest.browsers import readiness
from uitest.browsers.settings import Settings
from uitest.cli import command
from uitest.cli.commands import doctor
from uitest.compat import features
from uitest.errors import ExecutorError, UsageError
from uitest.jobs.outcome import EXIT_BROKEN
from uitest.local_aws.endpoint import Endpoint
from uitest.local_aws.environments import Delivery, InProcess
from uitest.local_aws.service import Function, Service


def test_any_error_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its kind is named, and the other browsers can be looked at."""

    def start(*_: Any) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(readiness.browsers, "start", start)
    finding = readiness.examine("chrome", Settings())
    assert not finding.usable
    assert finding.advice == "does not start: RuntimeError: out of luck"


def test_tool_that_does_not_behave_as_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line says which, and what is done instead; the browsers are usable all the same."""
    features.forget()
    monkeypatch.setattr(doctor, "examine", lambda name, _: readiness.Finding(name, usable=True))
    monkeypatch.delattr(wait, "time")
    result = CliRunner().invoke(command, ["doctor"], standalone_mode=False)
    features.forget()
    (line,) = (line for line in result.output.splitlines() if line.startswith("warning "))
    assert line.startswith("warning selenium ")
    assert "waits are Selenium's own" in line
    assert result.return_value == 0


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes an account with the function ``cases``, which answers so to each browser, or raises."""
    with ExitStack() as cleanup:

        def deploy(**answers: Any) -> None:
            def body(delivery: Delivery) -> Any:
                event = json.loads(delivery.payload)
                assert (event["uitest"], event["step"]) == (1, "doctor")
                answer = answers[event["browser"]]
                if isinstance(answer, Exception):
                    raise answer
                return answer

            service = Service([Function("cases", lambda: InProcess(body))])
            cleanup.callback(service.close)
            address = cleanup.enter_context(Endpoint(service)).url
            for name, value in {**FAKE_AWS, "AWS_ENDPOINT_URL_LAMBDA": address}.items():
                monkeypatch.setenv(name, value)

        yield deploy


def tried(*words: str) -> tuple[int, dict[str, str]]:
    """Exit code, and the rest of the table's row by browser."""
    result = CliRunner().invoke(command, ["doctor", "--function", "cases", *words], standalone_mode=False)
    assert result.exception is None, result.exception
    rows = [line.split(maxsplit=1) for line in result.stdout.splitlines()[1:]]
    return result.return_value, {browser: " ".join(rest.split()) for browser, rest in rows}


WORKS = {"works": True, "start_s": 2.04, "case_s": 0.3, "version": "156.0", "message": ""}
FAILS = {"works": False, "start_s": 9.0, "case_s": None, "version": "", "message": "BrowserError: firefox [hangs]"}


def test_function_is_asked_for_each_browser(deploy: Callable[..., None]) -> None:
    """Times, versions and reasons are in the table; Chrome has to work, others where they are named."""
    deploy(chrome=WORKS, firefox=FAILS, webkit=RuntimeError("no display"))
    code, rows = tried()
    assert code == 0
    assert rows["chrome"].startswith("works 156.0 2.0 s 0.3 s ")
    assert rows["firefox"].startswith("fails 9.0 s ")
    assert rows["firefox"].endswith(" BrowserError: firefox [hangs]")
    assert rows["webkit"].startswith("fails Lambda function 'cases' is broken (RuntimeError: no display)")
    assert tried("--browser", "chrome,firefox")[0] == EXIT_BROKEN
    code, rows = tried("--browser", "chrome")
    assert (code, list(rows)) == (0, ["chrome"])


def test_function_without_chrome_or_of_somebody_else_is_broken(deploy: Callable[..., None]) -> None:
    """Exit code 3, and the reason."""
    deploy(chrome={"statusCode": 200}, firefox=WORKS, webkit=WORKS)
    code, rows = tried()
    assert code == EXIT_BROKEN
    assert rows["chrome"] == "fails not a function of uitest: it answers {'statusCode': 200}"


def test_missing_function_and_a_grid_beside_it_are_errors(deploy: Callable[..., None]) -> None:
    """In one line each."""
    deploy()
    for words, error, message in (
        (["--function", "none"], ExecutorError, "Lambda function 'none' does not exist"),
        (["--function", "cases", "--grid", "http://grid"], UsageError, "give one of them"),
    ):
        result = CliRunner().invoke(command, ["doctor", *words], standalone_mode=False)
        assert isinstance(result.exception, error)
        assert message in str(result.exception)
