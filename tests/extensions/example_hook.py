"""A pytest plugin that is told of each attempt of a run."""

import os
from pathlib import Path

import pytest

from uitest.types import Attempt, Job


@pytest.hookimpl(optionalhook=True)
def pytest_uitest_attempt_finished(item: pytest.Item, run: str, job: Job, attempt: Attempt) -> None:
    """Append a line to a file; ``optionalhook`` lets pytest start where uitest is not installed."""
    with Path(os.environ.get("ATTEMPTS_FILE", os.devnull)).open("a") as file:
        file.write(f"{run} {job.module} {job.case} {job.browser} {attempt.number} {attempt.verdict} {item.name}\n")
