"""Each of these tests begins in a process that has checked no tool yet."""

from collections.abc import Iterator

import pytest

from uitest.compat import features


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """A process that has checked nothing yet."""
    features.forget()
    yield
    features.forget()
