"""Clients and tables for the tests of the DynamoDB store."""

from typing import Any

import pytest
from botocore.stub import Stubber

from tests.support.builders import NOW, make_jobs
from uitest.errors import StoreError
from uitest.storage.stores import items
from uitest.storage.stores.dynamodb import DynamoStore

JOB = make_jobs(1)[0]

HEADER = {"Item": {"shards": {"N": "1"}, "expires_at": {"N": "9999999999"}}}

DENIED = (
    "User: arn:aws:sts::123456789012:assumed-role/worker is not authorized to perform: dynamodb:UpdateItem\n"
    "because no identity-based policy allows the action"
)


class Waits(list[float]):
    """A sleep that only notes how long."""

    __call__ = list[float].append


class Hasty:
    """A client whose every write is sent twice, as boto3 does when the first answer gets lost."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if name not in {"put_item", "update_item", "batch_write_item"}:
            return method

        def twice(**request: Any) -> Any:
            method(**request)
            return method(**request)

        return twice


def open_with(client: Any, **more: Any) -> DynamoStore:
    """A store in the tables of these tests."""
    return DynamoStore("modules", "status", client, **more)


def row_item(owner: str | None, attempt: int, *attempts: Any) -> dict[str, Any]:
    """The answer to get_item for the job of these tests."""
    item = items.job_item("r1", JOB, 0, 1, 9999999999)
    item["attempt"] = items.number(attempt)
    item["attempts"] = {"L": [items.attempt_value(a) for a in attempts]}
    return {"Item": item | ({"owner": {"S": owner}} if owner else {})}


def failing(stub: Stubber, store: DynamoStore, code: str, message: str = "said AWS", status: int = 400) -> str:
    """The line that a claim ends with when AWS answers it with an error."""
    stub.add_response("get_item", HEADER)
    stub.add_client_error("update_item", code, message, http_status_code=status)
    with pytest.raises(StoreError) as caught:
        store.claim("r1", JOB.key, 1, "me", NOW, 30)
    assert "\n" not in str(caught.value)
    return str(caught.value)
