"""What a run cost in AWS, estimated from what its attempts recorded: pure.

Not in it: reads, the run's header, files in S3, traffic, deliveries that found nothing to do, the tail of an invocation
after its last report (some tenths of a second), the time of attempts that were lost, which nobody recorded, and a state
machine's own steps in Lambda and what it repeats after throttles.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from uitest.jobs.backoff import poll_count
from uitest.model import Attempt, JobRow, Run
from uitest.reporting import prices

ROW_B = 400
"""Bytes of a job's row without attempts."""

FRAME = 9
"""State transitions of an execution without its map and its looks, its start included."""
CHILD, ROUND, LOOK = 1, 3, 3
"""Of a child beside its rounds, of a round (a pause, an invocation, whether anything is left), of a look at the run.

A child is its start and its end, less the pause that its first round has not.
"""

BEAT_S = 20.0
"""How often a worker prolongs its lease."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Amounts, and what they come to at list price."""

    requests: int
    gb_s: float
    writes: int
    """Write request units."""
    transitions: int = 0
    """Of a state machine from state to state."""

    @property
    def usd(self) -> float:
        """US dollars."""
        return (
            self.requests * prices.LAMBDA_REQUEST
            + self.gb_s * prices.LAMBDA_GB_S
            + self.writes * prices.DYNAMODB_WRITE
            + self.transitions * prices.STATE_TRANSITION
        )


def estimate(run: Run, rows: Iterable[JobRow]) -> Cost | None:
    """The cost of a run that was made in Lambda, None for one whose attempts nobody billed."""
    rows = list(rows)
    billed = [attempt for row in rows for attempt in row.attempts if attempt.billed_s is not None]
    if not billed:
        return None
    return Cost(
        requests=len({attempt.owner for attempt in billed}),
        gb_s=round(sum((a.billed_s or 0.0) * (a.memory_mb or 0) / 1024 for a in billed), 3),
        writes=sum(map(_writes, rows)) if str(run.settings.get("store", "")).startswith("dynamodb:") else 0,
        transitions=_transitions(run, billed) if run.settings.get("executor") == "stepfunctions" else 0,
    )


def _transitions(run: Run, billed: Iterable[Attempt]) -> int:
    """State transitions of a run's execution and of its children, one for each item of its map."""
    rounds: dict[str, int] = {}
    for attempt in billed:
        rounds[attempt.owner] = min(attempt.number, rounds.get(attempt.owner, attempt.number))
    children = sum(number == 1 for number in rounds.values())
    took = max(0.0, (run.finished_at or run.beat_at or run.started_at) - run.started_at)
    return FRAME + ROUND * len(rounds) + CHILD * children + LOOK * poll_count(took)


def _writes(row: JobRow) -> int:
    """Write request units of a job: its planning, and for each attempt claim, heartbeats and report."""
    units, size = 1, ROW_B
    finished = {attempt.number: attempt for attempt in row.attempts}
    for number in range(1, row.attempt + 1):
        attempt = finished.get(number)
        beats = int(attempt.duration_s / BEAT_S) if attempt else 0
        units += (1 + beats) * _kilobytes(size)
        if attempt:
            size += len(json.dumps(attempt.to_json()))
            units += _kilobytes(size)
    return units


def _kilobytes(size: int) -> int:
    return ceil(size / 1024)
