"""The item of the status table with what is remembered of earlier runs."""

from typing import Any

import pytest
from botocore.stub import Stubber

from tests.support.builders import NOW
from tests.unit.storage.dynamodb import Hasty, Waits, open_with
from uitest.errors import StoreError
from uitest.model import Past
from uitest.storage.stores import items
from uitest.storage.stores.tables import TRIES


def test_full_item_of_past_runs_keeps_the_newest_jobs() -> None:
    """The item stays far below 400 KB; the jobs written last are the ones that are kept."""
    past = {items.digest(str(n)): Past(None if n % 5 == 0 else n / 4, n % 2 == 0) for n in range(items.MOST_PAST + 10)}
    value = items.past_value(past)
    assert len(value["B"]) < 350_000
    assert items.past_from({"past": value}) == dict(list(past.items())[: items.MOST_PAST])


def test_memory_written_between_read_and_write(tables: Any) -> None:
    """A run that remembers while another does merges into what that one wrote, and newest comes first."""
    other = open_with(tables)

    class Late(Hasty):
        written = 0

        def __getattr__(self, name: str) -> Any:
            if name == "put_item" and self.written < 2:
                self.written += 1
                other.remember({f"other{self.written}": Past(1.0, True)})
            return getattr(self._client, name)

    waits = Waits()
    open_with(Late(tables), sleep=waits).remember({"mine": Past(2.0, False)})
    result = tables.get_item(TableName="status", Key=items.PAST_KEY)["Item"]
    assert list(items.past_from(result)) == [items.digest(key) for key in ("mine", "other2", "other1")]
    assert len(waits) == 2


def test_memory_that_others_keep_writing(client: Any, stub: Stubber) -> None:
    """After many tries it is told that nothing was kept."""
    for _ in range(TRIES):
        stub.add_response("get_item", {})
        stub.add_client_error("put_item", "ConditionalCheckFailedException")
    with pytest.raises(StoreError, match="not saved"):
        open_with(client, sleep=Waits()).remember({"a": Past(1.0, False)})


def test_write_whose_response_was_lost_is_recognised(tables: Any) -> None:
    """A write whose answer got lost is found to be there."""
    open_with(Hasty(tables), sleep=Waits()).remember({"a": Past(1.0, False)})
    assert open_with(tables).past(["a"]) == {"a": Past(1.0, False)}


def test_memory_in_use_does_not_expire(tables: Any) -> None:
    """Each write starts its time to live anew."""
    for days in (0, 60):
        open_with(tables, clock=lambda days=days: NOW + days * 86_400).remember({"a": Past(1.0, False)})
    result = tables.get_item(TableName="status", Key=items.PAST_KEY)["Item"]
    assert float(result["expires_at"]["N"]) > NOW + 149 * 86_400
