"""Converts rows to DynamoDB items and back, and defines the layout of both tables: pure functions.

::

    module table   module (S, hash)                  testcases L of S, browsers L, timeout N, tags L
    status table   pk "runs"            sk run       the header: an attribute per field of Run, shards N
                   pk "run#<run>#<n>"   sk job key   module, case, browser, ordinal, attempt, ..., attempts L
                   pk "past"           sk "0"       past B, version N, written_by
                   pk "quarantine"     sk row id    row S, the row as JSON

``<run>`` is the run id as ``safe_name`` writes it, because free text of 300 characters does not fit a key. A run's jobs
are spread over ``shards`` partitions, as each takes 1,000 writes a second. A job's partition follows from its key, as
workers know nothing else; plan order is the attribute ``ordinal``. Each finished attempt is one JSON text, which keeps
values exact and reading 10,000 rows cheap.

Durations of past runs are one item, which a run reads in one request: 13 bytes a job (``PAST``), newest first. At
``MOST_PAST`` jobs the item is full, and those that ran longest ago are dropped.

Trade-off: neither attempts nor durations can be read or filtered in the AWS console.
"""

import hashlib
import json
import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace
from sys import intern
from typing import Any, TypeAlias

from uitest.errors import StoreError, UsageError
from uitest.model import Attempt, Job, JobRow, Module, Past, Run
from uitest.quarantine import Quarantine
from uitest.short_text import safe_name
from uitest.storage.modules_file import parse_module

Item: TypeAlias = dict[str, Any]

JOBS_PER_SHARD = 1_000
MOST_SHARDS = 16

HEADERS = "runs"

QUARANTINE = "quarantine"

PAST_KEY: Item = {"pk": {"S": "past"}, "sk": {"S": "0"}}
PAST = struct.Struct("<8sfB")
"""Record of one job: the start of its key's SHA-256, seconds (NaN if unknown), 1 if it did not end green."""
MOST_PAST = 25_000
"""Limit of jobs in the item of durations: 325 KB of the 400 KB that an item may have."""

FIRST_ATTEMPTS, ROOM_FIRST, ROOM_LATER = 20, 12_000, 1_000
"""Bytes allowed for each of the first 20 attempts and for each later one: 20 full ones and 150 more fit in 400 KB."""

JSON_FIELDS = {"modules", "browsers", "settings", "counts", "load", "quarantine"}
INTEGER_FIELDS = {"planned", "layer"}


def shard_count(jobs: int) -> int:
    """The number of partitions for a run of ``jobs`` jobs."""
    return min(MOST_SHARDS, max(1, -(-jobs // JOBS_PER_SHARD)))


def header_key(run_id: str) -> Item:
    """The key of a run's header."""
    return {"pk": {"S": HEADERS}, "sk": {"S": safe_name(run_id)}}


def partition(run_id: str, shard: int) -> str:
    """The partition key of one shard of a run's jobs."""
    return f"run#{safe_name(run_id)}#{shard}"


def job_key(run_id: str, key: str, shards: int) -> Item:
    """The key of a job's row."""
    return {"pk": {"S": partition(run_id, zlib.crc32(key.encode()) % shards)}, "sk": {"S": key}}


def number(value: float) -> Item:
    """A number attribute that keeps the exact value."""
    return {"N": repr(value)}


def run_values(fields: Mapping[str, Any]) -> Item:
    """Attribute values of header fields."""
    return {name: _value(name, value) for name, value in fields.items()}


def _value(name: str, value: Any) -> Item:
    if value is None:
        return {"NULL": True}
    if name in JSON_FIELDS:
        return {"S": json.dumps(value)}
    return {"S": str(value)} if isinstance(value, str) else number(value)


def run_from(item: Item) -> Run:
    """The header in an item."""
    return Run.from_json({name: _field(name, value) for name, value in item.items()})


def _field(name: str, value: Item) -> Any:
    if "S" in value:
        return json.loads(value["S"]) if name in JSON_FIELDS else value["S"]
    if "N" in value:
        return int(value["N"]) if name in INTEGER_FIELDS else float(value["N"])
    return None


def job_item(run_id: str, job: Job, ordinal: int, shards: int, expires_at: float) -> Item:
    """The item of a job that has not been claimed yet."""
    item = {
        **job_key(run_id, job.key, shards),
        "ordinal": number(ordinal),
        "module": {"S": job.module},
        "case": {"S": job.case},
        "browser": {"S": job.browser},
        "attempt": number(0),
        "attempts": {"L": []},
        "expires_at": expiry(expires_at),
    }
    if job.timeout is not None:
        item["timeout"] = number(job.timeout)
    return item


def row_from(item: Item) -> JobRow:
    """The row in an item."""
    module, case, browser = (item[name]["S"] for name in ("module", "case", "browser"))
    return JobRow(
        Job(intern(module), case, intern(browser), _time(item, "timeout")),  # texts of many rows are kept once
        int(item["attempt"]["N"]),
        item["owner"]["S"] if "owner" in item else None,
        _time(item, "lease_until"),
        _time(item, "claimed_at"),
        tuple(Attempt.from_json(json.loads(text["S"])) for text in item["attempts"]["L"]),
    )


def _time(item: Item, name: str) -> float | None:
    return float(item[name]["N"]) if name in item else None


def ordinal(item: Item) -> int:
    """A job's index in the plan."""
    return int(item["ordinal"]["N"])


def expiry(at: float) -> Item:
    """The value of ``expires_at``: DynamoDB's time to live needs whole seconds."""
    return number(int(at))


def is_expired(item: Item, now: float) -> bool:
    """Whether the item's time to live is over: DynamoDB returns such items for days."""
    return "expires_at" in item and float(item["expires_at"]["N"]) <= now


def attempt_value(attempt: Attempt) -> Item:
    """A finished attempt, with its long texts halved until it fits: a row is limited to 400 KB."""
    room = ROOM_FIRST if attempt.number <= FIRST_ATTEMPTS else ROOM_LATER
    while len(text := json.dumps(attempt.to_json())) > room:
        if attempt.detail:
            attempt = replace(attempt, detail=attempt.detail[: len(attempt.detail) // 2])
        elif attempt.warnings:
            attempt = replace(attempt, warnings=attempt.warnings[: len(attempt.warnings) // 2])
        elif attempt.error:
            attempt = replace(attempt, error=attempt.error[: len(attempt.error) // 2])
        elif attempt.artifacts:
            attempt = replace(attempt, artifacts=attempt.artifacts[: len(attempt.artifacts) // 2])
        else:
            break
    return {"S": text}


def digest(key: str) -> bytes:
    """The start of the SHA-256 of a job's key, as in ``PAST``."""
    return hashlib.sha256(key.encode()).digest()[:8]


def past_value(past: Mapping[bytes, Past]) -> Item:
    """The item value for records by digest, limited to the first ``MOST_PAST``."""
    kept = list(past.items())[:MOST_PAST]
    return {
        "B": b"".join(PAST.pack(at, math.nan if p.duration_s is None else p.duration_s, p.failed) for at, p in kept)
    }


def past_from(item: Item) -> dict[bytes, Past]:
    """The records in an item by digest, in order: the inverse of ``past_value``."""
    records = PAST.iter_unpack(item["past"]["B"])
    return {at: Past(None if math.isnan(seconds) else seconds, bool(failed)) for at, seconds, failed in records}


def quarantine_key(row_id: str) -> Item:
    """The key of a row of the quarantine."""
    return {"pk": {"S": QUARANTINE}, "sk": {"S": row_id}}


def quarantine_item(row: Quarantine) -> Item:
    """The item of a row of the quarantine."""
    return {**quarantine_key(row.id), "row": {"S": json.dumps(row.to_json())}}


def module_item(module: Module) -> Item:
    """A row of the module table."""
    item: Item = {"module": {"S": module.name}, "testcases": _strings(module.cases)}
    if module.browsers:
        item["browsers"] = _strings(module.browsers)
    if module.timeout is not None:
        item["timeout"] = number(module.timeout)
    if module.tags:
        item["tags"] = _strings(module.tags)
    return item


def module_from(item: Item, table: str) -> Module:
    """The module in a row, which people may edit; unknown attributes are allowed. Raises StoreError."""
    try:
        return parse_module(item, extras=True)
    except UsageError as exc:
        raise StoreError(f"module table {table!r}: {exc}; correct the row in the table") from exc


def _strings(texts: tuple[str, ...]) -> Item:
    return {"L": [{"S": text} for text in texts]}
