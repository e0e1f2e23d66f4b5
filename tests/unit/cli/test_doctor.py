"""What the doctor says of a browser that fails in a way nobody thought of."""

from typing import Any

import pytest

from uitest.browsers import readiness
from uitest.browsers.settings import Settings


def test_any_error_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its kind is named, and the other browsers can be looked at."""

    def start(*_: Any) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(readiness.browsers, "start", start)
    found = readiness.examine("chrome", Settings())
    assert not found.usable
    assert found.advice == "does not start: RuntimeError: out of luck"
