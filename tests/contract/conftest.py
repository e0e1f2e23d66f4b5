"""Every store, behind one fixture: the contract suite does not know which one it is talking to."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from tests.support.extensions import EXAMPLES
from tests.support.servers import fake_client
from uitest.local_aws.emulator import emulator
from uitest.storage.stores import Store
from uitest.storage.stores import open_store as by_words
from uitest.storage.stores.dynamodb import DynamoStore, create_tables
from uitest.storage.stores.sqlite import SqliteStore

OpenStore = Callable[[], Store]
"""Opens one more store on the same data, as another process would."""


@pytest.fixture(scope="session")
def ministack_client() -> Iterator[Any]:
    """A DynamoDB client of one ministack for the whole session."""
    with emulator() as endpoint:
        client = fake_client("dynamodb", endpoint)
        yield client
        client.close()


@pytest.fixture(scope="session")
def moto_client() -> Iterator[Any]:
    """A DynamoDB client for use inside ``mock_aws``; making one for each test would take half the time."""
    client = fake_client("dynamodb")
    yield client
    client.close()


def _openers(kind: str, request: pytest.FixtureRequest, cleanup: ExitStack) -> OpenStore:
    if kind == "sqlite":
        path: Path = request.getfixturevalue("tmp_path") / "new" / "uitest.db"
        return lambda: SqliteStore(path)
    if kind == "extension":
        request.getfixturevalue("monkeypatch").syspath_prepend(EXAMPLES)
        file: Path = request.getfixturevalue("tmp_path") / "new" / "store.pickle"
        return lambda: by_words(f"pickle:{file}")
    if kind == "moto":
        cleanup.enter_context(mock_aws())
        client = request.getfixturevalue("moto_client")
    else:
        client = request.getfixturevalue("ministack_client")
    names = f"modules-{uuid.uuid4().hex}", f"status-{uuid.uuid4().hex}"
    create_tables(client, *names)
    return lambda: DynamoStore(*names, client)


def _open_store(request: pytest.FixtureRequest) -> Iterator[OpenStore]:
    with ExitStack() as cleanup:
        opener = _openers(request.param, request, cleanup)

        def open_one() -> Store:
            store = opener()
            cleanup.callback(store.close)
            return store

        yield open_one


@pytest.fixture(params=["sqlite", "extension", "moto", "ministack"])
def open_store(request: pytest.FixtureRequest) -> Iterator[OpenStore]:
    """Opens stores on data of this test alone."""
    yield from _open_store(request)


@pytest.fixture(params=["sqlite", "extension", "ministack"])
def open_atomic(request: pytest.FixtureRequest) -> Iterator[OpenStore]:
    """The same without moto, whose conditional writes are not atomic."""
    yield from _open_store(request)


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    """One store with nothing in it."""
    return open_store()
