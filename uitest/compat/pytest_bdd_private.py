"""The private part of pytest-bdd that uitest depends on: how to recognise scenarios and steps among pytest's fixtures.

A scenario is a test with a certain fixture, and a step is a fixture whose name has a certain prefix. If they are not
recognised, a scenario that requests ``driver`` only in a step runs in one engine.
"""

from collections.abc import Callable, Iterable
from typing import Any


def is_scenario(fixtures: Iterable[str]) -> bool:
    """Whether a test with these fixtures is a scenario."""
    return "_pytest_bdd_example" in fixtures


def is_step(fixture: str) -> bool:
    """Whether a fixture of this name defines a step."""
    return fixture.startswith("pytestbdd_stepdef")


def function_of(step: Any) -> Callable[..., Any]:
    """The function that a step definition decorates."""
    function: Callable[..., Any] = step.step_func
    return function
