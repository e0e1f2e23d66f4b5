"""The log of the image's functions: lines of JSON on standard error, which Lambda sends to CloudWatch.

Each line says what it is about (``run``, ``job``, ``attempt``, ``request``), so that Logs Insights can filter by it:
``filter run = "20260131-093000-1f2e" and level = "warning"``. UITEST_LOG among the function's variables changes the
level, which is ``info`` otherwise.
"""

import os

from uitest import log
from uitest.errors import UsageError


def start() -> None:
    """Begin to log, if this is Lambda and nothing is logged yet; Lambda's own handler would log all once more.

    A variable that cannot be understood costs its level and no invocation.
    """
    if "AWS_LAMBDA_RUNTIME_API" not in os.environ or log.installed() is not None:
        return
    environ = {**os.environ, log.FORMAT: "json"}
    try:
        settings = log.LogSettings.from_environ({log.VARIABLE: "info", **environ})
        log.start(settings, shared=False)
    except UsageError as exc:
        log.start(log.LogSettings.from_environ({**environ, log.VARIABLE: "info"}), shared=False)
        log.LOGGER.warning("%s", exc)
