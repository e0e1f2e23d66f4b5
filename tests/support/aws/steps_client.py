"""A Step Functions client that answers as told, without a network."""

from collections import deque
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


class ExecutionAlreadyExists(ClientError):
    """As boto3 makes it."""


class FakeSteps:
    """Has one execution, whose status is what its script says at each look; the last word stays."""

    class exceptions:  # noqa: N801  boto3's own name
        """Errors by name."""

        ExecutionAlreadyExists = ExecutionAlreadyExists

    def __init__(self, *script: dict[str, Any] | Callable[[], dict[str, Any]] | BaseException) -> None:
        self._script = deque(script)
        self.refusal: ClientError | None = None
        """What starting one is answered with."""
        self.started: list[dict[str, Any]] = []
        self.stopped: list[dict[str, Any]] = []

    def start_execution(self, **request: Any) -> dict[str, Any]:
        """As boto3's."""
        if self.refusal is not None:
            raise self.refusal
        self.started.append(request)
        return {"executionArn": "arn:the-execution"}

    def describe_execution(self, **request: Any) -> dict[str, Any]:
        """As boto3's."""
        assert request == {"executionArn": "arn:the-execution"}
        answer = self._script.popleft() if len(self._script) > 1 else self._script[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer() if callable(answer) else answer

    def stop_execution(self, **request: Any) -> dict[str, Any]:
        """As boto3's."""
        self.stopped.append(request)
        return {}

    def close(self) -> None:
        """As boto3's."""
