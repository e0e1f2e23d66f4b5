"""What becomes of a reporter that breaks."""

from typing import Any

import pytest

from tests.support.builders import make_run
from uitest.run.reporters import Reporters


class Broken:
    """Cannot report anything."""

    def update(self, *_: Any) -> None:
        raise OSError("no paper")

    def finish(self, *_: Any) -> None:
        raise OSError("no ink")


def test_broken_reporter_leaves_its_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Each time it breaks; the user is told once."""
    reporters = Reporters([Broken()])
    for _ in range(2):
        reporters.update(make_run(), [], 1.0)
    reporters.finish(make_run(), [], 2.0)
    assert reporters.problems == ["Broken stopped working: OSError: no paper"]
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["no paper", "no ink"]
