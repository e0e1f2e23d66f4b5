"""Where the time of a run went."""

from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.support.properties import quick
from uitest.model import Attempt, Job, JobRow, TimeCategory, Verdict
from uitest.reporting.usage.profile_table import show
from uitest.reporting.usage.time_profile import COLLECT, IDLE, KEEP, profile


def row(number: int, owner: str, started: float, took: float, **spent: float) -> JobRow:
    attempt = Attempt(1, owner, Verdict.PASSED, started, took, spent=spent)
    return JobRow(Job("m", f"c{number}", "chrome"), attempt=1, attempts=(attempt,))


def test_profile_sums_categories_of_this_run() -> None:
    """Each category is summed over the attempts of this run; older attempts are left out."""
    rows = [
        row(1, "a", 101.0, 4.0, navigation=1.0, commands=2.0, browser=0.5),
        row(2, "b", 102.0, 2.0, commands=1.0, waits=1.0),
        row(3, "old", 50.0, 9.0, commands=9.0),
    ]
    result = profile(rows, 2, 100.0, 110.0)
    parts = dict(result.parts)
    assert (result.workers, result.seconds) == (2, 10.0)
    assert (parts[COLLECT], parts[IDLE], parts[KEEP]) == (3.0, 11.0, pytest.approx(0.5))
    assert (parts["navigation"], parts["commands"], parts["waits"], parts["browser start"]) == (1.0, 3.0, 1.0, 0.5)


def test_profile_counts_commands_of_this_run() -> None:
    """Commands are summed over the attempts of this run, and shown below the table."""
    rows = [row(1, "a", 101.0, 4.0), row(2, "b", 102.0, 2.0), row(3, "old", 50.0, 9.0)]
    for number, counts in enumerate(({"direct": 1000, "forwarded": 2}, {"forwarded": 5}, {"direct": 7})):
        attempt = replace(rows[number].attempts[0], commands=counts)
        rows[number] = replace(rows[number], attempts=(Attempt.from_json(attempt.to_json()),))
    result = profile(rows, 2, 100.0, 110.0)
    assert (result.direct, result.forwarded) == (1000, 7)
    console = Console(record=True, file=StringIO())
    show(console, result)
    assert "Commands: 1,000 answered directly, 7 forwarded to the drivers" in console.export_text()


@quick
@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 3), st.floats(0.1, 5), st.floats(0, 1), st.floats(0, 1)), max_size=8),
)
def test_profile_adds_up_to_worker_seconds(workers: int, cases: list[tuple[int, float, float, float]]) -> None:
    """The parts add up to workers times duration."""
    ends = [101.0] * workers
    rows = []
    for number, (worker, duration, commands, waits) in enumerate(cases):
        worker %= workers
        share = duration / 2
        spent = {TimeCategory.COMMANDS.value: commands * share, TimeCategory.WAITS.value: waits * share}
        rows.append(row(number, str(worker), ends[worker], duration, **spent))
        ends[worker] += duration
    result = profile(rows, workers, 100.0, max(ends))
    assert all(seconds >= 0 for _, seconds in result.parts)
    assert sum(seconds for _, seconds in result.parts) == pytest.approx(workers * result.seconds)


def test_profile_without_attempts_is_all_start_time() -> None:
    """A run without attempts counts all time as start."""
    assert dict(profile([], 2, 100.0, 101.0).parts)[COLLECT] == 2.0
