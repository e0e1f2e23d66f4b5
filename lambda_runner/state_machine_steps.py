"""Steps of the state machine around its cases: which one an event is for, and what all of them are given.

One function's handler takes every event, so one image serves cases and steps; an event that names no step asks for
attempts. Deploy it twice, though, to give the code of the cases fewer rights than the steps have: ``CaseFunction`` and
``RunFunction`` in ``state_machine.asl.json``. A step's module is imported when it is called: pages and templates must
not make cases start later.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from uitest.errors import UsageError
from uitest.executors.aws.event import VERSION
from uitest.executors.aws.step_functions import explain

STEPS = ("plan", "progress", "record", "finalise")
"""Each is a module beside this one."""


def take(event: Mapping[str, Any]) -> dict[str, Any]:
    """Do the step that the event names; its answer. Raises UsageError for an event that cannot be understood."""
    name, version = event["step"], event.get("uitest")
    if version != VERSION:
        raise UsageError(
            f"the event has version {version!r}, the function's image understands {VERSION}; "
            "deploy state machine and image from the same uitest"
        )
    if name not in STEPS:
        raise UsageError(f"there is no step {name!r}; the state machine knows {', '.join(STEPS)}")
    answer: dict[str, Any] = import_module(f"lambda_runner.{name}_step").handle(event)
    return answer


def text(event: Mapping[str, Any], name: str) -> str:
    """A text of the event that must be there. Raises UsageError."""
    found = event.get(name)
    if not isinstance(found, str) or not found:
        raise UsageError(f"the event of step {event.get('step')!r} must say {name!r} as text, not {found!r}")
    return found


def mapping(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The same for an object."""
    found = event.get(name)
    if not isinstance(found, dict):
        raise UsageError(f"the event of step {event.get('step')!r} must say {name!r} as an object, not {found!r}")
    return found


def reason(error: Mapping[str, Any]) -> str | None:
    """What a state machine's ``Catch`` says, in one line: the words of the function that raised, where it did.

    None where there was no error.
    """
    cause = error.get("Cause")
    return explain(error.get("Error"), cause) if cause is not None or error.get("Error") else None
