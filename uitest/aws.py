"""The door to AWS: clients with sensible limits, and botocore's many errors as one line each.

boto3 takes 0.3 s to import, so it is imported when the first client is made and never with this module.
Clients follow boto3's own environment (profiles, roles, ``AWS_ENDPOINT_URL``, ...).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from uitest.compat import botocore_private
from uitest.errors import UitestError

DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "UnauthorizedOperation",
    "403",
}
BAD_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
MISSING = {"NoSuchBucket", "NotFound", "ResourceNotFoundException", "StateMachineDoesNotExist", "404"}
THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
ELSEWHERE = {"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}

ACTIONS = {"Invoke": "InvokeFunction", "ListObjectsV2": "ListBucket", "DeleteObjects": "DeleteObject"}
"""Operations whose IAM action has another name."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What a request is about, in the words of an error message."""

    service: str
    """As in IAM actions: ``dynamodb``, ``s3``."""
    name: str
    """For example ``DynamoDB table 'uitest-status'``."""
    remedy: str = "create it, or name another"
    """What to do when it does not exist."""


def client(service: str, *, read_timeout: float = 30, attempts: int = 6, connections: int = 50) -> Any:
    """A low-level client, safe to share between threads.

    ``attempts`` counts the first try. ``AWS_REGION`` counts as well as boto3's ``AWS_DEFAULT_REGION``:
    Lambda and CodeBuild set both, people often only the shorter one. Raises botocore's errors; see
    ``translating``.
    """
    import boto3
    import botocore.session
    from botocore.config import Config

    core = botocore.session.Session()
    botocore_private.share_descriptions(core)
    return boto3.session.Session(botocore_session=core).client(
        service,
        region_name=os.environ.get("AWS_REGION") or None,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=5,
            read_timeout=read_timeout,
            max_pool_connections=connections,
        ),
    )


@contextmanager
def translating(error: type[UitestError], resource: Resource) -> Iterator[None]:
    """Errors of boto3 inside the block leave it as ``error``; all others leave it as they are."""
    try:
        yield
    except Exception as exc:
        message = explain(exc, resource)
        if message is None:
            raise
        raise error(message) from exc


def explain(exc: Exception, resource: Resource) -> str | None:
    """One line that says what is wrong and what to do; None if the error is not boto3's."""
    from botocore import exceptions as boto

    if isinstance(exc, boto.ClientError):
        text = _explain_answer(exc, resource)
    elif isinstance(exc, boto.NoRegionError):
        text = f"no AWS region is set for {resource.name}; set one, for example AWS_REGION=eu-west-1"
    elif isinstance(
        exc,
        boto.NoCredentialsError
        | boto.PartialCredentialsError
        | boto.CredentialRetrievalError
        | boto.ProfileNotFound
        | boto.SSOError
        | boto.TokenRetrievalError,
    ):
        text = (
            f"no usable AWS credentials for {resource.name} ({exc}); "
            "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a role"
        )
    elif isinstance(exc, boto.ConnectionError | boto.HTTPClientError):
        text = f"cannot reach {resource.name} ({exc}); check the network, AWS_REGION and AWS_ENDPOINT_URL"
    elif isinstance(exc, boto.BotoCoreError) or (isinstance(exc, ValueError) and "endpoint" in str(exc)):
        text = f"cannot use {resource.name}: {exc}"
    else:
        return None
    return " ".join(text.split())


def _explain_answer(exc: Any, resource: Resource) -> str:
    """The same for a ClientError: AWS answered, and the answer was no."""
    answer = exc.response.get("Error", {})
    code, said = str(answer.get("Code", "")), answer.get("Message") or "no reason given"
    operation = exc.operation_name
    action = f"{resource.service}:{ACTIONS.get(operation, operation)}"
    if code in MISSING:
        return f"{resource.name} does not exist in this account and region; {resource.remedy}"
    if code in DENIED:
        return f"no permission for {action} on {resource.name}; allow it in the IAM policy (AWS says: {said})"
    if code in BAD_CREDENTIALS:
        return f"AWS refuses the credentials for {resource.name} ({code}: {said}); renew them"
    if code in THROTTLED:
        return f"AWS keeps throttling {action} on {resource.name}; raise its capacity or use fewer workers"
    if code in ELSEWHERE:
        return f"{resource.name} is in another region (AWS says: {said}); set AWS_REGION to that one"
    return f"{action} on {resource.name} failed with {code}: {said}"
