"""A fixed part of the search: the same programs each time, and no side differs from plain Selenium."""

import pytest
from hypothesis import given, seed, settings

from tests.fuzz.comparison import Comparison
from tests.fuzz.program import Program, programs, sampled

pytestmark = pytest.mark.slow

PARTS = 2
"""Workers of the test suite can share the sample."""

EXAMPLES = 300 // PARTS


@pytest.mark.parametrize("part", range(PARTS))
def test_sampled_programs_end_alike_on_all_sides(chrome: Comparison, part: int) -> None:
    """All sides end every program the same way."""
    compared, unsteady = 0, chrome.unsteady

    @seed(part)
    @settings(sampled, max_examples=EXAMPLES)
    @given(programs())
    def compare(program: Program) -> None:
        nonlocal compared
        compared += 1
        difference = chrome.difference(program)
        assert difference is None, str(difference)

    compare()
    assert compared == EXAMPLES
    assert chrome.unsteady - unsteady < EXAMPLES // 10
