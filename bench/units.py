"""Counts what a process asks of DynamoDB, in the units that AWS bills.

A write unit is a kilobyte of an item, a read unit four kilobytes of what is read, half of one where the read need not
be consistent; each is rounded up.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html

An update's request does not tell how large its item is, so updates count as the largest item that was read or written.
"""

import math
import threading
from collections.abc import Mapping
from typing import Any

WRITE_B, READ_B = 1024, 4096


class CountingClient:
    """A DynamoDB client that counts."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._updates = 0
        self._written = self._read = 0.0
        self._largest = 1
        """Bytes of the largest item so far."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if not callable(method):
            return method

        def counted(**request: Any) -> Any:
            answer = method(**request)
            with self._lock:
                self._count(name, request, answer)
            return answer

        return counted

    def units(self) -> dict[str, float]:
        """Units so far, as ``writes`` and ``reads``."""
        with self._lock:
            return {
                "writes": self._written + self._updates * self._rounded(self._largest, WRITE_B),
                "reads": self._read,
            }

    def _count(self, name: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        if name in ("update_item", "delete_item"):
            self._updates += 1
        elif name == "put_item":
            self._write(request["Item"])
        elif name == "batch_write_item":
            for requests in request["RequestItems"].values():
                for entry in requests:
                    if "PutRequest" in entry:
                        self._write(entry["PutRequest"]["Item"])
                    else:
                        self._updates += 1
        elif name in ("get_item", "query", "scan"):
            rows = answer.get("Items", [answer["Item"]] if "Item" in answer else [])
            sizes = [size(row) for row in rows]
            self._largest = max([self._largest, *sizes])
            share = 1.0 if request.get("ConsistentRead") else 0.5
            self._read += share * self._rounded(sum(sizes), READ_B)

    def _write(self, item: Mapping[str, Any]) -> None:
        self._largest = max(self._largest, size(item))
        self._written += self._rounded(size(item), WRITE_B)

    @staticmethod
    def _rounded(size_b: int, unit_b: int) -> int:
        return max(1, math.ceil(size_b / unit_b))


def size(value: Any) -> int:
    """Bytes of an item or of one of its values as requests write them: ``{"S": "text"}``."""
    if isinstance(value, Mapping):
        return sum(len(name) + size(inner) for name, inner in value.items())
    if isinstance(value, list):
        return sum(map(size, value))
    return len(str(value).encode())
