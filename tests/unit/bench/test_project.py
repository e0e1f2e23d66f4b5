"""A module of flows."""

from bench.project import flow_ids

SOURCE = """
import pytest

@pytest.fixture
def wait(selenium): ...

def test_one(selenium): ...

def test_two(selenium, wait):
    def test_inner(): ...
"""


def test_flow_ids_repeat_all_flows_in_turn() -> None:
    """Ids as the plugin makes them, tests only."""
    assert flow_ids(SOURCE, 2) == [
        "test_flows::test_one[0]",
        "test_flows::test_two[0]",
        "test_flows::test_one[1]",
        "test_flows::test_two[1]",
    ]
