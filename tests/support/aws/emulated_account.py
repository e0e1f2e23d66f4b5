"""An emulated account that ``uitest deploy`` can deploy all of the stack to, and the command as a process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.aws.servers import FAKE_AWS, fake_client
from uitest.browsers.process.process_group import DriverProcess, free_port

SOURCE = ("--parameter", "SourceKind=s3", "--parameter", "SourceRepository=b")
LIMIT_S = 120


@dataclass(frozen=True)
class Aws:
    """An emulated account, and the repository that is deployed to it."""

    url: str
    folder: Path

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """The command, running."""
        environ = {**os.environ, **FAKE_AWS, "AWS_ENDPOINT_URL": self.url, "AWS_REGION": "eu-west-1"}
        return subprocess.Popen(
            [sys.executable, "-m", "uitest", *words], env=environ, cwd=self.folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        """Standard output and error of the command, its exit code checked."""
        process = self.start(*words)
        output, errors = process.communicate(timeout=LIMIT_S)
        assert process.returncode == code, f"{output}\n{errors}"
        return output, errors

    @contextmanager
    def client(self, service: str) -> Iterator[Any]:
        """Of a service."""
        client = fake_client(service, self.url)
        try:
            yield client
        finally:
            client.close()


@contextmanager
def account(folder: Path, **environ: str) -> Iterator[Aws]:
    """One that nobody else has; ``environ`` is for ``tests.support.aws.formation``."""
    (folder / "cases").mkdir()
    (folder / "cases" / "test_shop.py").write_text("def test_shop(driver): pass\n")
    port = free_port()
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    settings = {
        "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "DOCKER_HOST": "unix:///dev/null",
        "SFTP_ENABLED": "0", "IOT_MTLS_ENABLED": "0", "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    words = [sys.executable, "-m", "tests.support.aws.formation"]
    server = DriverProcess(words, {**inherited, **settings, **environ}, port=port)
    try:
        yield Aws(server.url, folder)
    finally:
        server.stop()
