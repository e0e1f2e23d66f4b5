"""DynamoDB, S3 and SNS on 127.0.0.1: the emulator ministack, in a process of its own that cannot outlive us.

ministack rather than moto, because its DynamoDB stays atomic when many write at once, and claims are made of nothing
else. It keeps everything in memory and gets no more of this process's environment than it needs: no credentials, no
Docker (it would stop the containers that another ministack has left there), no state of earlier times. Given up: time
to live, throttling and permissions, which it does not have.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

from uitest.browsers.process.process_group import DriverProcess, free_port
from uitest.errors import BrowserError, ExecutorError, UsageError

SERVICES = ("dynamodb", "s3", "sns")

PACKAGES = ("ministack", "awslambdaric")
"""What an account on this machine needs beside uitest itself: the extra ``local-aws``."""

INHERITED = ("PATH", "PYTHONPATH", "LANG")


def check_packages(names: Sequence[str] = PACKAGES) -> None:
    """Raises UsageError if one of them is missing."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"local AWS needs {' and '.join(missing)}; install it with: "
            f"pip install {' '.join(missing)} (both are in the extra uitest[local-aws])"
        )


@contextmanager
def emulator(services: Sequence[str] = SERVICES) -> Iterator[str]:
    """Its address, while the block lasts. Raises UsageError if it is not installed, ExecutorError if it fails."""
    check_packages()
    port = free_port()
    environ = {
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SERVICES": ",".join(services),
        "DOCKER_HOST": "unix:///dev/null",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "ERROR",
    }
    try:
        server = DriverProcess([sys.executable, "-m", "ministack"], environ, port=port)
    except BrowserError as exc:
        raise ExecutorError(f"the emulator ministack does not start: {exc}") from exc
    try:
        yield server.url
    finally:
        server.stop()
