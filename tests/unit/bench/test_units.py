"""Units of DynamoDB, against a client that answers as it is told."""

from typing import Any

import pytest

from bench.units import CountingClient, size

SMALL = {"pk": {"S": "run"}, "name": {"S": "x" * 500}}
LARGE = {"pk": {"S": "run"}, "name": {"S": "x" * 1500}}


class Answering:
    """Answers every request with the same."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer
        self.meta = "meta"

    def __getattr__(self, _name: str) -> Any:
        return lambda **_request: self._answer


def test_size_is_that_of_names_and_values() -> None:
    """As DynamoDB counts an item, but for the types, a letter or two for each value."""
    assert size({"ab": {"S": "cdé"}}) == len("ab") + len("S") + 4
    assert size({"l": {"L": [{"N": "12"}, {"BOOL": True}]}}) == 1 + 1 + 3 + 8


@pytest.mark.parametrize(
    ("name", "request_", "answer", "units"),
    [
        ("put_item", {"Item": SMALL}, {}, (1, 0)),
        ("put_item", {"Item": LARGE}, {}, (2, 0)),
        ("batch_write_item", {"RequestItems": {"t": [{"PutRequest": {"Item": LARGE}}] * 3}}, {}, (6, 0)),
        ("update_item", {"Key": {}}, {}, (1, 0)),
        ("get_item", {"ConsistentRead": True}, {"Item": SMALL}, (0, 1)),
        ("get_item", {}, {}, (0, 0.5)),
        ("query", {"ConsistentRead": True}, {"Items": [LARGE] * 3}, (0, 2)),
        ("scan", {}, {"Items": [LARGE] * 3}, (0, 1)),
    ],
)
def test_units_follow_size_and_consistency(
    name: str, request_: dict[str, Any], answer: dict[str, Any], units: tuple[float, float]
) -> None:
    """The client's answer is passed on."""
    client = CountingClient(Answering(answer))
    assert getattr(client, name)(**request_) == answer
    counted = client.units()
    assert (counted["writes"], counted["reads"]) == units


def test_updates_count_as_the_largest_item_that_was_met() -> None:
    """What else is asked of the client is passed on as well."""
    client = CountingClient(Answering({"Items": [LARGE]}))
    client.update_item(Key={})
    client.query()
    assert client.units()["writes"] == 2
    assert client.meta == "meta"
