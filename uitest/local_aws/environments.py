"""Execution environments of a function; each handles one invocation at a time."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from uitest.local_aws.faults import Fate

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event to be delivered to an environment."""

    request: str
    """Lambda's request id, which stays the same when the event is delivered again."""
    payload: bytes
    deadline: float
    """When the function times out, in seconds since the epoch."""
    fate: Fate = Fate.FINE


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of an invocation."""

    payload: bytes
    error: str | None = None
    """``Unhandled`` if the function did not return, else None."""


def failure(kind: str, message: str) -> Answer:
    """The answer of a function that raised, or of an environment that broke."""
    return Answer(json.dumps({"errorType": kind, "errorMessage": message}).encode(), "Unhandled")


class Environment(Protocol):
    """An environment that runs a function."""

    def invoke(self, delivery: Delivery) -> Answer:
        """Handle one event and return its answer, or an error, by its deadline."""

    def is_alive(self) -> bool:
        """Whether it can handle another event."""

    def close(self) -> None:
        """End it with everything it has started."""


class InProcess:
    """A function that is called in this process, and must itself act on the fate of its deliveries."""

    def __init__(self, function: Callable[[Delivery], Any]) -> None:
        """``function`` returns JSON values."""
        self._function = function

    def invoke(self, delivery: Delivery) -> Answer:
        """Call the function."""
        try:
            return Answer(json.dumps(self._function(delivery)).encode())
        except Exception as exc:
            LOGGER.info("the function raised", exc_info=True)
            return failure(type(exc).__name__, str(exc))

    def is_alive(self) -> bool:
        """Always true."""
        return True

    def close(self) -> None:
        """Do nothing."""
