"""The private part of pytest that runs methods of ``unittest.TestCase``.

pytest parametrises functions only. A method with a parameter is an item of pytest's own class whose test name differs
from its method name.
"""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import pytest
from _pytest.scope import Scope
from _pytest.unittest import TestCaseFunction, UnitTestCase

from uitest.compat.pytest_private import call_spec_class

__all__ = ["TestCaseFunction", "UnitTestCase", "check", "with_parameter"]


def with_parameter(item: TestCaseFunction, name: str, value: object, label: str, number: int) -> pytest.Item:
    """A copy of a method's item with a value for a parameter; ``label`` is the value's part of the test name."""
    spec = call_spec_class()(
        params={name: value}, indices={name: number}, _arg2scope={name: Scope.Function}, _idlist=[label]
    )
    function = _class_for(type(item)).from_parent(
        item.parent, name=f"{item.name}[{label}]", originalname=item.name, callspec=spec
    )
    if name not in function.fixturenames:
        function.fixturenames.append(name)
    return function


class _Named(TestCaseFunction):
    """An item of a method whose test name, which has a parameter, differs from the method's name."""

    @contextlib.contextmanager
    def _name_of_method(self) -> Iterator[None]:
        name, self.name = self.name, self.originalname
        try:
            yield
        finally:
            self.name = name

    def _getinstance(self) -> Any:
        with self._name_of_method():
            return super()._getinstance()  # type: ignore[no-untyped-call]

    def runtest(self) -> None:
        with self._name_of_method():
            super().runtest()


@functools.cache
def _class_for(base: type[TestCaseFunction]) -> type[TestCaseFunction]:
    """The class of items for a kind of TestCase: that of pytest, or what another plugin made of it."""
    return _Named if base is TestCaseFunction else type(base.__name__, (_Named, base), {})


def check() -> bool:
    """Whether the classes have the methods that are built on here."""
    fields = call_spec_class().__dataclass_fields__
    return (
        {"params", "indices", "_arg2scope", "_idlist"} <= set(fields)
        and all(callable(getattr(TestCaseFunction, name)) for name in ("_getinstance", "runtest", "from_parent"))
        and callable(UnitTestCase.collect)
    )
