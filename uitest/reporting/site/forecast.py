"""Estimates the remaining time of a run from the usual durations of its cases."""

from collections.abc import Callable, Sequence
from statistics import fmean

from uitest.jobs.outcome import UNFINISHED, fold, is_running
from uitest.model import JobRow, Run, elapsed_s


def time_left_s(run: Run, rows: Sequence[JobRow], usual_s: Callable[[str], float | None], now: float) -> float | None:
    """Seconds until the last case ends, None while no duration is known.

    ``usual_s`` returns the usual seconds of a job by key; for unknown ones the average of this run's attempts is used.
    The number of cases that run at once is assumed to stay the same, and further retries are not counted.
    """
    durations = [attempt.duration_s for row in rows for attempt in row.attempts]
    average = fmean(durations) if durations else None
    left, longest, lanes = 0.0, 0.0, 0
    for row in rows:
        if fold(row, run, now) not in UNFINISHED:
            continue
        seconds = usual_s(row.job.key)
        seconds = average if seconds is None else seconds
        if seconds is None:
            return None
        if is_running(row, now):
            lanes += 1
            seconds = max(seconds - elapsed_s(row.claimed_at or now, now), 0.0)
        left, longest = left + seconds, max(longest, seconds)
    return max(left / max(lanes, 1), longest)
