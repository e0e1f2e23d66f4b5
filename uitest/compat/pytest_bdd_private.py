"""What uitest uses of pytest-bdd: how scenarios and steps can be told among pytest's fixtures.

A scenario is a test that takes a certain fixture, and a step is a fixture whose name begins in a certain way. Without
them nothing is found, and a scenario that asks for ``driver`` in a step only does so in one engine.
"""

from collections.abc import Callable, Iterable
from typing import Any


def is_scenario(fixtures: Iterable[str]) -> bool:
    """Whether a test with these fixtures is a scenario."""
    return "_pytest_bdd_example" in fixtures


def is_step(fixture: str) -> bool:
    """Whether a fixture of this name holds a definition of a step."""
    return fixture.startswith("pytestbdd_stepdef")


def function_of(step: Any) -> Callable[..., Any]:
    """The function that a definition of a step decorates."""
    found: Callable[..., Any] = step.step_func
    return found
