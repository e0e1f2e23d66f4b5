"""The embedded store that the tests of the coordinator share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.run_harness import RunHarness
from uitest.storage.stores.sqlite import SqliteStore


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store's file."""
    return tmp_path_factory.mktemp("store") / "uitest.db"


@pytest.fixture(scope="module")
def store(path: Path) -> Iterator[SqliteStore]:
    """One for all tests of this file, each with runs of its own."""
    store = SqliteStore(path)
    yield store
    store.close()


@pytest.fixture
def harness(store: SqliteStore, path: Path) -> RunHarness:
    """One for a test."""
    return RunHarness(store, path)
