"""What a run cost."""

import pytest

from tests.support.builders import NOW, make_attempt, make_run
from uitest.model import Job, JobRow
from uitest.reporting.usage.cost import Cost, estimate

DYNAMODB = make_run(settings={"store": "dynamodb:a,b"})


def row(case: str, *attempts: object, claimed: int | None = None) -> JobRow:
    """A job's row."""
    return JobRow(Job("m", case, "chrome"), claimed or len(attempts), None, None, NOW, attempts)  # type: ignore[arg-type]


def billed(number: int = 1, owner: str = "lambda:1", seconds: float = 2.0, **more: object) -> object:
    """An attempt in a function of 2 GB."""
    return make_attempt(number, owner, billed_s=seconds, memory_mb=2048, **more)


def test_local_run_has_no_cost() -> None:
    """A local run has no cost, with any store."""
    assert estimate(DYNAMODB, [row("a", make_attempt()), row("b")]) is None


def test_amounts_count_shared_invocations_once() -> None:
    """Cases of one invocation are one request; each job is planned, claimed and reported."""
    rows = [row("a", billed(owner="lambda:1")), row("b", billed(owner="lambda:1", seconds=1.0)), row("c", claimed=0)]
    assert estimate(DYNAMODB, rows) == Cost(requests=1, gb_s=6.0, writes=3 + 3 + 1)


def test_long_attempts_and_lost_ones() -> None:
    """Heartbeats are writes, a lost attempt has been claimed, and large rows take more units."""
    long = billed(2, "lambda:2", 50.0, duration_s=45.0)
    assert estimate(DYNAMODB, [row("a", long, claimed=2)]) == Cost(1, 100.0, 1 + 1 + (1 + 2) + 1)
    large = [billed(n, f"lambda:{n}", 1.0, detail="x" * 3_000) for n in (1, 2)]
    result = estimate(DYNAMODB, [row("a", *large)])
    assert result is not None
    assert result.writes == 1 + (1 + 4) + (4 + 7)


def test_embedded_store_has_no_writes_to_pay() -> None:
    """Tests may run functions against one."""
    result = estimate(make_run(settings={"store": "sqlite:x"}), [row("a", billed())])
    assert result is not None
    assert result.writes == 0


def test_usd_of_a_thousand_cases() -> None:
    """A thousand cases of three seconds with 2 GB cost ten cents."""
    assert Cost(1_000, 6_000.0, 3_000).usd == pytest.approx(0.1021, abs=0.0001)


def test_transitions_of_children_rounds_and_polls_are_counted() -> None:
    """Of the frame, of two children of which one has a second round, and of twelve looks at a minute's run."""
    run = make_run(settings={"executor": "stepfunctions"}, finished_at=NOW + 60)
    rows = [row("a", billed(owner="lambda:1")), row("b", billed(owner="lambda:2"), billed(2, "lambda:3"))]
    result = estimate(run, rows)
    assert result is not None
    assert result.transitions == 11 + 3 * 3 + 2 * 1 + 3 * 13
    assert Cost(0, 0.0, 0, 1_000).usd == pytest.approx(0.025)
