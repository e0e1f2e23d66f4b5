"""Measures the init phase of this environment, which Lambda bills with its first invocation.

Lambda has always billed it for functions from images, and for all functions since August 2025
(https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/). It lasts from the start of the
environment until the handler is loaded; what Lambda does before it starts this process is not known here.
"""

import os
import time

from uitest.system.process_table import ProcessEntry


class InitPhase:
    """The billed seconds of the init phase, until an invocation takes them."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    @classmethod
    def ending_now(cls) -> "InitPhase":
        """The phase that began with this process."""
        process = ProcessEntry.at(os.getpid())
        if process is None:
            return cls(0.0)
        started = int(process.started) / os.sysconf("SC_CLK_TCK")
        return cls(max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started))

    def take(self) -> float:
        """The seconds for the first caller, 0 for all others."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds
