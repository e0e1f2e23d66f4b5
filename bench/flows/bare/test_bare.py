"""As many cases as there are flows, and nothing in them: what they take is pytest's and pytest-xdist's own."""

import pytest


@pytest.mark.parametrize("flow", range(6))
def test_nothing(flow: int) -> None:
    pass
