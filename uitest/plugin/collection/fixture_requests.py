"""Finds the fixtures that a test uses, as far as they can be known before it runs.

pytest knows the fixtures in the arguments of a test and its fixtures. Others are requested at run time, by
``request.getfixturevalue("driver")`` or as an argument of a pytest-bdd step. For these, the code of the test, of its
fixtures and of the suite's functions and methods that they call is searched for names, and all steps visible to a
scenario count as its own. Trade-off: computed names are not found, and a scenario without a browser counts as one with
a browser if a visible step of another scenario uses one.
"""

import functools
import inspect
from collections.abc import Iterable
from types import CodeType, FunctionType
from typing import Any

import pytest

from uitest.compat import pytest_bdd_private, pytest_private

REACHED = pytest.StashKey[frozenset[str]]()

SEARCHED = pytest.StashKey[dict[tuple[Any, Any], set[str]]]()
"""What functions mention, by the class of the test, whose methods they may call; a fixture has many tests."""


def fixtures_reached(definition: pytest.Item) -> frozenset[str]:
    """Names of the fixtures that a test uses, directly or through other fixtures."""
    if REACHED not in definition.stash:
        definition.stash[REACHED] = frozenset(_reached(definition))
    return definition.stash[REACHED]


def _reached(definition: pytest.Item) -> set[str]:
    reached = set(getattr(definition, "fixturenames", ()))
    if "request" not in reached:
        return reached  # without request nothing can be requested at run time
    waiting = [*reached, *_mentioned(definition, getattr(definition, "function", None), *_set_up(definition))]
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
            waiting += [*fixture.argnames, *_mentioned(definition, fixture.func)]
    return reached


def _step_arguments(definition: pytest.Item) -> Iterable[str]:
    """Names of the arguments of all pytest-bdd steps that are visible to a scenario."""
    for name in filter(pytest_bdd_private.is_step, pytest_private.fixture_names(definition.session)):
        for fixture in pytest_private.fixture_definitions(definition, name):
            function = pytest_bdd_private.function_of(fixture.func())
            yield from inspect.signature(function).parameters
            yield from _mentioned(definition, function)


def _set_up(definition: pytest.Item) -> Iterable[Any]:
    """What unittest calls before a test method."""
    return [_method(definition, name) for name in ("setUp", "asyncSetUp")]


def _mentioned(definition: pytest.Item, *functions: Any) -> set[str]:
    """The strings in the code of functions and of those of the suite that they call, where fixtures are requested."""
    searched = definition.session.stash.setdefault(SEARCHED, {})
    mentioned: set[str] = set()
    for function in map(inspect.unwrap, functions):
        if hasattr(function, "__code__"):
            key = (getattr(definition, "cls", None), function)
            if key not in searched:
                searched[key] = _mentioned_by(definition, function)
            mentioned |= searched[key]
    return mentioned


def _mentioned_by(definition: pytest.Item, function: Any) -> set[str]:
    mentioned: set[str] = set()
    waiting, seen = [function], set()
    while waiting:
        function = inspect.unwrap(waiting.pop())
        code = getattr(function, "__code__", None)
        if code is None or code in seen:
            continue
        seen.add(code)
        names, strings = _searched(code)
        mentioned |= strings
        for name in names:
            for called in (function.__globals__.get(name), _method(definition, name)):
                if isinstance(called, FunctionType) and _is_own(definition, called):
                    waiting.append(called)
    return mentioned


def _method(definition: pytest.Item, name: str) -> Any:
    """The function of that name in the test's class, or whatever has the name there; None if nothing has."""
    attribute = inspect.getattr_static(getattr(definition, "cls", None), name, None)
    return getattr(attribute, "__func__", attribute)  # of a class method or static method


def _is_own(definition: pytest.Item, function: FunctionType) -> bool:
    """Whether a function is the suite's."""
    return function.__code__.co_filename.startswith(str(definition.config.rootpath))


@functools.cache
def _searched(code: CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """Names that a function's code uses, and its strings if it requests fixtures at run time."""
    parts = list(_parts(code))
    names = frozenset(name for part in parts for name in part.co_names)
    strings = frozenset(constant for part in parts for constant in part.co_consts if isinstance(constant, str))
    return names, strings if "getfixturevalue" in names else frozenset()


def _parts(code: CodeType) -> Iterable[CodeType]:
    """The code of a function and its inner functions."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)
