"""Access to one DynamoDB table: consistent reads, conditional writes, and batches that are repeated when throttled."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from uitest import aws
from uitest.errors import StoreError
from uitest.storage.stores.items import Item

BATCH = 25
"""Items in one BatchWriteItem: DynamoDB's limit."""
THREADS = 8
TRIES = 12
"""Maximum number of times a throttled batch is sent, with pauses of up to 10 s: about half a minute in all."""

MODULE_KEYS = (("module", "HASH"),)
STATUS_KEYS = (("pk", "HASH"), ("sk", "RANGE"))

In = TypeVar("In")
Out = TypeVar("Out")


class Table:
    """One table; safe to share between threads. Every method may raise StoreError."""

    def __init__(
        self,
        name: str,
        keys: Sequence[tuple[str, str]],
        client: Any = None,
        sleep: Callable[[float], None] = lambda _: None,
    ) -> None:
        """``keys``: names and kinds (HASH, RANGE); ``sleep`` is called between tries of a throttled batch."""
        self.name = name
        self._resource = _resource(name, keys)
        self._sleep = sleep
        with aws.translating(StoreError, self._resource):
            self.client = client or aws.client("dynamodb")

    def get(self, key: Item) -> Item | None:
        """One item, read consistently."""
        with aws.translating(StoreError, self._resource):
            response = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
        item: Item | None = response.get("Item")
        return item

    def write_if(self, operation: str, **request: Any) -> Item | None:
        """The response to a conditional write; None if its condition failed."""
        with aws.translating(StoreError, self._resource):
            try:
                response: Item = getattr(self.client, operation)(TableName=self.name, **request)
            except self.client.exceptions.ConditionalCheckFailedException:
                return None
        return response

    def pages(self, operation: str, **request: Any) -> list[Item]:
        """All items of a query or scan, read consistently."""
        with aws.translating(StoreError, self._resource):
            pages = self.client.get_paginator(operation).paginate(TableName=self.name, ConsistentRead=True, **request)
            return [item for page in pages for item in page["Items"]]

    def put_all(self, items: Sequence[Item]) -> None:
        """Write the items, unordered, each replacing the one with its key."""
        self._write_all([{"PutRequest": {"Item": item}} for item in items])

    def delete_all(self, keys: Sequence[Item]) -> None:
        """Delete the items with these keys, unordered."""
        self._write_all([{"DeleteRequest": {"Key": key}} for key in keys])

    def _write_all(self, requests: Sequence[Item]) -> None:
        spread(self._write, [requests[n : n + BATCH] for n in range(0, len(requests), BATCH)])

    def _write(self, batch: Sequence[Item]) -> None:
        """Send one BatchWriteItem, and what there was no capacity for again with growing pauses. Raises StoreError."""
        for tries in range(TRIES):
            with aws.translating(StoreError, self._resource):
                response = self.client.batch_write_item(RequestItems={self.name: batch})
            batch = response.get("UnprocessedItems", {}).get(self.name, [])
            if not batch:
                return
            self._sleep(random.uniform(0, min(10.0, 0.1 * 2**tries)))  # noqa: S311  (jitter, not a secret)
        raise StoreError(f"{self._resource.name} keeps throttling writes; raise its capacity or bill it on demand")


def create_tables(client: Any, module_table: str, status_table: str) -> None:
    """Create both tables, billed on demand, and wait for them; an existing one is left unchanged."""
    for name, keys in ((module_table, MODULE_KEYS), (status_table, STATUS_KEYS)):
        with aws.translating(StoreError, _resource(name, keys)):
            try:
                client.create_table(
                    TableName=name,
                    BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
                    KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
                )
            except client.exceptions.ResourceInUseException:
                continue
            client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
            if keys is STATUS_KEYS:
                client.update_time_to_live(
                    TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
                )


def spread(work: Callable[[In], Out], parts: Sequence[In]) -> list[Out]:
    """The results of ``work`` for every part, in order, computed by up to ``THREADS`` threads."""
    if len(parts) <= 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(min(THREADS, len(parts))) as pool:
        return list(pool.map(work, parts))


def _resource(table: str, keys: Sequence[tuple[str, str]]) -> aws.Resource:
    attributes = " ".join(f"AttributeName={key},AttributeType=S" for key, _ in keys)
    schema = " ".join(f"AttributeName={key},KeyType={kind}" for key, kind in keys)
    return aws.Resource(
        "dynamodb",
        f"DynamoDB table {table!r}",
        f"create it with: aws dynamodb create-table --table-name {table} --billing-mode PAY_PER_REQUEST "
        f"--attribute-definitions {attributes} --key-schema {schema}",
    )
