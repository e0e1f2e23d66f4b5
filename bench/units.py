"""Counts what a process asks of DynamoDB, in the units that AWS bills.

A write unit is a kilobyte of an item, a read unit four kilobytes of what is read, half of one where the read need not
be consistent; each is rounded up.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html

An update's request does not tell how large its item is, nor does an answer how large the items are that a filter left
out: they count as the largest item that was read or written.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any

WRITE_B, READ_B = 1024, 4096
REQUEST = "uitest-bench-request"
"""Key of a request in its context, which botocore passes to every handler of a call."""


class Units:
    """What a client has asked for so far, in units; safe to share between threads."""

    def __init__(self, client: Any) -> None:
        """Count the requests of a DynamoDB client of boto3 from now on."""
        self._lock = threading.Lock()
        self._updates = 0
        self._written = self._read = 0.0
        self._largest = 1
        """Bytes of the largest item so far."""
        client.meta.events.register("before-parameter-build.dynamodb", _note_request)
        client.meta.events.register("after-call.dynamodb", self._count_answer)

    def so_far(self) -> dict[str, float]:
        """The units, as ``writes`` and ``reads``."""
        with self._lock:
            return {
                "writes": self._written + self._updates * _rounded(self._largest, WRITE_B),
                "reads": self._read,
            }

    def _count_answer(self, model: Any, parsed: Mapping[str, Any], context: Mapping[str, Any], **_others: Any) -> None:
        with self._lock:
            self._count(model.name, context[REQUEST], parsed)

    def _count(self, name: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        if name in ("UpdateItem", "DeleteItem"):
            self._updates += 1
        elif name == "PutItem":
            self._write(request["Item"])
        elif name == "BatchWriteItem":
            for requests in request["RequestItems"].values():
                for entry in requests:
                    if "PutRequest" in entry:
                        self._write(entry["PutRequest"]["Item"])
                    else:
                        self._updates += 1
        elif name in ("GetItem", "Query", "Scan"):
            rows = answer.get("Items", [answer["Item"]] if "Item" in answer else [])
            sizes = [size(row) for row in rows]
            self._largest = max([self._largest, *sizes])
            share = 1.0 if request.get("ConsistentRead") else 0.5
            self._read += share * _rounded(self._read_size(sizes, answer), READ_B)

    def _read_size(self, sizes: Sequence[int], answer: Mapping[str, Any]) -> float:
        """Bytes that were read; of rows that a filter left out only their number is told."""
        left_out = answer.get("ScannedCount", len(sizes)) - len(sizes)
        return sum(sizes) + left_out * self._largest

    def _write(self, item: Mapping[str, Any]) -> None:
        self._largest = max(self._largest, size(item))
        self._written += _rounded(size(item), WRITE_B)


def _note_request(params: Mapping[str, Any], context: dict[str, Any], **_others: Any) -> None:
    context[REQUEST] = dict(params)


def _rounded(size_b: float, unit_b: int) -> int:
    return max(1, math.ceil(size_b / unit_b))


def size(value: Any) -> int:
    """Bytes of an item or of one of its values as requests write them: ``{"S": "text"}``."""
    if isinstance(value, Mapping):
        return sum(len(name) + size(inner) for name, inner in value.items())
    if isinstance(value, list):
        return sum(map(size, value))
    return len(str(value).encode())
