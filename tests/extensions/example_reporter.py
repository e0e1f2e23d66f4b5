"""A reporter that leaves a file with a line for each job: ``--reporter lines``."""

import os
from collections.abc import Sequence
from pathlib import Path

from uitest.types import JobRow, Reporter, Run


class LinesReporter:
    """Writes when the run is over."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        pass

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        lines = [f"{run.id} {row.job.case} {row.attempts[-1].verdict}" for row in rows if row.attempts]
        self._path.write_text("\n".join(lines) + "\n")


def make() -> Reporter:
    """One that writes to the file that a variable names."""
    return LinesReporter(Path(os.environ.get("LINES_FILE", "lines.txt")))
