"""Methods of ``unittest.TestCase`` as cases: one test for each engine, or in a run for each job.

pytest parametrises functions only. So the methods that pytest has collected from a TestCase are collected again, once
for each engine, with the engine as the parameter that functions have.
"""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from _pytest import python
from _pytest.scope import Scope
from _pytest.unittest import TestCaseFunction, UnitTestCase

from uitest.plugin.collection.cases import PARAMETER, Target

Expand = Callable[[pytest.Item], Sequence[Target]]
"""For which targets a method is to run."""


def expand(collector: object, wanted: Expand) -> None:
    """Have a TestCase yield its methods once for each target; of a collector of anything else nothing changes."""
    if isinstance(collector, UnitTestCase):
        collector.collect = functools.partial(_collect, collector.collect, wanted)  # type: ignore[method-assign]


def _collect(collect: Callable[[], Iterable[Any]], wanted: Expand) -> Iterator[Any]:
    for item in collect():
        targets = wanted(item) if isinstance(item, TestCaseFunction) else ()
        if not targets:
            yield item
        for number, target in enumerate(targets):
            yield _for_target(item, target, number)


def _for_target(item: TestCaseFunction, target: Target, number: int) -> pytest.Item:
    make_spec = vars(python).get("CallSpec") or python.CallSpec2  # its name before pytest 9.2
    spec = make_spec(
        params={PARAMETER: target},
        indices={PARAMETER: number},
        _arg2scope={PARAMETER: Scope.Function},
        _idlist=[target.label],
    )
    made = _class_for(type(item)).from_parent(
        item.parent, name=f"{item.name}[{target.label}]", originalname=item.name, callspec=spec
    )
    if PARAMETER not in made.fixturenames:
        made.fixturenames.append(PARAMETER)
    return made


class _Named(TestCaseFunction):
    """A method whose name as a test, with a parameter, is not the one that unittest knows it by."""

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
