"""A page that geckodriver says is there, and is not."""

from typing import Any

import pytest
from selenium.common.exceptions import TimeoutException, UnexpectedAlertPresentException
from selenium.webdriver.remote.command import Command

from uitest.browsers.engines.firefox.contexts import arrive


class Hasty:
    """Geckodriver after a ``get`` that it ended too early: the page comes with the ``states`` one after the other."""

    def __init__(self, address: str, states: list[str], limit_ms: int | None = 300_000) -> None:
        self._address = address
        self._limit_ms = limit_ms
        self.states = states

    def execute(self, command: str, params: dict[str, Any]) -> dict[str, Any]:
        if command == Command.GET_CURRENT_URL:
            return {"value": self._address}
        if command == Command.GET_TIMEOUTS:
            return {"value": {"implicit": 0, "pageLoad": self._limit_ms, "script": 30_000}}
        assert command == Command.W3C_EXECUTE_SCRIPT, params
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if state == "dialog":
            raise UnexpectedAlertPresentException
        return {"value": state}


def test_loaded_page_is_not_waited_for() -> None:
    arrive(Hasty("http://127.0.0.1/", []).execute, eager=False)


@pytest.mark.parametrize(("eager", "left"), [(False, ["complete"]), (True, ["complete"]), (True, ["interactive", "x"])])
def test_loading_page_is_waited_for(eager: bool, left: list[str]) -> None:
    driver = Hasty("about:blank", ["empty", "loading", *left])
    arrive(driver.execute, eager=eager)
    assert driver.states in (["complete"], ["x"])


def test_page_is_waited_for_without_a_limit() -> None:
    driver = Hasty("about:blank", ["empty", "complete"], limit_ms=None)
    arrive(driver.execute, eager=False)
    assert driver.states == ["complete"]


def test_page_is_waited_for_no_longer_than_the_session_allows() -> None:
    with pytest.raises(TimeoutException, match="after 30 ms"):
        arrive(Hasty("about:blank", ["empty"], limit_ms=30).execute, eager=False)


def test_dialog_is_left_to_the_case() -> None:
    driver = Hasty("about:blank", ["loading", "dialog"])
    arrive(driver.execute, eager=False)
    assert driver.states == ["dialog"]
