"""Differences that the search has found, by what was wrong; each is the shortest program that showed it."""

import pytest

from tests.fuzz.comparison import Comparison
from tests.fuzz.program import Program

LOADS = "<title>here</title>"

FOUND_IN_FIREFOX = {
    "command under a dialog": (
        "driver.execute_script(\"alert('scripted')\")",
        "driver.find_element('css selector', '#b0')",
    ),
    "command after the last window was closed": ("driver.close()", "driver.title"),
}


@pytest.mark.parametrize("name", FOUND_IN_FIREFOX)
def test_found_in_firefox(firefox: Comparison, name: str) -> None:
    """A case in one of our contexts sees what it sees with plain Firefox."""
    found = firefox.difference(Program((LOADS, LOADS, LOADS), FOUND_IN_FIREFOX[name]))
    assert found is None, str(found)
