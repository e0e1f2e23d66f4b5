"""Every store, behind one fixture: the contract suite does not know which one it is talking to."""

import pickle
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from tests.support.aws.servers import fake_client
from tests.support.builders import make_jobs, make_run
from tests.support.extensions import EXAMPLES
from uitest.local_aws.emulator import emulator
from uitest.model import Job
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


@dataclass(frozen=True)
class Data:
    """Where the rows of one test are."""

    open: OpenStore
    delete_row: Callable[[str], None]
    """Deletes the row of the job with this key, as another program would."""


def _sqlite(path: Path) -> Data:
    def delete(key: str) -> None:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("DELETE FROM jobs WHERE key = ?", (key,))

    return Data(lambda: SqliteStore(path), delete)


def _extension(file: Path) -> Data:
    def delete(key: str) -> None:
        content = pickle.loads(file.read_bytes())  # noqa: S301  our own file
        for rows in content.rows.values():
            rows.pop(key, None)
        file.write_bytes(pickle.dumps(content))

    return Data(lambda: by_words(f"pickle:{file}"), delete)


def _dynamodb(client: Any) -> Data:
    modules, status = f"modules-{uuid.uuid4().hex}", f"status-{uuid.uuid4().hex}"
    create_tables(client, modules, status)

    def delete(key: str) -> None:
        names = [part["AttributeName"] for part in client.describe_table(TableName=status)["Table"]["KeySchema"]]
        for item in client.scan(TableName=status)["Items"]:
            if item[names[1]]["S"] == key:
                client.delete_item(TableName=status, Key={name: item[name] for name in names})

    return Data(lambda: DynamoStore(modules, status, client), delete)


def _data(kind: str, request: pytest.FixtureRequest, cleanup: ExitStack) -> Data:
    if kind == "sqlite":
        return _sqlite(request.getfixturevalue("tmp_path") / "new" / "uitest.db")
    if kind == "extension":
        request.getfixturevalue("monkeypatch").syspath_prepend(EXAMPLES)
        return _extension(request.getfixturevalue("tmp_path") / "new" / "store.pickle")
    if kind == "moto":
        cleanup.enter_context(mock_aws())
        return _dynamodb(request.getfixturevalue("moto_client"))
    return _dynamodb(request.getfixturevalue("ministack_client"))


def _with_clean_up(request: pytest.FixtureRequest) -> Iterator[Data]:
    with ExitStack() as cleanup:
        data = _data(request.param, request, cleanup)

        def open_one() -> Store:
            store = data.open()
            cleanup.callback(store.close)
            return store

        yield replace(data, open=open_one)


@pytest.fixture(params=["sqlite", "extension", "moto", "ministack"])
def data(request: pytest.FixtureRequest) -> Iterator[Data]:
    """What stores on data of this test alone work on."""
    yield from _with_clean_up(request)


@pytest.fixture
def open_store(data: Data) -> OpenStore:
    """Opens stores on it."""
    return data.open


@pytest.fixture(params=["sqlite", "extension", "ministack"])
def open_atomic(request: pytest.FixtureRequest) -> Iterator[OpenStore]:
    """The same without moto, whose conditional writes are not atomic."""
    for data in _with_clean_up(request):
        yield data.open


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    """One store with nothing in it."""
    return open_store()


@pytest.fixture
def job(store: Store) -> Job:
    """The one job of run r1."""
    [job] = make_jobs(1)
    store.create_run(make_run(planned=1), [job])
    return job
