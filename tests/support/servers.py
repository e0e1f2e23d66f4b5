"""AWS as tests know it: credentials that open nothing, and clients that use them."""

from typing import Any

import boto3
from botocore.config import Config

FAKE_AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-west-1"}


def fake_client(
    service: str, endpoint: str | None = None, connections: int = 20, retries: dict[str, Any] | None = None
) -> Any:
    """A client that reaches nothing but an emulator; ``retries`` as botocore's."""
    return boto3.session.Session().client(
        service,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        endpoint_url=endpoint,
        config=Config(max_pool_connections=connections, retries=retries),
    )
