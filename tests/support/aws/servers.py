"""AWS as tests know it: credentials that open nothing, and clients that use them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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


@contextmanager
def interpreter(aws: str, functions: str) -> Iterator[str]:
    """moto's interpreter of state machines: its endpoint; their tasks use S3 of ``aws`` and Lambda of ``functions``."""
    environment = {**os.environ, **FAKE_AWS, "AWS_ENDPOINT_URL_S3": aws, "AWS_ENDPOINT_URL_LAMBDA": functions}
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.aws.interpreter"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[3], text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        assert port.isdigit(), "the interpreter ended"
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate()
