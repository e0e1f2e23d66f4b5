"""The sides of an engine, started once for a worker."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fuzz.comparison import Comparison
from tests.fuzz.engines import ENGINES


@contextmanager
def _comparison(engine: str) -> Iterator[Comparison]:
    plain, others = ENGINES[engine]()
    try:
        yield Comparison(plain, others)
    finally:
        for side in (plain, *others):
            side.close()


@pytest.fixture(scope="package")
def chrome() -> Iterator[Comparison]:
    """Compares all sides of Chrome, each in one browser."""
    with _comparison("chrome") as comparison:
        yield comparison


@pytest.fixture(scope="package")
def firefox() -> Iterator[Comparison]:
    """Compares our contexts in Firefox with plain Firefox."""
    with _comparison("firefox") as comparison:
        yield comparison
