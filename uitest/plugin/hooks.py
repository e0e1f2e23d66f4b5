"""pytest hooks that other plugins and conftest files may implement."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from uitest.model import Attempt, Job


def pytest_uitest_attempt_finished(item: pytest.Item, run: str, job: "Job", attempt: "Attempt") -> None:
    """Called after each attempt of a run, in the worker that made it, just before the attempt is reported.

    :param item: the test that ran.
    :param run: the run's id.
    :param job: module, case and browser.
    :param attempt: what is about to be reported; its artifacts are kept already.

    What an implementation raises becomes a warning of the attempt and changes no verdict.
    """
