"""One Lambda function, invoked: what Lambda answers, and when to ask it again.

boto3's own retries are off: they would count throttles, which only mean "later", like failures, and hide both.
"""

import json
import logging
import math
import random
from collections.abc import Callable
from typing import Any

from uitest import aws
from uitest.errors import ExecutorError

LOGGER = logging.getLogger(__name__)

TRIES = 6
"""How often a request is sent that the network or Lambda itself fails at, within some seconds."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0

ANSWER_S = 120.0
"""How long to wait for the answer of a function: longer than the start of a container image that is not cached."""

NOT_YET = {"ResourceConflictException", "ResourceNotReadyException"}
"""The function is being made or changed."""


class LambdaFunction:
    """A function by its name or ARN; safe to share between threads.

    Every method raises ExecutorError, with the reason and what to do, for a function that is missing, broken or not
    ours to invoke.
    """

    def __init__(self, name: str, wait: Callable[[float], bool], threads: int = 1, client: Any = None) -> None:
        """``wait`` pauses for so many seconds and is True if it was woken to give up."""
        self.name = name
        self._wait = wait
        self._resource = aws.Resource(
            "lambda", f"Lambda function {name!r}", "deploy it, or name another with --function"
        )
        with aws.translating(ExecutorError, self._resource):
            self._client = client or aws.client("lambda", read_timeout=ANSWER_S, attempts=1, connections=threads)

    def send(self, payload: bytes) -> bool:
        """Invoke it and return when Lambda has accepted that, throttled or not; False if ``wait`` said to give up."""
        return self._invoke("Event", payload, math.inf) is not None

    def ask(self, payload: bytes) -> dict[str, Any] | None:
        """Invoke it and return its answer, None if it has too much to do to answer within some seconds.

        Raises ExecutorError if the function raised.
        """
        answer = self._invoke("RequestResponse", payload, TRIES)
        if answer is None:
            return None
        said: Any = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer or not isinstance(said, dict):
            told = said if isinstance(said, dict) else {}
            why = ": ".join(str(told[name]) for name in ("errorType", "errorMessage") if told.get(name))
            raise ExecutorError(
                f"{self._resource.name} is broken ({why or repr(said)}); its log in CloudWatch says more"
            )
        return said

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _invoke(self, kind: str, payload: bytes, most_throttles: float) -> Any:
        """Lambda's answer, None after giving up. Pauses grow from try to try."""
        throttled = failed = 0
        while True:
            try:
                return self._client.invoke(FunctionName=self.name, InvocationType=kind, Payload=payload)
            except Exception as exc:
                message = aws.explain(exc, self._resource)
                if message is None:
                    raise
                is_throttle, is_passing = _code(exc) in aws.THROTTLED, _is_passing(exc, kind)
                throttled, failed = throttled + is_throttle, failed + is_passing
                if not (is_throttle or (is_passing and failed < TRIES)):
                    raise ExecutorError(message) from exc
                LOGGER.info("Lambda refused an invocation, trying again: %s", message, exc_info=True)
            longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(throttled + failed, 10))
            if throttled >= most_throttles or self._wait(random.uniform(0, longest)):  # noqa: S311  (jitter)
                return None


def _code(exc: Exception) -> str:
    """AWS's word for an error it answered with, else nothing."""
    answer = getattr(exc, "response", None) or {}  # None in errors that botocore has of requests
    return str(answer.get("Error", {}).get("Code", ""))


def _is_passing(exc: Exception, kind: str) -> bool:
    """Whether the same request may well succeed in a moment; not one that ``ANSWER_S`` was too short for."""
    from botocore import exceptions as boto

    if isinstance(exc, boto.ClientError):
        status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or _code(exc) in NOT_YET
    if isinstance(exc, boto.ReadTimeoutError):
        return kind == "Event"
    return isinstance(exc, boto.ConnectionError | boto.HTTPClientError)
