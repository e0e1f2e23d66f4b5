"""An environment as Lambda has them: a process with AWS's runtime client, which runs the real handler.

It is a process group of its own with a scratch folder for temporary files, both of which end with it or with us.
Between two invocations it can be ``frozen``, as Lambda does: stopped without being asked. Given up: limits on memory
and processor time, a read-only file system, the sandbox; containers have those.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from uitest.browsers.process.process_group import GuardedProcess
from uitest.local_aws.environments import Answer, Delivery, failure
from uitest.local_aws.faults import Fate
from uitest.local_aws.runtime import Runtime

LOOK_S = 0.05
"""How soon a process that died is noticed."""


@dataclass(frozen=True)
class Image:
    """What runs in the environments of a function."""

    function: str = "uitest"
    handler: str = "lambda_runner.handler.handle"
    memory_mb: int = 2048
    environ: Mapping[str, str] = field(default_factory=dict)
    """Variables beside this process's own."""
    freeze: bool = False
    """Stop the process between two invocations."""
    fault_after_s: float = 0.2
    """How far into a delivery its fate strikes."""
    late_s: float = 70.0
    """For how long a late one stands still."""


class ProcessEnvironment:
    """One of them."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._cleanup = ExitStack()
        self._runtime = self._cleanup.enter_context(Runtime(image.function))
        environ = {
            **os.environ,
            **image.environ,
            "AWS_LAMBDA_RUNTIME_API": self._runtime.address,
            "AWS_LAMBDA_FUNCTION_NAME": image.function,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(image.memory_mb),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        }
        self._process = GuardedProcess([sys.executable, "-m", "awslambdaric", image.handler], environ)
        self._cleanup.callback(self._process.stop)

    def invoke(self, delivery: Delivery) -> Answer:
        """Have the handler called; the environment dies with a handler that takes too long."""
        self._signal(signal.SIGCONT)
        self._runtime.offer(delivery)
        strike = threading.Timer(self._image.fault_after_s, self._strike, (delivery.fate,))
        strike.daemon = True  # one that stands still must not hold up the end of this process
        if delivery.fate is not Fate.FINE:
            strike.start()
        try:
            answer = self._wait(delivery.deadline)
        finally:
            strike.cancel()
        if self._image.freeze and self.is_alive():
            self._signal(signal.SIGSTOP)
        return answer

    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process and all it has started."""
        self._cleanup.close()

    def _wait(self, deadline: float) -> Answer:
        while (left := deadline - time.time()) > 0:
            answer = self._runtime.take(min(LOOK_S, left))
            if answer is not None:
                return answer
            if not self.is_alive():
                said = " | ".join(self._process.output().strip().splitlines()[-3:])
                return self._runtime.take(0) or failure("Runtime.ExitError", f"the environment ended: {said}")
        self._process.stop()
        return failure("Sandbox.Timedout", "Task timed out")

    def _strike(self, fate: Fate) -> None:
        if fate is Fate.KILLED:
            self._signal(signal.SIGKILL)
            return
        self._signal(signal.SIGSTOP)
        time.sleep(self._image.late_s)
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.group, number)
