"""Estimates the AWS cost of a run from its recorded attempts: pure.

The init phase of an environment is billed with the first invocation that makes attempts in it, as far as the function
can measure it (see ``lambda_runner.init_phase``). Not included: reads, the run's header, files in S3, traffic,
invocations without work, the end of an invocation after its last report (some tenths of a second), lost attempts, whose
time is not recorded, and a state machine's own steps in Lambda and its retries after throttling.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from uitest.jobs.backoff import poll_count
from uitest.model import Attempt, JobRow, Run
from uitest.reporting.usage import prices

ROW_B = 400
"""Bytes of a job's row without attempts."""

EXECUTION_TRANSITIONS = 11
"""State transitions of an execution without its map's children and its polls, including the start."""
CHILD_TRANSITIONS, ROUND_TRANSITIONS, POLL_TRANSITIONS = 1, 3, 3
"""State transitions of a child (start and end, minus the pause that its first round lacks), of a round (pause,
invocation, check for unfinished jobs), and of a poll of the progress step."""

HEARTBEAT_S = 20.0
"""Interval of a worker's heartbeats."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Billed amounts, and their list price."""

    requests: int
    gb_s: float
    writes: int
    """Write request units."""
    transitions: int = 0
    """State transitions."""

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
    """The cost of a run in Lambda; None for a run without billed attempts."""
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
    duration_s = run.elapsed_s(run.beat_at or run.started_at)
    return (
        EXECUTION_TRANSITIONS
        + ROUND_TRANSITIONS * len(rounds)
        + CHILD_TRANSITIONS * children
        + POLL_TRANSITIONS * poll_count(duration_s)
    )


def _writes(row: JobRow) -> int:
    """Write request units of a job: its planning, and for each attempt claim, heartbeats and report."""
    units, size = 1, ROW_B
    finished = {attempt.number: attempt for attempt in row.attempts}
    for number in range(1, row.attempt + 1):
        attempt = finished.get(number)
        beats = int(attempt.duration_s / HEARTBEAT_S) if attempt else 0
        units += (1 + beats) * _kilobytes(size)
        if attempt:
            size += len(json.dumps(attempt.to_json()))
            units += _kilobytes(size)
    return units


def _kilobytes(size: int) -> int:
    return ceil(size / 1024)
