"""Where a function runs: one environment takes one invocation at a time."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from uitest.local_aws.faults import Fate


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way into an environment."""

    request: str
    """Lambda's id of the request: the same when it is delivered again."""
    payload: bytes
    deadline: float
    """When the function's time is over; seconds since the epoch."""
    fate: Fate = Fate.FINE


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it."""

    payload: bytes
    error: str | None = None
    """Lambda's word for a function that did not return: ``Unhandled``."""


def failure(kind: str, message: str) -> Answer:
    """The answer of a function that raised, or of an environment that broke."""
    return Answer(json.dumps({"errorType": kind, "errorMessage": message}).encode(), "Unhandled")


class Environment(Protocol):
    """Runs a function."""

    def invoke(self, delivery: Delivery) -> Answer:
        """Have one event handled, or an answer that says why it was not; returns by its deadline."""

    def is_alive(self) -> bool:
        """Whether it can take another one."""

    def close(self) -> None:
        """End it, and all it has started."""


class InProcess:
    """A function that is called in this process: fast, and trusted to live up to the fate of its deliveries."""

    def __init__(self, function: Callable[[Delivery], Any]) -> None:
        """``function`` answers with JSON values."""
        self._function = function

    def invoke(self, delivery: Delivery) -> Answer:
        """Call it."""
        try:
            return Answer(json.dumps(self._function(delivery)).encode())
        except Exception as exc:
            return failure(type(exc).__name__, str(exc))

    def is_alive(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Nothing to end."""
