"""Step ``doctor``: the sample case of the package in each engine, in a process of its own."""

import json

import pytest

from tests.lambda_runner.conftest import Function
from uitest.model import BROWSERS


def event(browser: str) -> bytes:
    """What ``uitest doctor --function`` sends."""
    return json.dumps({"uitest": 1, "step": "doctor", "browser": browser}).encode()


@pytest.mark.slow
def test_every_engine_works_whatever_the_cases_of_the_image_are(function: Function) -> None:
    """With times and version, and nothing is left; neither the suite's conftest file nor its settings matter."""
    function.cases("import nothing_of_that_name")
    (function.folder / "cases" / "conftest.py").write_text("1 / 0")
    (function.folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    environment = function.start()
    for browser in BROWSERS:
        answer = function.answer(environment, event(browser))
        assert (answer["works"], answer["message"]) == (True, ""), browser
        assert (answer["children"], answer["files"]) == (0, 0), browser
        assert answer["version"][0].isdigit()
        assert answer["start_s"] > 0
        assert answer["case_s"] > 0


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"UITEST_CHROME": "/no/chrome"}, "/no/chrome"),
        ({"PYTEST_ADDOPTS": "--no-such-option"}, "pytest stopped with exit code 4: "),
    ],
    ids=["browser", "pytest"],
)
def test_check_names_what_does_not_work_in_one_line(
    function: Function, variables: dict[str, str], message: str
) -> None:
    """In one line, and the environment lives on."""
    environment = function.start(**variables)
    for _ in range(2):
        answer = function.answer(environment, event("chrome"))
        assert (answer["works"], answer["case_s"]) == (False, None)
        assert message in answer["message"]
        assert "\n" not in answer["message"]


def test_unknown_browser_is_refused(function: Function) -> None:
    """With the names that are known."""
    assert "'opera'" in function.invoke(event("opera"))["error"]
