"""A client of DynamoDB without a network, and tables in an emulator."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from tests.support.aws.servers import fake_client
from uitest.storage.stores.dynamodb import create_tables


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client that reaches nothing."""
    client = fake_client("dynamodb")
    yield client
    client.close()


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    """Answers for the client, in order; all of them must be used."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def tables(client: Any) -> Iterator[Any]:
    """The client, with tables ``modules`` and ``status`` in moto."""
    with mock_aws():
        create_tables(client, "modules", "status")
        yield client
