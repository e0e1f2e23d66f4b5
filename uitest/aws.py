"""Creates AWS clients with sensible limits, and translates botocore's errors into one-line messages.

boto3 takes 0.3 s to import, so it is imported with the first client and never with this module. Clients follow boto3's
environment (profiles, roles, ``AWS_ENDPOINT_URL``, ...).
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
INVALID = "ValidationError"
"""CloudFormation's code for a wrong template, parameter or state."""
WRONG_REGION = {"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}

ACTIONS = {"Invoke": "InvokeFunction", "ListObjectsV2": "ListBucket", "DeleteObjects": "DeleteObject"}
"""IAM actions of operations whose names differ."""


@dataclass(frozen=True, slots=True)
class Resource:
    """The resource of a request, as error messages name it."""

    service: str
    """Prefix of its IAM actions: ``dynamodb``, ``s3``."""
    name: str
    """For example ``DynamoDB table 'uitest-status'``."""
    remedy: str = "create it, or name another"
    """What to do when it does not exist."""


def client(
    service: str, *, region: str | None = None, read_timeout: float = 30, attempts: int = 6, connections: int = 50
) -> Any:
    """A thread-safe low-level client.

    ``attempts`` includes the first try. ``region`` is read from the environment where it is not given: ``AWS_REGION``
    in addition to boto3's ``AWS_DEFAULT_REGION``, since people often set only the shorter one. Raises botocore's
    errors; see ``translating``.
    """
    import boto3
    import botocore.session
    from botocore.config import Config

    core = botocore.session.Session()
    botocore_private.share_descriptions(core)
    return boto3.session.Session(botocore_session=core).client(
        service,
        region_name=region or os.environ.get("AWS_REGION") or None,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=5,
            read_timeout=read_timeout,
            max_pool_connections=connections,
        ),
    )


@contextmanager
def translating(error: type[UitestError], resource: Resource) -> Iterator[None]:
    """Translate boto3's errors in the block into ``error``; other exceptions are not changed."""
    try:
        yield
    except Exception as exc:
        message = explain(exc, resource)
        if message is None:
            raise
        raise error(message) from exc


def explain(exc: Exception, resource: Resource) -> str | None:
    """A one-line message for one of boto3's errors, with what to do; None for other exceptions."""
    from botocore import exceptions as boto

    if isinstance(exc, boto.ClientError):
        text = _explain_client_error(exc, resource)
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


def _explain_client_error(exc: Any, resource: Resource) -> str:
    """The message for a ClientError, which is an error response from AWS."""
    error = exc.response.get("Error", {})
    code, message = str(error.get("Code", "")), error.get("Message") or "no reason given"
    operation = exc.operation_name
    action = f"{resource.service}:{ACTIONS.get(operation, operation)}"
    if code in MISSING:
        return f"{resource.name} does not exist in this account and region; {resource.remedy}"
    if code in DENIED:
        return f"no permission for {action} on {resource.name}; allow it in the IAM policy (AWS says: {message})"
    if code in BAD_CREDENTIALS:
        return f"AWS refuses the credentials for {resource.name} ({code}: {message}); renew them"
    if code in THROTTLED:
        return f"AWS keeps throttling {action} on {resource.name}; raise its capacity or use fewer workers"
    if code in WRONG_REGION:
        return f"{resource.name} is in another region (AWS says: {message}); set AWS_REGION to that one"
    if code == INVALID:
        return f"AWS refuses {action} on {resource.name}: {message.rstrip('.')}; correct what it names"
    return f"{action} on {resource.name} failed with {code}: {message}"
