"""Collects methods of ``unittest.TestCase`` as cases: one test for each engine, or in a run for each job.

pytest parametrises functions only. So the methods collected from a TestCase are collected again for each engine, with
the engine as their parameter. Where pytest's TestCases do not behave as known (``compat.pytest_unittest``), a method
runs once, in one engine.
"""

import functools
import unittest
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest

from uitest.compat.features import Feature, works
from uitest.plugin.collection.browser_parameter import PARAMETER, Target

METHODS = Feature("pytest", "methods of TestCase", "they run in one engine, and cannot be cases of a run")

Expand = Callable[[pytest.Item], Sequence[Target]]
"""Returns the targets of a method."""


def expand(collector: object, wanted: Expand) -> None:
    """Make the collector of a TestCase yield its methods once for each target; other collectors are unchanged."""
    tested = getattr(collector, "obj", None)
    if not (isinstance(tested, type) and issubclass(tested, unittest.TestCase)) or not works(METHODS, _check):
        return
    from uitest.compat.pytest_unittest import UnitTestCase

    if isinstance(collector, UnitTestCase):
        collector.collect = functools.partial(_collect, collector.collect, wanted)  # type: ignore[method-assign]


def _check() -> bool:
    from uitest.compat import pytest_unittest

    return pytest_unittest.check()


def _collect(collect: Callable[[], Iterable[Any]], wanted: Expand) -> Iterator[Any]:
    from uitest.compat.pytest_unittest import TestCaseFunction, with_parameter

    for item in collect():
        targets = wanted(item) if isinstance(item, TestCaseFunction) else ()
        if not targets:
            yield item
        for number, target in enumerate(targets):
            yield with_parameter(item, PARAMETER, target, target.label, number)
