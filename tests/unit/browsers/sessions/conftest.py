"""The fake driver that a test's browser talks to."""

import pytest

from tests.unit.browsers.sessions.fakes import FakeExecutor


@pytest.fixture
def executor() -> FakeExecutor:
    """The fake connection."""
    return FakeExecutor()
