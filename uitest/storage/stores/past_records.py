"""The item of the status table that holds what is remembered of earlier runs: durations and outcomes of jobs."""

import random
from collections.abc import Callable, Iterable, Mapping
from uuid import uuid4

from uitest.errors import StoreError
from uitest.model import Past
from uitest.storage.stores import items
from uitest.storage.stores.tables import TRIES, Table

AS_READ = "(attribute_not_exists(pk) OR version = :read)"


class PastRecords:
    """The records, which several processes may write at the same time."""

    def __init__(
        self, table: Table, retention_s: float, *, sleep: Callable[[float], None], clock: Callable[[], float]
    ) -> None:
        """``retention_s``: how long the item is kept after its last write."""
        self._table, self._retention_s = table, retention_s
        self._sleep, self._clock = sleep, clock

    def read(self, keys: Iterable[str]) -> dict[str, Past]:
        """The records for these job keys, without unknown ones."""
        item = self._table.get(items.PAST_KEY)
        known = items.past_from(item) if item else {}
        return {key: known[at] for key in keys if (at := items.digest(key)) in known}

    def merge(self, past: Mapping[str, Past]) -> None:
        """Merge records into the stored ones, repeatedly if another process writes at the same time.

        Each write restarts the item's time to live. An item that has expired but still exists is used as well: it holds
        durations, not runs. Raises StoreError after some tries.
        """
        new, mine = {items.digest(key): record for key, record in past.items()}, {"S": uuid4().hex}
        for tries in range(TRIES):
            item = self._table.get(items.PAST_KEY)
            if item and item["written_by"] == mine:
                return
            known = items.past_from(item) if item else {}
            version = int(item["version"]["N"]) if item else 0
            merged = {at: record.after(known.get(at)) for at, record in new.items()}
            written = self._table.write_if(
                "put_item",
                Item={
                    **items.PAST_KEY,
                    "past": items.past_value({**merged, **{at: p for at, p in known.items() if at not in merged}}),
                    "version": items.number(version + 1),
                    "written_by": mine,
                    "expires_at": items.expiry(self._clock() + self._retention_s),
                },
                ConditionExpression=AS_READ,
                ExpressionAttributeValues={":read": items.number(version)},
            )
            if written is not None:
                return
            self._sleep(random.uniform(0, min(1.0, 0.02 * 2**tries)))  # noqa: S311  (jitter, not a secret)
        raise StoreError(f"other runs keep writing durations to {self._table.name!r}; those of this run are not saved")
