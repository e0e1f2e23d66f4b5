"""What the doctor says of a browser that fails in a way nobody thought of."""

from typing import Any

import pytest
from click.testing import CliRunner
from selenium.webdriver.support import wait

from uitest.browsers import readiness
from uitest.browsers.settings import Settings
from uitest.cli import command
from uitest.cli.commands import doctor
from uitest.compat import features


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
