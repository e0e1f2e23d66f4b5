"""Units of DynamoDB, of a client of boto3 whose answers are given."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from bench.units import Units, size

SMALL = {"pk": {"S": "run"}, "name": {"S": "x" * 500}}
LARGE = {"pk": {"S": "run"}, "name": {"S": "x" * 1500}}
TABLE = {"TableName": "status"}
KEY = {"Key": {"pk": {"S": "run"}}}


@pytest.fixture
def client() -> Any:
    """A client that sends nothing."""
    return boto3.client("dynamodb", region_name="eu-west-1", aws_access_key_id="local", aws_secret_access_key="local")


def test_size_is_that_of_names_and_values() -> None:
    """As DynamoDB counts an item, but for the types, a letter or two for each value."""
    assert size({"ab": {"S": "cdé"}}) == len("ab") + len("S") + 4
    assert size({"l": {"L": [{"N": "12"}, {"BOOL": True}]}}) == 1 + 1 + 3 + 8


@pytest.mark.parametrize(
    ("name", "request_", "answer", "writes", "reads"),
    [
        ("put_item", TABLE | {"Item": SMALL}, {}, 1, 0),
        ("put_item", TABLE | {"Item": LARGE}, {}, 2, 0),
        ("batch_write_item", {"RequestItems": {"status": [{"PutRequest": {"Item": LARGE}}] * 3}}, {}, 6, 0),
        ("update_item", TABLE | KEY, {}, 1, 0),
        ("get_item", TABLE | KEY | {"ConsistentRead": True}, {"Item": SMALL}, 0, 1),
        ("get_item", TABLE | KEY, {}, 0, 0.5),
        ("query", TABLE | {"ConsistentRead": True}, {"Items": [LARGE] * 3}, 0, 2),
        ("scan", TABLE, {"Items": [LARGE] * 3}, 0, 1),
        ("query", TABLE | {"ConsistentRead": True}, {"Items": [LARGE], "Count": 1, "ScannedCount": 3}, 0, 2),
    ],
)
def test_units_follow_size_and_consistency(
    client: Any, name: str, request_: dict[str, Any], answer: dict[str, Any], writes: float, reads: float
) -> None:
    """The rows that a filter leaves out are read as well."""
    units = Units(client)
    with Stubber(client) as stubber:
        stubber.add_response(name, answer)
        getattr(client, name)(**request_)
    assert units.so_far() == {"writes": writes, "reads": reads}


def test_updates_count_as_the_largest_item_that_was_met(client: Any) -> None:
    """Pages of a paginator count too."""
    units = Units(client)
    with Stubber(client) as stubber:
        stubber.add_response("update_item", {})
        stubber.add_response("query", {"Items": [LARGE], "LastEvaluatedKey": KEY["Key"]})
        stubber.add_response("query", {"Items": [LARGE]})
        client.update_item(**TABLE, **KEY)
        assert len(list(client.get_paginator("query").paginate(**TABLE))) == 2
    assert units.so_far() == {"writes": 2, "reads": 1.0}
