"""The parameter through which a test gets its engine: its name, its values, and which tests have it."""

import re
from dataclasses import dataclass

import pytest

from uitest.plugin.collection.fixture_requests import fixtures_reached

PARAMETER = "uitest_browser"
"""The fixture with the engine's name."""


@dataclass(frozen=True)
class Target:
    """Value of the parameter: an engine, and in a run also the module of the job."""

    browser: str
    module: str | None = None

    @property
    def label(self) -> str:
        """Its part of the test's name, without hyphens, so that it can be separated from other parameters."""
        text = self.browser if self.module is None else f"{self.module}.{self.browser}"
        return re.sub(r"[^A-Za-z0-9_.]", "_", text)


def target(item: pytest.Item) -> Target | None:
    """Engine and module of a collected test, None for a test without a browser."""
    callspec = getattr(item, "callspec", None)
    value = callspec.params.get(PARAMETER) if callspec is not None else None
    return value if isinstance(value, Target) else None


def uses_browser(definition: pytest.Item) -> bool:
    """Whether a test uses a browser, as far as can be known before it runs."""
    return PARAMETER in fixtures_reached(definition)
