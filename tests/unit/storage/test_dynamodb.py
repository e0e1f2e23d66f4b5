"""What is particular to DynamoDB: throttling, lost answers, time to live, errors in one line."""

from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from tests.support.builders import NOW, make_attempt, make_jobs, make_run
from tests.unit.storage.dynamodb import DENIED, HEADER, JOB, Hasty, Waits, failing, open_with, row_item
from uitest.errors import RunExists, StoreError, UnknownRun
from uitest.model import DETAIL_LIMIT, Job, Module, RunState, Verdict
from uitest.storage.stores import items
from uitest.storage.stores.dynamodb import create_tables
from uitest.storage.stores.tables import TRIES


def test_throttled_batch_is_sent_again(client: Any, stub: Stubber) -> None:
    """Only the writes that DynamoDB left over are repeated, after growing random waits."""
    waits = Waits()
    puts = [{"PutRequest": {"Item": items.module_item(Module(f"m{n}", ("tc",)))}} for n in range(3)]
    left = [{"modules": puts[1:]}, {"modules": puts[2:]}, {}]
    for sent, unprocessed in zip([puts, puts[1:], puts[2:]], left, strict=True):
        stub.add_response("batch_write_item", {"UnprocessedItems": unprocessed}, {"RequestItems": {"modules": sent}})
    open_with(client, sleep=waits).put_modules(Module(f"m{n}", ("tc",)) for n in range(3))
    assert len(waits) == 2
    assert 0 <= waits[0] <= 0.1
    assert 0 <= waits[1] <= 0.2


def test_permanent_throttling_is_an_error_with_advice(client: Any, stub: Stubber) -> None:
    """A table without capacity ends in an error with advice."""
    waits = Waits()
    put = {"PutRequest": {"Item": items.module_item(Module("m", ("tc",)))}}
    for _ in range(TRIES):
        stub.add_response("batch_write_item", {"UnprocessedItems": {"modules": [put]}})
    with pytest.raises(StoreError, match=r"'modules' keeps throttling writes; raise its capacity"):
        open_with(client, sleep=waits).put_modules([Module("m", ("tc",))])
    assert max(waits) <= 10


def test_missing_table_names_the_create_command(client: Any, stub: Stubber) -> None:
    """The message names the table and the command that creates it."""
    message = failing(stub, open_with(client), "ResourceNotFoundException")
    assert "DynamoDB table 'status' does not exist" in message
    assert "aws dynamodb create-table --table-name status" in message
    assert "AttributeName=sk,KeyType=RANGE" in message


def test_missing_permission_names_the_action(client: Any, stub: Stubber) -> None:
    """The message names action and table, and quotes AWS in one line."""
    message = failing(stub, open_with(client), "AccessDeniedException", DENIED)
    assert "no permission for dynamodb:UpdateItem on DynamoDB table 'status'" in message
    assert "worker is not authorized" in message


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ExpiredTokenException", "renew them"),
        ("UnrecognizedClientException", "refuses the credentials"),
        ("ThrottlingException", "keeps throttling dynamodb:UpdateItem"),
        ("SomethingNew", "failed with SomethingNew: said AWS"),
    ],
)
def test_every_refusal_is_one_line(client: Any, stub: Stubber, code: str, expected: str) -> None:
    """Every refusal becomes one line."""
    assert expected in failing(stub, open_with(client), code)


def test_lost_answer_to_claim(client: Any, stub: Stubber) -> None:
    """A claim whose condition failed because it was written before is ours; another's is not."""
    store = open_with(client)
    stub.add_response("get_item", HEADER)
    for owner, expected in (("me", True), ("other", False)):
        stub.add_client_error("update_item", "ConditionalCheckFailedException")
        stub.add_response("get_item", row_item(owner, 1), {"TableName": ANY, "Key": ANY, "ConsistentRead": True})
        assert store.claim("r1", JOB.key, 1, "me", NOW, 30) is expected


def test_lost_answer_to_finish(client: Any, stub: Stubber) -> None:
    """A report whose condition failed is fine if it is in the row, and refused if another's is."""
    store = open_with(client)
    stub.add_response("get_item", HEADER)
    for owner, expected in (("me", True), ("other", False)):
        stub.add_client_error("update_item", "ConditionalCheckFailedException")
        stub.add_response("get_item", row_item(None, 1, make_attempt(1, owner)))
        assert store.finish("r1", JOB.key, make_attempt(1, "me")) is expected


def test_every_write_sent_twice(tables: Any) -> None:
    """A whole life of a run goes well though every answer gets lost once."""
    store = open_with(Hasty(tables))
    store.create_run(make_run(), make_jobs(30))
    assert store.run("r1").state is RunState.RUNNING
    job = make_jobs(30)[4]
    assert store.claim("r1", job.key, 1, "me", NOW, 30)
    assert store.heartbeat("r1", job.key, 1, "me", NOW, 30)
    assert store.finish("r1", job.key, make_attempt(1, "me"))
    row = store.job("r1", job.key)
    assert row is not None
    assert len(row.attempts) == 1
    with pytest.raises(RunExists):
        open_with(tables).create_run(make_run(), [])


def test_cancel_while_planning_stays(tables: Any) -> None:
    """A run that is cancelled while its jobs are being written does not come back to life."""

    class Cancelling(Hasty):
        def __getattr__(self, name: str) -> Any:
            if name == "batch_write_item":
                open_with(tables).update_run("r1", state=RunState.CANCELLED)
            return getattr(self._client, name)

    open_with(Cancelling(tables)).create_run(make_run(), make_jobs(2))
    assert open_with(tables).run("r1").state is RunState.CANCELLED


def test_broken_off_planning_is_visible(tables: Any) -> None:
    """When the coordinator dies while writing jobs, the header says planning and how many were planned."""

    class Dying(Hasty):
        def __getattr__(self, name: str) -> Any:
            if name == "batch_write_item":
                raise KeyboardInterrupt
            return getattr(self._client, name)

    with pytest.raises(KeyboardInterrupt):
        open_with(Dying(tables)).create_run(make_run(planned=2), make_jobs(2))
    run = open_with(tables).run("r1")
    assert (run.state, run.planned) == (RunState.PLANNING, 2)


def test_expired_runs_are_gone(tables: Any) -> None:
    """Rows past their time to live are not shown though DynamoDB still has them, and free their id."""
    old = open_with(tables, clock=lambda: NOW, retention_s=100)
    late = open_with(tables, clock=lambda: NOW + 101, retention_s=100)
    old.create_run(make_run(), make_jobs(3))
    assert len(old.jobs("r1")) == 3
    assert old.runs() == [make_run()]
    assert late.runs() == []
    assert late.jobs("r1") == []
    assert late.job("r1", JOB.key) is None
    with pytest.raises(UnknownRun):
        late.run("r1")
    with pytest.raises(UnknownRun):
        late.update_run("r1", note="x")
    late.create_run(make_run(), make_jobs(1))
    assert [row.job for row in late.jobs("r1")] == make_jobs(1)


def test_rows_written_in_the_console(tables: Any) -> None:
    """Sets instead of lists, numbers as text and attributes of one's own are understood."""
    tables.put_item(
        TableName="modules",
        Item={
            "module": {"S": "mod1"},
            "testcases": {"SS": ["tc001"]},
            "browsers": {"L": [{"S": "firefox"}]},
            "timeout": {"N": "30"},
            "owner": {"S": "team a"},
        },
    )
    assert open_with(tables).modules() == [Module("mod1", ("tc001",), ("firefox",), 30.0)]


def test_rows_are_plain_in_the_console(tables: Any) -> None:
    """A module is written as people would write it, without attributes it does not need."""
    open_with(tables).put_modules([Module("mod1", ("tc001",))])
    assert tables.scan(TableName="modules")["Items"] == [
        {"module": {"S": "mod1"}, "testcases": {"L": [{"S": "tc001"}]}}
    ]


def test_row_that_is_no_module(tables: Any) -> None:
    """A row written by hand that makes no sense is named, with what is wrong in it."""
    tables.put_item(TableName="modules", Item={"module": {"S": "mod1"}, "testcases": {"S": "tc001"}})
    with pytest.raises(StoreError, match=r"module table 'modules': module 'mod1': testcases is \"tc001\""):
        open_with(tables).modules()


def test_create_tables_keeps_existing_ones(tables: Any) -> None:
    """Existing tables are unchanged; the status table has a time to live."""
    open_with(tables).put_modules([Module("m", ("tc",))])
    create_tables(tables, "modules", "status")
    assert open_with(tables).modules()
    ttl = tables.describe_time_to_live(TableName="status")["TimeToLiveDescription"]
    assert ttl["AttributeName"] == "expires_at"


def test_shards_grow_with_the_plan() -> None:
    """One partition for each thousand jobs, at least one, at most sixteen."""
    counts = [items.shard_count(n) for n in (0, 1, 1_000, 1_001, 10_000, 99_999)]
    assert counts == [1, 1, 1, 2, 10, 16]


def test_jobs_are_spread_evenly() -> None:
    """The digest in a job's key fills every partition about alike."""
    keys = [items.job_key("r1", job.key, 10)["pk"]["S"] for job in make_jobs(5_000)]
    assert len(set(keys)) == 10
    assert all(350 < keys.count(partition) < 650 for partition in set(keys))


def test_longest_ids_fit_into_keys(client: Any) -> None:
    """Keys stay far below DynamoDB's limits for the longest ids."""
    text = "\N{FOX FACE}" * 300
    key = items.job_key(text, Job(text, text, "chrome").key, 16)
    assert len(key["pk"]["S"].encode()) < 200
    assert len(key["sk"]["S"].encode()) < 200


def test_ordinary_detail_is_kept_whole() -> None:
    """A detail of the usual limit fits; a monstrous attempt is cut until it does, the verdict stays."""
    usual = make_attempt(1, detail="line\n" * (DETAIL_LIMIT // 5))
    assert items.attempt_value(usual)["S"].count("line") == DETAIL_LIMIT // 5
    monster = make_attempt(
        30,
        verdict=Verdict.FAILED,
        detail="\N{FOX FACE}" * 50_000,
        error="e" * 50_000,
        warnings=("w" * 100,) * 100,
        artifacts=("a" * 100,) * 100,
    )
    text = items.attempt_value(monster)["S"]
    assert len(text) <= items.ROOM_LATER
    assert '"failed"' in text
