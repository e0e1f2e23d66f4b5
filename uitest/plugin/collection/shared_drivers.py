"""Drivers that tests share: their scopes, which tests share one, and in which order these run."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from operator import methodcaller

import pytest

from uitest.compat import pytest_private
from uitest.plugin.collection.browser_parameter import PARAMETER, Target, target
from uitest.plugin.collection.fixture_requests import fixtures_reached
from uitest.plugin.option_table import SCOPES
from uitest.plugin.options import driver_scope

SHARED_BY: Mapping[str, type[pytest.Collector]] = {
    "class": pytest.Class,
    "module": pytest.Module,
    "session": pytest.Session,
}
"""The collector whose tests share a driver of this scope."""


def shared_scopes(definition: pytest.Item) -> dict[str, str]:
    """The shared drivers of a test: fixture names with their scopes."""
    scopes = {f"driver_{scope}": scope for scope in SCOPES[1:]}
    if driver_scope(definition.config) != SCOPES[0]:
        scopes["driver"] = driver_scope(definition.config)
    reached = fixtures_reached(definition)
    return {name: scope for name, scope in scopes.items() if name in reached}


def widest_scope(definition: pytest.Item) -> str:
    """The widest scope of a test's drivers."""
    return max(shared_scopes(definition).values(), key=SCOPES.index, default=SCOPES[0])


def sharing(items: Iterable[pytest.Item]) -> list[list[pytest.Item]]:
    """The tests that share a driver, those of each scope, module of a run and engine by themselves, in their order."""
    groups: dict[tuple[pytest.Item | pytest.Collector, Target | None], list[pytest.Item]] = {}
    for item in items:
        kind = SHARED_BY.get(widest_scope(item))
        node = item.getparent(kind) if kind is not None else None
        if node is not None:
            groups.setdefault((node, target(item)), []).append(item)
    return list(groups.values())


def keep_engines(items: Sequence[pytest.Item]) -> None:
    """Widen the scope of the engine's fixture to that of the drivers that depend on it.

    This happens after collection, because pytest would sort the tests by scope, even with one engine.
    """
    for item in items if pytest_private.scopes_are_known() else ():
        if target(item) is not None:
            pytest_private.widen_scope(item, PARAMETER, widest_scope(item))


def by_engine(items: Sequence[pytest.Item], engines: Sequence[str]) -> list[pytest.Item]:
    """The tests in order, but grouped by engine where they share a driver."""

    def engine(item: pytest.Item) -> int:
        goal = target(item)
        return engines.index(goal.browser) if goal is not None and goal.browser in engines else 0

    scopes = {item: widest_scope(item) for item in items if target(item) is not None}
    if SCOPES[-1] in scopes.values():
        return sorted(items, key=engine)
    for scope in ("class", "module"):
        groups = [list(group) for _, group in itertools.groupby(items, methodcaller("getparent", SHARED_BY[scope]))]
        shares = [any(scopes.get(item) == scope for item in group) for group in groups]
        ordered = [sorted(group, key=engine) if share else group for group, share in zip(groups, shares, strict=True)]
        items = list(itertools.chain.from_iterable(ordered))
    return list(items)


def check_marks(item: pytest.Item) -> None:
    """Fail a test with marks for a browser that it shares with tests without these marks."""
    for name, scope in shared_scopes(item).items():
        kind = SHARED_BY[scope]
        node: pytest.Item | pytest.Collector | None = item
        while node is not None and not isinstance(node, kind):
            marks = [mark.name for mark in node.own_markers if mark.name in ("browser_options", "capabilities")]
            if marks and (scope != "class" or item.getparent(pytest.Class) is not None):
                pytest.fail(
                    f"{name} is kept for a {scope}: @pytest.mark.{marks[0]} on a part of it cannot shape it; "
                    f"mark the whole {scope}, or use a driver that is not shared",
                    pytrace=False,
                )
            node = node.parent
