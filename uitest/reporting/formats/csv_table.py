"""Converts a run into CSV with a line for each planned job.

A text that begins like a formula is prefixed with an apostrophe, because spreadsheets would evaluate it, and case ids
and errors may come from strangers. Trade-off: scripts that read such a text must remove the apostrophe.
"""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from uitest.jobs.outcome import fold, history
from uitest.model import JobRow, Run

COLUMNS = ("module", "case", "browser", "outcome", "attempts", "duration_s", "started_at", "worker", "error")


def table_csv(run: Run, rows: Iterable[JobRow], now: float) -> bytes:
    """UTF-8 with RFC 4180 line ends; columns from ``duration_s`` on describe the last attempt, times are UTC."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        attempts = history(row, now)
        last = attempts[-1] if attempts else None
        facts = (f"{last.duration_s:.3f}", _moment(last.started_at), last.owner, last.error or "") if last else [""] * 4
        cells = (row.job.module, row.job.case, row.job.browser, fold(row, run, now).value, str(len(attempts)), *facts)
        writer.writerow([_escaped(cell) for cell in cells])
    return text.getvalue().encode("utf-8", "replace")


def _escaped(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _moment(epoch: float) -> str:
    try:
        return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""  # a worker with a broken clock must not cost us the table
