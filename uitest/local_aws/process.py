"""A Lambda environment as a process that runs the real handler with AWS's runtime client.

The process has its own process group and temporary folder, which both end with it or with this process. Between two
invocations it can be frozen (SIGSTOP), as in Lambda. Trade-off: there is no limit on memory and processor time, no
read-only file system and no sandbox; the container tests have these.
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
from pathlib import Path

from uitest import log
from uitest.browsers.process.process_group import GuardedProcess
from uitest.local_aws.environments import Answer, Delivery, failure
from uitest.local_aws.faults import Fate
from uitest.local_aws.runtime import Runtime
from uitest.system.scratch_dirs import scratch

POLL_S = 0.05
"""Interval of checks whether the process has died."""


@dataclass(frozen=True)
class Image:
    """Handler and settings of a function's environments."""

    function: str = "uitest"
    handler: str = "lambda_runner.handler.handle"
    memory_mb: int = 2048
    environ: Mapping[str, str] = field(default_factory=dict)
    """Variables in addition to those of this process."""
    freeze: bool = False
    """Freeze the process between two invocations."""
    fault_after_s: float = 0.2
    """Seconds after which a fault is injected into a delivery."""
    late_s: float = 70.0
    """Seconds for which a late delivery is stopped."""


class ProcessEnvironment:
    """One environment."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._cleanup = ExitStack()
        folder = self._cleanup.enter_context(scratch("function"))
        self._relay = log.Relay(Path(folder) / "log.txt")
        self._cleanup.callback(self._relay.copy)
        self._runtime = self._cleanup.enter_context(Runtime(image.function))
        environ = {
            **os.environ,
            **image.environ,
            "AWS_LAMBDA_RUNTIME_API": self._runtime.address,
            "AWS_LAMBDA_FUNCTION_NAME": image.function,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(image.memory_mb),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            **(self._relay.environ() or {log.VARIABLE: "error"}),  # it would log to what is kept of its output
        }
        self._process = GuardedProcess([sys.executable, "-P", "-m", "awslambdaric", image.handler], environ)
        self._cleanup.callback(self._process.stop)

    def invoke(self, delivery: Delivery) -> Answer:
        """Call the handler; a handler that times out ends the environment."""
        self._signal(signal.SIGCONT)
        self._runtime.offer(delivery)
        strike = threading.Timer(self._image.fault_after_s, self._inject_fault, (delivery.fate,))
        strike.daemon = True  # a late delivery must not delay the end of this process
        if delivery.fate is not Fate.FINE:
            strike.start()
        try:
            answer = self._wait(delivery.deadline)
        finally:
            strike.cancel()
        if self._image.freeze and self.is_alive():
            self._signal(signal.SIGSTOP)
        return answer

    @property
    def group(self) -> int:
        """Id of the process and of the group that it leads."""
        return self._process.group

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process with everything it has started."""
        self._cleanup.close()

    def _wait(self, deadline: float) -> Answer:
        while (remaining := deadline - time.time()) > 0:
            answer = self._runtime.take(min(POLL_S, remaining))
            self._relay.copy()
            if answer is not None:
                return answer
            if not self.is_alive():
                output = " | ".join(self._process.output().strip().splitlines()[-3:])
                return self._runtime.take(0) or failure("Runtime.ExitError", f"the environment ended: {output}")
        self._process.stop()
        return failure("Sandbox.Timedout", "Task timed out")

    def _inject_fault(self, fate: Fate) -> None:
        if fate is Fate.KILLED:
            self._signal(signal.SIGKILL)
            return
        self._signal(signal.SIGSTOP)
        time.sleep(self._image.late_s)
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.group, number)
