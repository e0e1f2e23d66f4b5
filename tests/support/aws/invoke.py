"""A Lambda environment without Lambda: ``python -m tests.support.aws.invoke SECONDS`` answers one event a line.

The handler kills whatever children its process has, so it gets a process of its own. Each answer is a line of JSON:
the summary, or ``{"error": ...}``; then ``lasted_s``, and what it left behind, as ``children`` and ``files``.
"""

import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path

from lambda_runner import subreaper
from lambda_runner.handler import handle
from uitest.errors import UitestError


class Context:
    """A function with so much time and 2 GB."""

    memory_limit_in_mb = "2048"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        """Always all of it: it is asked once, at the beginning."""
        return int(self._seconds * 1000)


def main(seconds: float) -> None:
    """Answer until standard input ends."""
    for line in sys.stdin:
        began = time.monotonic()
        try:
            with contextlib.redirect_stdout(sys.stderr):
                answer = handle(json.loads(line), Context(seconds))
        except UitestError as exc:
            answer = {"error": str(exc)}
        left = {"children": len(subreaper.children()), "files": len(list(Path(tempfile.gettempdir()).iterdir()))}
        print(json.dumps({**answer, **left, "lasted_s": time.monotonic() - began}), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]))
