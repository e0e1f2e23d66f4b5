"""Runs the emulator ministack with DynamoDB, S3 and SNS on 127.0.0.1, in a guarded process that ends with this one.

ministack is used instead of moto because its DynamoDB is atomic under concurrent writes, which claims rely on. It keeps
everything in memory and gets a minimal environment: no credentials, no Docker (it would stop the containers of another
ministack), no earlier state. Trade-off: it has no time to live, throttling or permissions.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

from uitest import distribution
from uitest.browsers.process.process_group import DriverProcess, free_port
from uitest.errors import BrowserError, ExecutorError, UsageError

SERVICES = ("dynamodb", "s3", "sns")

PACKAGES = ("ministack", "awslambdaric")
"""Packages that the emulated account needs: those of the extra ``local-aws``."""

INHERITED = ("PATH", "PYTHONPATH", "LANG")


def check_packages(names: Sequence[str] = PACKAGES) -> None:
    """Raises UsageError if one of these packages is missing."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"local AWS needs {' and '.join(missing)}; install it with: "
            f"pip install {' '.join(missing)} (both are in the extra {distribution.NAME}[local-aws])"
        )


@contextmanager
def emulator(services: Sequence[str] = SERVICES) -> Iterator[str]:
    """Run the emulator during the block; yields its address. Raises UsageError if it is missing, ExecutorError."""
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
