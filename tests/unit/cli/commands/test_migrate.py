"""The migration of docs/migrate.md: rows as the sample of 2017 wrote them, and the table that they are read from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from moto import mock_aws

from tests.support.aws.servers import FAKE_AWS, fake_client
from uitest.cli import command
from uitest.errors import StoreError, UsageError
from uitest.model import Module
from uitest.storage.stores import open_store

ROWS = (
    {"module": {"S": "mod1"}, "testcases": {"L": [{"S": "tc001"}, {"S": "tc002"}]}},
    {"module": {"S": "mod3"}, "testcases": {"L": [{"S": "tc001"}, {"S": "tc005"}]}, "owner": {"S": "somebody"}},
)


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An account with the module table of an old stack."""
    for name, value in FAKE_AWS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = fake_client("dynamodb")
        client.create_table(
            TableName="ModuleTable-old",
            AttributeDefinitions=[{"AttributeName": "module", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "module", "KeyType": "HASH"}],
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        )
        yield client
        client.close()


def call(*words: str) -> str:
    """What the command prints; raises what it raises."""
    return CliRunner().invoke(command, list(words), standalone_mode=False, catch_exceptions=False).output


def test_import_copies_names_and_cases(tables: Any, tmp_path: Path) -> None:
    """Names and cases are copied, other modules and unknown attributes are kept."""
    for row in ROWS:
        tables.put_item(TableName="ModuleTable-old", Item=row)
    store = f"sqlite:{tmp_path / 'uitest.db'}"
    opened = open_store(store)
    opened.put_modules([Module("ours", ("a",)), Module("mod1", ("old",))])
    assert call("modules", "import", "ModuleTable-old", "--store", store) == (
        "Imported 2 modules with 4 cases from ModuleTable-old\n"
    )
    assert opened.modules() == [
        Module("mod1", ("tc001", "tc002")), Module("mod3", ("tc001", "tc005")), Module("ours", ("a",)),
    ]  # fmt: skip
    opened.close()


def test_import_without_valid_rows_writes_nothing(tables: Any, tmp_path: Path) -> None:
    """Neither of an empty table nor of one that is not there, nor of a row that is none; nothing is written then."""
    store = f"sqlite:{tmp_path / 'uitest.db'}"
    with pytest.raises(UsageError, match="has no modules"):
        call("modules", "import", "ModuleTable-old", "--store", store)
    with pytest.raises(StoreError, match="'elsewhere' does not exist"):
        call("modules", "import", "elsewhere", "--store", store)
    tables.put_item(TableName="ModuleTable-old", Item=ROWS[0])
    tables.put_item(TableName="ModuleTable-old", Item={"module": {"S": "bad"}, "testcases": {"S": "tc001"}})
    with pytest.raises(StoreError, match="module table 'ModuleTable-old': module 'bad'"):
        call("modules", "import", "ModuleTable-old", "--store", store)
    opened = open_store(store)
    assert opened.modules() == []
    opened.close()
