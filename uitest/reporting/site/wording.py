"""Formats outcomes, times and durations for the pages."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from uitest.masking import masked
from uitest.model import Outcome

SYMBOLS: Mapping[str, str] = {
    Outcome.PASSED: "✓",
    Outcome.FLAKY: "≈",
    Outcome.SKIPPED: "–",
    Outcome.QUARANTINED: "‖",
    Outcome.FAILED: "✗",
    Outcome.ERROR: "!",
    Outcome.LOST: "?",
    Outcome.CANCELLED: "⊘",
    Outcome.RUNNING: "▸",
    Outcome.NOT_STARTED: "○",
}
"""A symbol for each outcome, so that colour is never the only distinction. Every system font has them."""

ORDER = (
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.LOST,
    Outcome.QUARANTINED,
    Outcome.FLAKY,
    Outcome.PASSED,
    Outcome.SKIPPED,
    Outcome.CANCELLED,
    Outcome.RUNNING,
    Outcome.NOT_STARTED,
)
"""Outcomes by urgency, the most urgent first."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def legible(text: str) -> bytes:
    """``text`` as UTF-8 without terminal colours, and with U+FFFD for characters that HTML or UTF-8 forbid."""
    return _CONTROLS.sub("\ufffd", _COLOURS.sub("", text)).encode("utf-8", "replace")


def clean(text: str) -> str:
    """``text`` without terminal colours, control characters and passwords in addresses."""
    return masked(_CONTROLS.sub("\ufffd", _COLOURS.sub("", text)))


def label(outcome: str) -> str:
    """The outcome in words."""
    return outcome.replace("_", " ")


def counted(number: int, noun: str) -> str:
    """``1 job``, ``2 jobs``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def say(counts: Mapping[str, int]) -> str:
    """``2 failed, 57 passed``: the counts above zero, worst first; empty if there are none."""
    return ", ".join(f"{counts[outcome]:,} {label(outcome)}" for outcome in ORDER if counts.get(outcome))


def span(seconds: float | None) -> str:
    """A duration for people: ``0.42 s``, ``12.3 s``, ``2 min 05 s``, ``1 h 02 min``; a dash for None."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    seconds = max(seconds, 0.0)
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _moment(epoch: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError):
        return None  # a worker's wrong clock must not prevent the page


def iso(epoch: float) -> str:
    """For ``<time datetime>``: ``2026-01-31T08:15:00Z``; empty for times out of range."""
    moment = _moment(epoch)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def utc(epoch: float) -> str:
    """For people without JavaScript: ``2026-01-31 08:15:00 UTC``."""
    moment = _moment(epoch)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else "unknown time"
