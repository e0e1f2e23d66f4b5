"""Servers for tests, on 127.0.0.1 and a free port each."""

import os
import socket
import subprocess
import sys
import time
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


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def ministack(folder: Path, services: str = "dynamodb,s3,sns,sqs") -> Iterator[str]:
    """The AWS emulator ministack, whose DynamoDB is atomic: its endpoint; its files go to ``folder``."""
    port = free_port()
    environment = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SERVICES": services,
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "ERROR",
        "TMPDIR": str(folder),
    }
    log = folder / "ministack.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=environment, stdout=output, stderr=output, cwd=folder
        )
    try:
        for _ in range(600):
            if server.poll() is not None:
                raise RuntimeError(f"ministack ended: {log.read_text()}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def interpreter(aws: str, functions: str) -> Iterator[str]:
    """moto's interpreter of state machines: its endpoint; their tasks use S3 of ``aws`` and Lambda of ``functions``."""
    environment = {**os.environ, **FAKE_AWS, "AWS_ENDPOINT_URL_S3": aws, "AWS_ENDPOINT_URL_LAMBDA": functions}
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.interpreter"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2], text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        assert port.isdigit(), "the interpreter ended"
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate()
