"""Finds tasks of a session that must stay together because their tests share a driver.

Workers find them, xdist's controller reads of them. A group is a list of tasks, by their places, in the order in which
pytest would run their tests.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from uitest.executors.pytest_session import groups_file

Groups = list[list[int]]


def find_groups(items: Sequence[pytest.Item], shared: Iterable[Iterable[pytest.Item]]) -> Groups:
    """The groups among the tests of a session's tasks, ``items``; ``shared`` are the tests that share a driver."""
    places = {item: place for place, item in enumerate(items)}
    groups = [[places[item] for item in tests if item in places] for tests in shared]
    return [group for group in groups if group]


def grouped(items: Sequence[pytest.Item], groups: Groups) -> list[pytest.Item]:
    """The tests with those of each group one after the other, where the first of them was."""
    at: Mapping[int, tuple[int, int]] = {n: (min(group), k) for group in groups for k, n in enumerate(group)}
    return [items[n] for n in sorted(range(len(items)), key=lambda n: at.get(n, (n, 0)))]


def write_groups(plan: Path, groups: Groups) -> None:
    """Tell the controller; several workers do so at once, and all say the same."""
    part = plan.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(groups))
    part.replace(groups_file(plan))


def read_groups(plan: Path) -> Groups:
    """What workers have told by the time they had collected the tests."""
    file = groups_file(plan)
    groups: Groups = json.loads(file.read_text()) if file.exists() else []
    return groups
