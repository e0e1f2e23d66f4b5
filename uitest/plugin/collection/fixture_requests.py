"""Which fixtures a test uses, as far as that can be known before it runs.

pytest knows the fixtures that a test and its fixtures take as arguments. Others are requested while a test runs:
``request.getfixturevalue("driver")``, or an argument of a pytest-bdd step. For those, the code of the test and of its
fixtures is searched for the names that it mentions, and all steps that a scenario can see are taken to be its own.
Trade-off: a name that is computed is not found, and a scenario without a browser counts as one with a browser if a step
of another scenario beside it uses one.
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
        return reached  # nothing here can ask while it runs
    waiting = list(reached)
    waiting += _mentioned(getattr(definition, "function", None))
    if pytest_bdd_private.is_scenario(reached):
        waiting += _of_steps(definition)
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


def _of_steps(definition: pytest.Item) -> Iterable[str]:
    """Names of the arguments of all pytest-bdd steps that a scenario can see."""
    for name in filter(pytest_bdd_private.is_step, pytest_private.fixture_names(definition.session)):
        for fixture in pytest_private.fixture_definitions(definition, name):
            function = pytest_bdd_private.function_of(fixture.func())
            yield from inspect.signature(function).parameters
            yield from _mentioned(function)


def _mentioned(function: Any) -> frozenset[str]:
    """The strings in a function's code if it asks for fixtures while it runs."""
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    return _strings(code) if code is not None else frozenset()


@functools.cache
def _strings(code: CodeType) -> frozenset[str]:
    parts = list(_parts(code))
    if not any("getfixturevalue" in part.co_names for part in parts):
        return frozenset()
    return frozenset(one for part in parts for one in part.co_consts if isinstance(one, str))


def _parts(code: CodeType) -> Iterable[CodeType]:
    """A function's code and that of the functions inside it."""
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _parts(one)
