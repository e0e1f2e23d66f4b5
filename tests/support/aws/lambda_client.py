"""A Lambda client that answers as told, without a network."""

import io
import json
import threading
from collections import deque
from typing import Any

from botocore.exceptions import ClientError

from uitest.executors.aws.event import Invocation


def refusal(code: str, status: int = 400, message: str = "as told", operation: str = "Invoke") -> ClientError:
    """What boto3 raises when AWS says no."""
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


THROTTLE = refusal("TooManyRequestsException", 429)


class FakeLambda:
    """Accepts everything but the refusals in its script, first come first served."""

    def __init__(self, *script: Exception | None, answer: Any = None, error: str | None = None) -> None:
        """``answer``: of invocations that are waited for; ``error``: Lambda's word for a function that raised."""
        self._script = deque(script)
        self._answer, self._error = answer or {"problem": None}, error
        self._lock = threading.Lock()
        self.asked: list[str] = []
        """The kinds of invocation, in the order they came."""
        self.accepted: list[Invocation] = []
        """The asynchronous ones that were not refused."""
        self.closed = False

    def invoke(self, **request: Any) -> dict[str, Any]:
        """As boto3's."""
        with self._lock:
            self.asked.append(request["InvocationType"])
            refused = self._script.popleft() if self._script else None
            if refused is not None:
                raise refused
            if request["InvocationType"] == "Event":
                self.accepted.append(Invocation.from_event(json.loads(request["Payload"])))
                return {"StatusCode": 202}
        answer = {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(self._answer).encode())}
        return {**answer, "FunctionError": self._error} if self._error else answer

    def close(self) -> None:
        """As boto3's."""
        self.closed = True
