"""A fixed part of the search: the same programs each time, and no side differs from plain Selenium."""

import pytest
from hypothesis import given, seed, settings

from tests.fuzz.comparison import Comparison
from tests.fuzz.program import Program, programs, sampled

pytestmark = pytest.mark.slow

PARTS = 2
"""Workers of the test suite can share the sample."""

EXAMPLES = 300 // PARTS
IN_FIREFOX = 40


@pytest.mark.parametrize("part", range(PARTS))
def test_sampled_programs_end_alike_on_all_sides_of_chrome(chrome: Comparison, part: int) -> None:
    """All sides end every program the same way."""
    compare_sample(chrome, part, EXAMPLES)


def test_sampled_programs_end_alike_on_both_sides_of_firefox(firefox: Comparison) -> None:
    """Our contexts end every program as plain Firefox does."""
    compare_sample(firefox, PARTS, IN_FIREFOX)


def compare_sample(comparison: Comparison, number: int, examples: int) -> None:
    """Run so many programs on all sides, always the same for a number."""
    compared, unsteady = 0, comparison.unsteady

    @seed(number)
    @settings(sampled, max_examples=examples)
    @given(programs())
    def compare(program: Program) -> None:
        nonlocal compared
        compared += 1
        comparison.assert_alike(program)

    compare()
    assert compared == examples
    assert comparison.unsteady - unsteady < examples // 2, "a busy machine, or a sample that compares nothing"
