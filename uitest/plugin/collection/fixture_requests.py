"""Finds the fixtures that a test uses, as far as they can be known before it runs.

pytest knows the fixtures in the arguments of a test and its fixtures. Others are requested at run time, by
``request.getfixturevalue("driver")`` or as an argument of a pytest-bdd step. For these, the code of the test and its
fixtures is searched for names, and all steps visible to a scenario count as its own. Trade-off: computed names are not
found, and a scenario without a browser counts as one with a browser if a visible step of another scenario uses one.
"""

import functools
import inspect
from collections.abc import Iterable
from types import CodeType
from typing import Any

import pytest

from uitest.compat import pytest_bdd_private, pytest_private

REACHED = pytest.StashKey[frozenset[str]]()


def fixtures_reached(definition: pytest.Item) -> frozenset[str]:
    """Names of the fixtures that a test uses, directly or through other fixtures."""
    if REACHED not in definition.stash:
        definition.stash[REACHED] = frozenset(_reached(definition))
    return definition.stash[REACHED]


def _reached(definition: pytest.Item) -> set[str]:
    reached = set(getattr(definition, "fixturenames", ()))
    if "request" not in reached:
        return reached  # without request nothing can be requested at run time
    waiting = list(reached)
    waiting += _mentioned(getattr(definition, "function", None))
    if pytest_bdd_private.is_scenario(reached):
        waiting += _step_arguments(definition)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for fixture in pytest_private.fixture_definitions(definition, name):
            reached.add(name)
            waiting += [*fixture.argnames, *_mentioned(fixture.func)]
    return reached


def _step_arguments(definition: pytest.Item) -> Iterable[str]:
    """Names of the arguments of all pytest-bdd steps that are visible to a scenario."""
    for name in filter(pytest_bdd_private.is_step, pytest_private.fixture_names(definition.session)):
        for fixture in pytest_private.fixture_definitions(definition, name):
            function = pytest_bdd_private.function_of(fixture.func())
            yield from inspect.signature(function).parameters
            yield from _mentioned(function)


def _mentioned(function: Any) -> frozenset[str]:
    """The strings in a function's code, if it requests fixtures at run time."""
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    return _strings(code) if code is not None else frozenset()


@functools.cache
def _strings(code: CodeType) -> frozenset[str]:
    parts = list(_parts(code))
    if not any("getfixturevalue" in part.co_names for part in parts):
        return frozenset()
    return frozenset(constant for part in parts for constant in part.co_consts if isinstance(constant, str))


def _parts(code: CodeType) -> Iterable[CodeType]:
    """The code of a function and its inner functions."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)
