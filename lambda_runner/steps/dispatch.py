"""Dispatches the steps of the state machine, and the one of ``uitest doctor``, and validates their events.

One handler takes every event, so that one image serves cases and steps; an event without a step asks for attempts. It
is deployed as two functions, so that cases have fewer permissions than the steps: ``CaseFunction`` and ``RunFunction``
in ``state_machine.asl.json``. A step's module is imported when it is called, so that cases do not wait for templates.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from uitest.errors import UsageError
from uitest.executors.aws.event import VERSION
from uitest.executors.aws.step_functions import explain

STEPS = ("plan", "progress", "record", "finalise", "discover", "doctor")
"""Names of the steps; each has a module of this package."""


def take(event: Mapping[str, Any]) -> dict[str, Any]:
    """Run the step that the event names, and return its result. Raises UsageError for an invalid event."""
    name, version = event["step"], event.get("uitest")
    if version != VERSION:
        raise UsageError(
            f"the event has version {version!r}, the function's image supports {VERSION}; "
            "deploy state machine and image from the same uitest"
        )
    if name not in STEPS:
        raise UsageError(f"unknown step {name!r}; known are {', '.join(STEPS)}")
    answer: dict[str, Any] = import_module(f"lambda_runner.steps.{name}").handle(event)
    return answer


def text(event: Mapping[str, Any], name: str) -> str:
    """A required text of the event. Raises UsageError."""
    value = event.get(name)
    if not isinstance(value, str) or not value:
        raise UsageError(f"{name!r} in the event of step {event.get('step')!r} must be a text, not {value!r}")
    return value


def mapping(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A required object of the event. Raises UsageError."""
    value = event.get(name)
    if not isinstance(value, dict):
        raise UsageError(f"{name!r} in the event of step {event.get('step')!r} must be an object, not {value!r}")
    return value


def reason(error: Mapping[str, Any]) -> str | None:
    """The error of a state machine's ``Catch`` in one line, if possible the function's message; None without error."""
    cause = error.get("Cause")
    return explain(error.get("Error"), cause) if cause is not None or error.get("Error") else None
