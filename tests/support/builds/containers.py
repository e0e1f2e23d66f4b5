"""Containers of the image ``uitest``, on the host's network; what they bind is on loopback."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.builds.buildspecs import Shell, run_shell
from uitest.browsers.process.process_group import free_port
from uitest.local_aws.environments import Answer, Delivery, failure

ROOT = Path(__file__).parents[3]
RIE = ROOT / "tests" / "containers" / "requirements-rie.txt"
PROBE = Path(__file__).with_name("probe.py")

LIMIT_S = 1200
"""No container that is waited for takes nearly so long, on a busy machine either; one that does fails its test."""

MEMORY_MB = 2048
LAMBDA = (
    "--read-only", "--tmpfs", "/tmp:exec,size=512m,mode=1777", "--ipc", "none", "--user", "993:990",  # noqa: S108
    "--memory", f"{MEMORY_MB}m", "--cpus", "1", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
)  # fmt: skip
"""Lambda's limits, as options of ``docker run``: no root, nothing to write to but /tmp, no shared memory, one core."""


def settings(environ: Mapping[str, str]) -> list[str]:
    """Variables as options of ``docker run``."""
    return [word for name, value in environ.items() for word in ("--env", f"{name}={value}")]


@dataclass(frozen=True)
class Engine:
    """A container engine by its client."""

    docker: str

    def call(self, *words: str, code: int = 0) -> str:
        """What a command of the client prints, its exit code checked."""
        result = subprocess.run(
            [self.docker, *words], capture_output=True, text=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL
        )
        assert result.returncode == code, f"exit code {result.returncode}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def run(self, *words: str, options: Sequence[str] = (), code: int = 0) -> str:
        """What a container prints in which the words run as its command."""
        return self.call("run", "--rm", "--init", "--network", "host", *options, "uitest", *words, code=code)


def shell(engine: Engine) -> Shell:
    """One as CodeBuild has it in the image: root's, in the folder with the source, without the image's entry point."""

    def run(script: str, folder: Path, environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        options = ("--rm", "--init", "--network", "host", "--user", "0:0", "--volume", f"{folder}:/src")
        where = ("--workdir", "/src", "--entrypoint", "sh")
        # One stream inside, since the client tells two of them in no order.
        words = (*options, *where, *settings(environ), "uitest", "-c", f"exec 2>&1\n{script}")
        return run_shell([engine.docker, "run", *words])

    return run


def emulator(folder: Path) -> Path:
    """The runtime interface emulator, downloaded to the folder: a program."""
    fetch = ["download", "-q", "--no-deps", "--require-hashes", "-r", str(RIE), "-d", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", *fetch], check=True, timeout=LIMIT_S)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        program = Path(wheel.extract("samcli/local/rapid/aws-lambda-rie-x86_64", folder))
    program.chmod(0o755)
    return program


class LambdaContainer:
    """An environment as Lambda has them: the image under Lambda's limits, events through AWS's emulator of its API."""

    def __init__(self, engine: Engine, rie: Path, environ: Mapping[str, str], image: str = "uitest") -> None:
        self._engine = engine
        port = free_port()
        self._url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        variables = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB), "AWS_LAMBDA_FUNCTION_TIMEOUT": "300"}
        self._id = engine.call(
            "run", "--detach", "--network", "host", *LAMBDA, *settings({**variables, **environ}),
            "--volume", f"{rie}:/rie:ro", "--entrypoint", "/rie", image,
            "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
            "--runtime-api-address", f"127.0.0.1:{free_port()}",
            "/opt/uitest/bin/entrypoint",
        ).strip()  # fmt: skip

    def invoke(self, delivery: Delivery) -> Answer:
        """Have one event handled."""
        while True:
            left = max(1.0, delivery.deadline - time.time())
            try:
                with urllib.request.urlopen(self._url, delivery.payload, left) as answer:  # noqa: S310  our own
                    payload = answer.read()
                break
            except urllib.error.URLError as exc:
                if not self.is_alive() or not isinstance(exc.reason, ConnectionRefusedError):
                    return failure("Runtime.ExitError", f"{exc}: {self.output()}")
                time.sleep(0.05)  # it is about to listen
        return Answer(payload, "Unhandled" if "errorType" in json.loads(payload) else None)

    def probe(self) -> dict[str, Any]:
        """What ``probe`` finds inside."""
        answer: dict[str, Any] = json.loads(self._engine.call("exec", self._id, "python", "-c", PROBE.read_text()))
        return answer

    def output(self) -> str:
        """The end of the function's log."""
        return self._engine.call("logs", "--tail", "30", self._id)

    def is_alive(self) -> bool:
        """Whether the container runs."""
        return self._engine.call("inspect", "--format", "{{.State.Running}}", self._id).strip() == "true"

    def close(self) -> None:
        """End and remove it."""
        self._engine.call("rm", "--force", "--volumes", self._id)
