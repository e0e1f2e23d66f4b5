"""The DynamoDB store: a module table that people edit, and a status table of runs and jobs (layout in ``items``).

Every write that depends on existing data carries a condition, and each condition is named below. boto3 repeats a
request whose response was lost, so a condition may fail because of one's own first write; the row is therefore read
before a failed condition is believed.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from uitest.config import RETENTION_DAYS
from uitest.errors import RunChanged, RunExists, UnknownRun
from uitest.model import Attempt, Job, JobRow, Module, Past, Run, RunState
from uitest.quarantine import Quarantine
from uitest.storage.stores import items
from uitest.storage.stores.items import Item
from uitest.storage.stores.past_records import PastRecords
from uitest.storage.stores.tables import MODULE_KEYS, STATUS_KEYS, Table, create_tables, spread

__all__ = ["DynamoStore", "create_tables"]

NEXT = "attempt = :before"
FREE = "(attribute_not_exists(#owner) OR lease_until <= :now)"
SEEN = "size(attempts) = :reported"
MINE = "#owner = :owner AND attempt = :number"
CLAIMED = "attribute_exists(#owner) OR claimed_at >= :since"
NOT_THERE = "(attribute_not_exists(pk) OR expires_at <= :now)"
THERE = "attribute_exists(pk) AND expires_at > :now"
STILL_PLANNING = "#state = :planning"

RETENTION_S = RETENTION_DAYS * 24 * 3600.0


def modules_in(table: Table) -> list[Module]:
    """All modules of a module table, sorted by name. Raises StoreError, which names the row, for an invalid one."""
    modules = (items.module_from(row, table.name) for row in table.pages("scan"))
    return sorted(modules, key=lambda module: module.name)


class DynamoStore:
    """A Store in two DynamoDB tables; safe to share between threads."""

    def __init__(
        self,
        module_table: str,
        status_table: str,
        client: Any = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        retention_s: float = RETENTION_S,
    ) -> None:
        """``retention_s``: how long a run is kept after its creation. Raises StoreError."""
        self._modules = Table(module_table, MODULE_KEYS, client, sleep)
        self._status = Table(status_table, STATUS_KEYS, self._modules.client, sleep)
        self._past = PastRecords(self._status, retention_s, sleep=sleep, clock=clock)
        self._clock, self._retention_s = clock, retention_s
        self._shards: dict[str, int] = {}

    def put_modules(self, modules: Iterable[Module]) -> None:
        """Write the modules, each replacing the one of its name."""
        by_name = {module.name: items.module_item(module) for module in modules}
        self._modules.put_all(list(by_name.values()))

    def delete_modules(self, names: Iterable[str]) -> None:
        """Delete modules; unknown names are ignored."""
        self._modules.delete_all([{"module": {"S": name}} for name in dict.fromkeys(names)])

    def modules(self) -> list[Module]:
        """All modules, sorted by name. Raises StoreError, which names the row, for an invalid one."""
        return modules_in(self._modules)

    def create_run(self, run: Run, jobs: Sequence[Job]) -> None:
        """Write the header (state planning), every job, then the state of ``run``. Raises RunExists."""
        shards, now = items.shard_count(len(jobs)), self._clock()
        expires_at = now + self._retention_s
        header = {
            **items.header_key(run.id),
            **items.run_values(replace(run, state=RunState.PLANNING).to_json()),
            "shards": items.number(shards),
            "expires_at": items.expiry(expires_at),
            "created_by": {"S": uuid4().hex},
        }
        created = self._status.write_if(
            "put_item",
            Item=header,
            ConditionExpression=NOT_THERE,
            ExpressionAttributeValues={":now": items.number(now)},
        )
        if created is None and (self._header(run.id) or {}).get("created_by") != header["created_by"]:
            raise RunExists(f"a run {run.id!r} is already in the store; choose another --run-id or resume it")
        self._shards[run.id] = shards
        self._status.put_all([items.job_item(run.id, job, n, shards, expires_at) for n, job in enumerate(jobs)])
        # A run that was cancelled meanwhile stays cancelled.
        self._status.write_if(
            "update_item",
            Key=items.header_key(run.id),
            UpdateExpression="SET #state = :state",
            ConditionExpression=STILL_PLANNING,
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":state": {"S": run.state}, ":planning": {"S": RunState.PLANNING}},
        )

    def update_run(self, run_id: str, expected: Mapping[str, Any] | None = None, **changes: Any) -> Run:
        """Change these fields of the header, and return the new header. Raises UnknownRun, RunChanged."""
        expected = expected or {}
        if unknown := changes.keys() - Run.__dataclass_fields__.keys():
            raise TypeError(f"a run has no {', '.join(sorted(unknown))}")
        if not changes:
            return self.run(run_id)
        response = self._status.write_if(
            "update_item",
            Key=items.header_key(run_id),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
            ConditionExpression=" AND ".join([THERE, *(f"#{name} = :expected_{name}" for name in expected)]),
            ExpressionAttributeNames={f"#{name}": name for name in (*changes, *expected)},
            ExpressionAttributeValues={
                ":now": items.number(self._clock()),
                **{f":{name}": value for name, value in items.run_values(changes).items()},
                **{f":expected_{name}": value for name, value in items.run_values(expected).items()},
            },
            ReturnValues="ALL_NEW",
        )
        if response is None:
            current = self.run(run_id)
            if current == replace(current, **changes):
                return current  # our own first write, whose response was lost
            raise RunChanged(f"run {run_id!r} was changed by another process; see: uitest status {run_id}")
        return items.run_from(response["Attributes"])

    def run(self, run_id: str) -> Run:
        """The header. Raises UnknownRun."""
        header = self._header(run_id)
        if header is None:
            raise _unknown(run_id)
        return items.run_from(header)

    def runs(self, limit: int = 1000) -> list[Run]:
        """Headers, newest ``started_at`` first."""
        headers = [items.run_from(item) for item in self._alive(self._query(items.HEADERS))]
        return sorted(headers, key=lambda run: (run.started_at, run.id), reverse=True)[:limit]

    def delete_run(self, run_id: str) -> None:
        """Delete a run and its jobs; an unknown run is ignored.

        The header is deleted last, so that an interrupted deletion can be repeated.
        """
        header = self._status.get(items.header_key(run_id))
        if header is None:
            return
        keys = self._all_jobs(run_id, int(header["shards"]["N"]), ProjectionExpression="pk, sk")
        self._status.delete_all(keys)
        self._status.delete_all([items.header_key(run_id)])
        self._shards.pop(run_id, None)

    def jobs(self, run_id: str, claimed_since: float | None = None) -> list[JobRow]:
        """All rows of a run in plan order, or only those that are held or were claimed since then.

        DynamoDB reads and bills all of them either way, but does not send the others.
        """
        header = self._header(run_id)
        if header is None:
            return []
        limits: Item = {}
        if claimed_since is not None:
            limits = {"FilterExpression": CLAIMED, "ExpressionAttributeNames": {"#owner": "owner"}}
            limits["ExpressionAttributeValues"] = {":since": items.number(claimed_since)}
        rows = self._alive(self._all_jobs(run_id, int(header["shards"]["N"]), **limits))
        return [items.row_from(item) for item in sorted(rows, key=items.ordinal)]

    def job(self, run_id: str, key: str) -> JobRow | None:
        """One row, read consistently."""
        place = self._job_key(run_id, key)
        item = self._get_alive(place) if place else None
        return items.row_from(item) if item else None

    def claim(
        self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float, reported: int | None = None
    ) -> bool:
        """Claim attempt ``number``; True also for a repeat by its owner."""
        seen = {} if reported is None else {":reported": items.number(reported)}
        if self._update_job(
            run_id,
            key,
            "SET attempt = :number, #owner = :owner, lease_until = :until, claimed_at = :now",
            f"{NEXT} AND {FREE} AND {SEEN}" if seen else f"{NEXT} AND {FREE}",
            {
                ":number": items.number(number),
                ":before": items.number(number - 1),
                ":owner": {"S": owner},
                ":now": items.number(now),
                ":until": items.number(now + lease_s),
                **seen,
            },
        ):
            return True
        row = self.job(run_id, key)
        return row is not None and (row.attempt, row.owner) == (number, owner)

    def heartbeat(self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float) -> bool:
        """Extend the lease; False if ``owner`` no longer holds the attempt."""
        return self._update_job(
            run_id,
            key,
            "SET lease_until = :until",
            MINE,
            {":number": items.number(number), ":owner": {"S": owner}, ":until": items.number(now + lease_s)},
        )

    def finish(self, run_id: str, key: str, attempt: Attempt) -> bool:
        """Record an attempt and release the job; False if it is superseded, True for a repeat of one's own."""
        if self._update_job(
            run_id,
            key,
            "SET attempts = list_append(attempts, :done) REMOVE #owner, lease_until",
            MINE,
            {
                ":number": items.number(attempt.number),
                ":owner": {"S": attempt.owner},
                ":done": {"L": [items.attempt_value(attempt)]},
            },
        ):
            return True
        row = self.job(run_id, key)
        return row is not None and any(
            (done.number, done.owner) == (attempt.number, attempt.owner) for done in row.attempts
        )

    def past(self, keys: Iterable[str]) -> dict[str, Past]:
        """The records of earlier runs for these job keys, without unknown ones."""
        return self._past.read(keys)

    def remember(self, past: Mapping[str, Past]) -> None:
        """Merge records into the stored ones. Raises StoreError if other processes keep writing them."""
        self._past.merge(past)

    def put_quarantine(self, rows: Iterable[Quarantine]) -> None:
        """Write rows of the quarantine, each replacing the one of its id."""
        self._status.put_all(list({row.id: items.quarantine_item(row) for row in rows}.values()))

    def delete_quarantine(self, ids: Iterable[str]) -> None:
        """Delete rows of the quarantine; unknown ids are ignored."""
        self._status.delete_all([items.quarantine_key(row_id) for row_id in dict.fromkeys(ids)])

    def quarantine(self) -> list[Quarantine]:
        """All rows of the quarantine, sorted by last day and id."""
        rows = [Quarantine.from_json(json.loads(item["row"]["S"])) for item in self._query(items.QUARANTINE)]
        return sorted(rows, key=lambda row: (row.until, row.id))

    def close(self) -> None:
        """Close connections."""
        self._modules.client.close()

    def _job_key(self, run_id: str, key: str) -> Item | None:
        """The key of a job's row, None for an unknown run. The number of shards never changes and is read once."""
        if run_id not in self._shards:
            header = self._header(run_id)
            if header is None:
                return None
            self._shards[run_id] = int(header["shards"]["N"])
        return items.job_key(run_id, key, self._shards[run_id])

    def _update_job(self, run_id: str, key: str, update: str, condition: str, values: Item) -> bool:
        """Update a job's row; False if the condition failed."""
        place = self._job_key(run_id, key)
        return place is not None and (
            self._status.write_if(
                "update_item",
                Key=place,
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues=values,
            )
            is not None
        )

    def _header(self, run_id: str) -> Item | None:
        return self._get_alive(items.header_key(run_id))

    def _get_alive(self, key: Item) -> Item | None:
        item = self._status.get(key)
        return item if item and not items.is_expired(item, self._clock()) else None

    def _alive(self, rows: Iterable[Item]) -> list[Item]:
        now = self._clock()
        return [item for item in rows if not items.is_expired(item, now)]

    def _all_jobs(self, run_id: str, shards: int, **request: Any) -> list[Item]:
        """The items of every shard, unordered."""
        pages = spread(lambda n: self._query(items.partition(run_id, n), **request), range(shards))
        return [item for page in pages for item in page]

    def _query(self, partition: str, **request: Any) -> list[Item]:
        values = {":pk": {"S": partition}, **request.pop("ExpressionAttributeValues", {})}
        return self._status.pages(
            "query", KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values, **request
        )


def _unknown(run_id: str) -> UnknownRun:
    return UnknownRun(f"no run {run_id!r} in the store; see: uitest status")
