"""Step ``discover``: the modules of the image's case files, in a process of its own."""

import json

from tests.lambda_runner.conftest import Function

EVENT = json.dumps({"uitest": 1, "step": "discover"}).encode()


def test_modules_of_case_files_are_found_and_nothing_is_left(function: Function) -> None:
    """By file, and by the name of a mark; case files write to a home folder that is gone afterwards."""
    function.cases(
        "import pathlib, pytest\n(pathlib.Path.home() / 'mine').touch()\n"
        "def test_a(driver): pass\n@pytest.mark.module('shop')\ndef test_b(driver): pass\n"
    )
    (function.folder / "cases" / "test_ends.py").write_text("import os; os._exit(0)")
    answer = function.invoke(EVENT)
    assert answer["modules"] == {
        "test_it": ["test_it::test_a"],
        "shop": ["test_it::test_b"],
        "test_ends": ["test_ends.py"],  # stands for its cases, which nobody can know
    }
    assert (answer["children"], answer["files"]) == (0, 0)


def test_cases_that_cannot_be_discovered_are_told(function: Function) -> None:
    """Files that are broken, none at all, or more than a state can hold: in one line, and the environment lives on."""
    environment = function.start()
    assert "the module table is empty, and the cases folder" in function.answer(environment, EVENT)["error"]
    function.cases("import nothing_of_that_name\n")
    assert "nothing_of_that_name" in function.answer(environment, EVENT)["error"]
    long = "x" * 200
    function.cases(f"import pytest\n@pytest.mark.parametrize('n', range(700))\ndef test_{long}(n): pass\n")
    assert "more cases than a state machine can hand on" in function.answer(environment, EVENT)["error"]
