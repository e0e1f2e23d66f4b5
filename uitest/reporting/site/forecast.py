"""How long a run will go on, judged by how long its cases usually take."""

from collections.abc import Callable, Sequence
from statistics import fmean

from uitest.jobs.outcome import UNFINISHED, fold, is_running
from uitest.model import JobRow, Run


def time_left_s(run: Run, rows: Sequence[JobRow], usual_s: Callable[[str], float | None], now: float) -> float | None:
    """Seconds until the last case ends, None while nothing is known.

    ``usual_s`` has the usual seconds of a job by key; one it does not know is taken to last as long as this run's
    attempts do on average. As many cases are taken to run on at once as do now. Retries to come are not counted.
    """
    took = [attempt.duration_s for row in rows for attempt in row.attempts]
    average = fmean(took) if took else None
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
            seconds = max(seconds - (now - (row.claimed_at or now)), 0.0)
        left, longest = left + seconds, max(longest, seconds)
    return max(left / max(lanes, 1), longest)
