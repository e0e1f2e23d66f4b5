"""Tries the browsers of a deployed Lambda function, for ``uitest doctor --function``."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uitest.errors import BrokenFunction
from uitest.executors.aws.client import LambdaFunction
from uitest.executors.aws.event import VERSION


@dataclass(frozen=True, slots=True)
class Tried:
    """The result of the sample case in one engine."""

    browser: str
    works: bool
    start_s: float | None = None
    """Time until the browser was there; None if it never was."""
    case_s: float | None = None
    invocation_s: float | None = None
    """Time of the whole invocation, with the start of the environment if there was none yet."""
    version: str = ""
    message: str = ""


def try_browser(function: LambdaFunction, browser: str) -> Tried:
    """Invoke the function for one browser.

    Raises ExecutorError for a function that is missing or may not be invoked; one that breaks is a result.
    """
    event = {"uitest": VERSION, "step": "doctor", "browser": browser}
    began = time.monotonic()
    try:
        answer = function.request(json.dumps(event).encode())
    except BrokenFunction as exc:
        return Tried(browser, works=False, message=str(exc))
    if answer is None:
        return Tried(browser, works=False, message="not tried: Lambda throttles the function; try again later")
    return _tried(browser, answer, round(time.monotonic() - began, 1))


def _tried(browser: str, answer: Mapping[str, Any], invocation_s: float) -> Tried:
    """The answer of step ``doctor``; another function may answer anything."""
    if not isinstance(answer.get("works"), bool):
        return Tried(browser, works=False, message=f"not a function of uitest: it answers {dict(answer)!r}")
    return Tried(
        browser,
        answer["works"],
        answer["start_s"],
        answer["case_s"],
        invocation_s,
        answer["version"],
        answer["message"],
    )
