"""Invokes a Lambda function, with retries after throttling and transient errors, and while the function is not ready.

boto3's own retries are off, because they count throttles like failures and hide both.
"""

import json
import logging
import math
import random
from collections.abc import Callable
from typing import Any

from uitest import aws
from uitest.errors import BrokenFunction, ExecutorError

LOGGER = logging.getLogger(__name__)

TRIES = 6
"""Maximum number of times that a request is sent when the network or Lambda fails, within some seconds."""
MIN_PAUSE_S, MAX_PAUSE_S = 0.1, 5.0

RESPONSE_TIMEOUT_S = 120.0
"""Timeout of a function's response: longer than the start of a container image that is not cached."""

NOT_READY = frozenset(
    {
        "CodeArtifactUserDeletedException",
        "CodeArtifactUserPendingException",
        "ENINotReadyException",
        "ResourceConflictException",
        "ResourceNotReadyException",
    }
)
"""Error codes of a function that is being created, changed, or prepared again because nobody used it for weeks: those
for which https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (read 2026-11) says to wait. The state machine's
tasks retry the same ones."""
NOT_READY_S = 300.0
"""Time to wait for such a function: people saw 40 to 106 s for one that had been idle for weeks."""
NOT_READY_PAUSE_S = 5.0


class LambdaFunction:
    """A function by its name or ARN; thread-safe.

    Every method raises ExecutorError, with the reason and what to do, for a function that is missing or broken, or
    without permission to invoke it.
    """

    def __init__(self, name: str, wait: Callable[[float], bool], threads: int = 1, client: Any = None) -> None:
        """``wait`` pauses for a number of seconds, and returns True if it was woken because the run stops."""
        self.name = name
        self._wait = wait
        self._resource = aws.Resource(
            "lambda", f"Lambda function {name!r}", "deploy it, or name another with --function"
        )
        with aws.translating(ExecutorError, self._resource):
            self._client = client or aws.client(
                "lambda", read_timeout=RESPONSE_TIMEOUT_S, attempts=1, connections=threads
            )

    def send(self, payload: bytes) -> bool:
        """Invoke the function asynchronously and return when Lambda has accepted it; False if ``wait`` was woken."""
        return self._invoke("Event", payload, math.inf) is not None

    def request(self, payload: bytes) -> dict[str, Any] | None:
        """Invoke the function and return its result; None if it stays throttled for some seconds.

        Raises BrokenFunction if the function raised an exception.
        """
        response = self._invoke("RequestResponse", payload, TRIES)
        if response is None:
            return None
        result: Any = json.loads(response["Payload"].read() or b"null")
        if "FunctionError" in response or not isinstance(result, dict):
            error = result if isinstance(result, dict) else {}
            why = ": ".join(str(error[name]) for name in ("errorType", "errorMessage") if error.get(name))
            raise BrokenFunction(
                f"{self._resource.name} is broken ({why or repr(result)}); its log in CloudWatch says more"
            )
        return result

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def _invoke(self, kind: str, payload: bytes, most_throttles: float) -> Any:
        """Lambda's response; None after too many throttles or if ``wait`` was woken. Pauses grow with each try."""
        throttled = failed = 0
        unready_s = 0.0
        while True:
            try:
                return self._client.invoke(FunctionName=self.name, InvocationType=kind, Payload=payload)
            except Exception as exc:
                message = aws.explain(exc, self._resource)
                if message is None:
                    raise
                is_throttle, is_unready = _code(exc) in aws.THROTTLED, _code(exc) in NOT_READY
                is_passing = not is_unready and _is_transient(exc, kind)
                throttled, failed = throttled + is_throttle, failed + is_passing
                if is_unready and unready_s >= NOT_READY_S:
                    raise ExecutorError(f"{message} (waited {NOT_READY_S:.0f} s for it)") from exc
                if not (is_throttle or is_unready or (is_passing and failed < TRIES)):
                    raise ExecutorError(message) from exc
                LOGGER.info("Lambda refused an invocation, trying again: %s", message, exc_info=True)
            longest = min(MAX_PAUSE_S, MIN_PAUSE_S * 2 ** min(throttled + failed, 10))
            pause = NOT_READY_PAUSE_S if is_unready else random.uniform(0, longest)  # noqa: S311  (jitter)
            unready_s += pause * is_unready
            if throttled >= most_throttles or self._wait(pause):
                return None


def _code(exc: Exception) -> str:
    """The error code of an AWS response, else empty."""
    answer = getattr(exc, "response", None) or {}  # None in botocore's errors of the request itself
    return str(answer.get("Error", {}).get("Code", ""))


def _is_transient(exc: Exception, kind: str) -> bool:
    """Whether the same request may succeed soon; not after a timeout of ``RESPONSE_TIMEOUT_S``."""
    from botocore import exceptions as boto

    if isinstance(exc, boto.ClientError):
        status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return bool(status >= 500)
    if isinstance(exc, boto.ReadTimeoutError):
        return kind == "Event"
    return isinstance(exc, boto.ConnectionError | boto.HTTPClientError)
